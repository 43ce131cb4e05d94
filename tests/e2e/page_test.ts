/** The status page of a daemon that works. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PageBrowser } from "../http/page/page_browser.ts";
import { tokenOf, withListener } from "./listening.ts";
import { until, type World } from "./world.ts";

async function withPage(
  world: World,
  url: string,
  use: (browser: PageBrowser) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const daemon = await world.start(["run"], { env });
  await daemon.stderr.line("HTTP listens on 127.0.0.1:");
  await use(await PageBrowser.signedIn({ port: Number(new URL(url).port) }, tokenOf(world)));
  daemon.kill("SIGTERM");
  assertEquals((await daemon.result).code, 0);
}

Deno.test("the page shows what an undo would bring back, and the daemon does it", async () => {
  await withListener({ scenes: 3, seed: 5 }, async (world, url) => {
    const { path } = world.library.scenes[0]!.files![0]!;
    const item = () => world.plex.items().find(({ files }) => files.includes(path))!;
    const before = item().title;
    await world.syncAll();
    const { title } = world.library.scenes[0]!;
    assertEquals(item().title, title);
    await withPage(world, url, async (browser) => {
      const { html } = await browser.get("/scenes/1");
      assertStringIncludes(html, `href="/scenes/1/undo?last=1"`);
      let seen = "";
      for (const which of ["", "?last=1"]) {
        const shown = (await browser.get(`/scenes/1/undo${which}`)).html;
        assertMatch(shown, /<td[^>]*>title<\/td>/);
        seen = /name="seen" value="([^"]+)"/.exec(shown)![1]!;
        assertStringIncludes(shown, `>${before}</td>`);
        assertEquals(item().title, title, "a look changes nothing");
      }
      const csrf = await browser.csrf();
      const answer = await browser.post("/scenes/1/undo", { csrf, seen, last: "1" });
      assertEquals(answer.headers.get("location"), "/scenes/1?did=undone-1");
      await until("the old title", () => item().title === before);
      await until("the undo's end", async () => {
        const { html } = await browser.get("/scenes/1/undo?last=1");
        return !/<td[^>]*>title<\/td>/.test(html);
      });
      assertStringIncludes((await browser.get("/scenes/1?ask=1")).html, "undone by you");
    });
  });
});

Deno.test("rules for paths that fit are offered, and used by one click without a restart", async () => {
  const roots = { stashRoot: "/data/scenes", plexRoot: "/media/Films" };
  const wrong = [{ stash: "/data", plex: "/wrong" }];
  await withListener({ scenes: 15, seed: 5, ...roots }, async (world, url) => {
    const file = world.path("plexsync.toml");
    const own = `# ours\npath_map = [{ stash = "/data", plex = "/wrong" }]\n`;
    await Deno.writeTextFile(file, own + await Deno.readTextFile(file));
    await world.expect(0, "sync", "--all", "--yes");
    await withPage(world, url, async (browser) => {
      const shown = await until("the advice", async () => {
        const { html } = await browser.get("/unmatched");
        return html.includes("Other rules for paths would find more") && html;
      });
      assertStringIncludes(shown, ">/data/scenes</td>");
      assertStringIncludes(shown, "fits 15 of 15 files");
      const csrf = await browser.csrf();
      const old = await browser.post("/paths", { csrf, rules: JSON.stringify(wrong) });
      assertEquals(old.status, 409);
      const [, rules] = /name="rules" value="([^"]+)"/.exec(shown)!;
      const answer = await browser.post("/paths", {
        csrf,
        rules: rules!.replaceAll("&quot;", '"'),
      });
      assertEquals(answer.headers.get("location"), "/unmatched?did=mapped-1");
      const text = await Deno.readTextFile(file);
      assertMatch(
        text,
        /^# ours\npath_map = \[\{ stash = "\/data\/scenes", plex = "\/media\/Films" \}\]\n/,
      );
      await until("all to be synced", async () => (await world.differences()).length === 0);
      assertEquals((await browser.get("/unmatched")).html.includes("Other rules"), false);
    });
  });
});

Deno.test("rules for paths that the environment sets are not written where they would not hold", async () => {
  const roots = { stashRoot: "/data/scenes", plexRoot: "/media/Films" };
  await withListener({ scenes: 12, seed: 5, ...roots }, async (world, url) => {
    await world.expect(0, "sync", "--all", "--yes");
    const env = { PLEXSYNC_PATH_MAP: "/data=/wrong" };
    await withPage(world, url, async (browser) => {
      const shown = await until("the advice", async () => {
        const { html } = await browser.get("/unmatched");
        return html.includes("Other rules for paths would find more") && html;
      });
      const [, rules] = /name="rules" value="([^"]+)"/.exec(shown)!;
      const fields = { csrf: await browser.csrf(), rules: rules!.replaceAll("&quot;", '"') };
      const { status, html } = await browser.post("/paths", fields);
      assertEquals(status, 409);
      assertStringIncludes(html, "PLEXSYNC_PATH_MAP goes before it");
    }, env);
  });
});
