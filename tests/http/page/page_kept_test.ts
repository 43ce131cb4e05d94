/** What a real browser keeps of the page, and how it reads what is foreign in it. */
import { assert, assertEquals } from "@std/assert";
import { instant } from "../../../src/core/text/wording.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { TARGET } from "../../one_target.ts";
import { generateLibrary } from "../../sim/library.ts";
import { Chromium, findChromium } from "./chromium.ts";
import { type HttpRig, TOKEN } from "../http_rig.ts";
import { PageServers } from "./page_servers.ts";

const path = findChromium();

/** A browser that is signed in, on a page where scene 1 may be item 1. */
function keptTest(promise: string, body: (browser: Chromium, rig: HttpRig) => Promise<void>): void {
  Deno.test({
    name: path === undefined ? `${promise} (no Chromium here)` : promise,
    ignore: path === undefined,
    async fn() {
      const library = generateLibrary({ scenes: 3, seed: 4 });
      const scenes = library.scenes.map((scene) => ({ ...scene, cover: null }));
      await using servers = await PageServers.start({ ...library, scenes });
      const { rig } = servers;
      const [{ path: file, size, durationMs }] = library.plexItems[0]!.files as [
        { path: string; size: number; durationMs: number },
      ];
      const files = [{ path: file, size, durationMs }];
      noteScenes(rig.store.database, [sampleScene({ id: "1", title: "Film 1", files })], 1);
      rig.store.of(TARGET).index.put([{ ...files[0]!, item: "1", section: "1" }], 1);
      await using browser = await Chromium.open(path!);
      await browser.goto(`http://127.0.0.1:${rig.port}/sign-in`);
      await browser.type("#token", TOKEN);
      await browser.follow("main button");
      await body(browser, rig);
    },
  });
}

keptTest(
  "after a sign-out neither the way back nor a picture shows what was seen before",
  async (browser, rig) => {
    await browser.goto(`http://127.0.0.1:${rig.port}/scenes/1`);
    const picture =
      `fetch("/pictures/items/plex/1", { redirect: "manual" }).then((got) => got.type)`;
    assertEquals(await browser.evaluate(picture), "basic");
    const asked = () =>
      browser.asked.filter((url) => url.endsWith("/pictures/items/plex/1")).length;
    assert(asked() > 0);
    await browser.follow(`form[action="/sign-out"] button`);
    assertEquals(await browser.evaluate(picture), "opaqueredirect");
    await browser.leave("history.back()");
    assertEquals(await browser.evaluate("document.querySelector('h1').textContent"), "Sign in");
  },
);

keptTest(
  "a text that is written from right to left turns no text around it",
  async (browser, rig) => {
    rig.store.database.prepare(
      `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
       retry_count, hint, failed_at) VALUES (1, '1', ?, '{}', 'PlexNotFound', ?, 0, '', ?)`,
    ).run(TARGET, "No item has /data/\u202egpj.mp4", Date.now() - 3_600_000);
    await browser.goto(`http://127.0.0.1:${rig.port}/unmatched`);
    // Where "G" and "p" of "Given up" stand.
    const [first, last] = await browser.evaluate<[number, number]>(`(() => {
    const text = [...document.querySelectorAll("section.card .faint")]
      .find((each) => each.textContent.startsWith("Given up")).firstChild;
    return [0, 7].map((at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect().x;
    });
  })()`);
    assert(first < last, `${first} ${last}`);
  },
);

keptTest("the charts go by the same clock as all other times of the page", async (browser, rig) => {
  await browser.moveTo("Pacific/Kiritimati");
  await browser.goto(`http://127.0.0.1:${rig.port}/?over=1h`);
  await browser.until(`document.querySelector(".u-over") !== null`);
  await browser.point(".u-over");
  const legend = `document.querySelector(".u-legend .u-value").textContent`;
  await browser.until(`/\\d:\\d/.test(${legend})`);
  const { at } = await browser.evaluate<{ at: number[] }>(
    `JSON.parse(document.querySelector("[data-chart]").dataset.chart)`,
  );
  const shown = await browser.evaluate<string>(legend);
  const own = at.map((seconds) => instant(seconds * 1000).slice(0, -3));
  assert(own.includes(shown), `${shown} is none of ${own.join()}`);
});
