/** The log as the page shows it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { RecentLines } from "../../../src/log/recent_lines.ts";
import { HttpRig, PLEX_TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;

function said(html: string): string[] {
  return [...html.matchAll(/<li data-key="line-\d+".*?<\/span> (.*?)<\/li>/g)].map(([, text]) =>
    text!
  );
}

Deno.test("the log shows its last lines, the newest first, by level and text", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  rig.log.info("An apple");
  rig.log.warning("A Pear", { event: "fruit", scene_id: "7" });
  rig.log.error("A plum");
  const texts = async (query: string) => said((await browser.get(`/log${query}`)).html);
  assertEquals((await texts("")).slice(0, 3), ["A plum", "A Pear scene_id=7", "An apple"]);
  assertEquals(await texts("?level=warning"), ["A plum", "A Pear scene_id=7"]);
  assertEquals(await texts("?level=nonsense&text=pear"), ["A Pear scene_id=7"]);
  assertMatch((await browser.get("/log?text=nothing+like+it")).html, /No line fits/);
});

Deno.test("the log on the page holds no secret, no plain path where those are hidden, no script", async () => {
  await using rig = await HttpRig.open({ obfuscatePaths: true });
  const browser = await PageBrowser.signedIn(rig);
  rig.log.info(`${SCRIPT} ${PLEX_TOKEN}`, { event: "x", path: "/data/private/name.mp4" });
  const { html } = await browser.get("/log");
  assertMatch(html, /&lt;script&gt;/);
  assertLacks(html, /<script>|<img/);
  assertLacks(html, new RegExp(PLEX_TOKEN));
  assertLacks(html, /private/);
});

Deno.test("a page with the log goes along with it", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  await using watch = await browser.watch("/log?text=fresh");
  assertMatch((await watch.next())!.data, /No line fits/);
  rig.log.info("Something fresh");
  assertMatch((await watch.next())!.data, /Something fresh/);
});

Deno.test("of the log no more than the last 1,000 lines are held, each within bounds", async () => {
  const recent = new RecentLines();
  const filter = { level: "trace", text: "" } as const;
  for (let n = 0; n < 2_500; n++) {
    recent.add({ at: n, level: "info", component: "Main", text: String(n) });
  }
  const all = recent.list(filter, 5_000).map(({ text }) => Number(text));
  assertEquals([all.length, all[0], all.at(-1)], [1_000, 2_499, 1_500]);
  assertEquals(recent.list(filter, 3).length, 3);
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  rig.log.info("x".repeat(100_000));
  const [longest] = said((await browser.get("/log?text=xxx")).html);
  assert(longest!.length <= 2_048, String(longest!.length));
});
