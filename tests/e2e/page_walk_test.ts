/** What a new user does on the page, with a real browser, the real daemon and no README. */
import { assertEquals, assertMatch } from "@std/assert";
import { Chromium, findChromium } from "../http/page/chromium.ts";
import { tokenOf, withListener } from "./listening.ts";
import { until } from "./world.ts";

const chromium = findChromium();
const PROMISE = "a new user sets right by the page alone what is wrong with 3 % of a library";

Deno.test({
  name: chromium === undefined ? `${PROMISE} (no Chromium here)` : PROMISE,
  ignore: chromium === undefined,
  async fn() {
    const config = { path_map: "/data=/wrong" };
    const roots = { stashRoot: "/data/scenes", plexRoot: "/media/Films" };
    await withListener(
      { scenes: 200, seed: 5, ambiguous: 6, ...roots, config },
      async (world, url) => {
        const { ambiguousIds } = world.library;
        const refusing = ["50", "51", "52", "53", "54", "55"];
        world.plex.setFaults(refusing.map((item) => ({ item, method: "PUT", status: 400 })));
        await world.expect(0, "sync", "--all", "--yes");
        const daemon = await world.start(["run"]);
        await daemon.stderr.line("HTTP listens on 127.0.0.1:");
        await until("the rules to be seen as wrong", () =>
          world.query<{ n: number }>(
            "SELECT count(*) n FROM meta WHERE key LIKE '%unfit_setup'",
          )[0]!
            .n === 1);
        await using browser = await Chromium.open(chromium!);
        const text = () => browser.evaluate<string>("document.querySelector('main').innerText");
        const nav = async (name: string) => await browser.follow(`nav a[href="${name}"]`);

        await browser.goto(url);
        await browser.type("#token", tokenOf(world));
        await browser.follow("main button");
        assertMatch(await text(), /is where Plex should have it/);
        await browser.follow(`.problems a[href="/unmatched"]`);
        assertMatch(await text(), /fits \d+ of \d+ files/);
        await browser.follow(`form[action="/paths"] button`);
        assertMatch(await text(), /path_map is set/);

        const letters = (type: string) =>
          world.query<{ n: number }>(
            "SELECT count(*) n FROM dead_letters WHERE error_type = ?",
            type,
          )[0]!.n;
        await until(
          "all that fails to fail",
          () =>
            letters("AmbiguousMatch") === 6 && letters("PlexPermanentError") === refusing.length,
        );
        await nav("/unmatched");
        for (let n = 0; n < 5; n++) {
          await browser.follow(`.near button[name="item"]`);
          assertMatch(await text(), /Scene \d+ is pinned, and queued/);
          await until("the pinned to be synced", () => letters("AmbiguousMatch") === 5 - n);
          await nav("/unmatched");
        }

        world.plex.setFaults([]);
        await nav("/dead-letters");
        await browser.follow(`[data-key="type-PlexPermanentError"] button`);
        assertMatch(await text(), /Retry 6 dead letters\?/);
        await browser.follow("main form .row button");
        await until("the queue to drain", () => letters("PlexPermanentError") === 0);
        await nav("/");
        await browser.until(
          `/dead letters\\s+1\\s/.test(document.querySelector(".counts").innerText)`,
        );
        await until("all but one to be synced", async () => {
          const left = await world.differences();
          return left.length === 0;
        });
        assertEquals(world.query("SELECT scene_id FROM pins").length, 5);
        assertEquals(ambiguousIds.length, 6);
        // The browser's own remark on a sign-in page that it came to by a link.
        const harmless = /^Autofocus/;
        const complaints = browser.complaints.filter((each) => !harmless.test(each));
        daemon.kill("SIGTERM");
        const { code, stderr } = await daemon.result;
        assertEquals(complaints, [], stderr);
        assertEquals(code, 0);
      },
    );
  },
});
