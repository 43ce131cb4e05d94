/** The status page of a daemon that works. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PageBrowser } from "../http/page_browser.ts";
import { tokenOf, withListener } from "./listening.ts";
import { until, type World } from "./world.ts";

async function withPage(
  world: World,
  url: string,
  use: (browser: PageBrowser) => Promise<void>,
): Promise<void> {
  const daemon = await world.start(["run"]);
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
      for (const which of ["", "?last=1"]) {
        const shown = (await browser.get(`/scenes/1/undo${which}`)).html;
        assertMatch(shown, /<td[^>]*>title<\/td>/);
        assertStringIncludes(shown, `>${before}</td>`);
        assertEquals(item().title, title, "a look changes nothing");
      }
      const csrf = await browser.csrf();
      const answer = await browser.post("/scenes/1/undo", { csrf, last: "1" });
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
