import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { generateLibrary } from "../../sim/library.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { TARGET } from "../../one_target.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";
import { PageServers } from "./page_servers.ts";

/** The page between both servers; scene 1 may be item 1. */
async function withServers(
  use: (world: Pick<PageServers, "rig" | "plex" | "stash"> & { browser: PageBrowser }) => Promise<
    void
  >,
  /** Of scene 1; null for none. */
  cover?: null,
): Promise<void> {
  const library = generateLibrary({ scenes: 3, seed: 4 });
  const scenes = cover === null
    ? library.scenes.map((scene) => ({ ...scene, cover }))
    : library.scenes;
  await using servers = await PageServers.start({ ...library, scenes });
  const { rig, plex, stash } = servers;
  const [{ path, size, durationMs }] = library.plexItems[0]!.files as [
    { path: string; size: number; durationMs: number },
  ];
  const file = { path, size, durationMs };
  noteScenes(rig.store.database, [sampleScene({ id: "1", files: [file] })], Date.now());
  rig.store.of(TARGET).index.put([{ ...file, item: "1", section: "1" }], Date.now());
  await use({ rig, browser: await PageBrowser.signedIn(rig), plex, stash });
}

Deno.test("near items are shown with title and poster, and the browser is told no token", async () => {
  await withServers(async ({ rig, browser, plex, stash }) => {
    const { html } = await browser.get("/scenes/1");
    assertStringIncludes(html, `>${plex.items()[0]!.title}</small>`);
    const paths = [...html.matchAll(/<img src="([^"]+)"/g)].map(([, path]) => path!);
    assertEquals(paths, ["/pictures/scenes/1", "/pictures/items/plex/1"]);
    for (const path of paths) {
      const { status, headers } = await browser.get(path);
      assertEquals(status, 200, path);
      assertMatch(headers.get("content-type")!, /^image\/(jpeg|png|webp)$/);
      assertMatch(headers.get("cache-control")!, /^private, max-age=\d+$/);
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      const stranger = new PageBrowser(rig);
      assertEquals((await stranger.get(path)).status, 303);
      for (const secret of [plex.token, stash.apiKey, plex.url, stash.url]) {
        assertLacks([...headers].join(), new RegExp(secret));
      }
    }
    assertLacks(html, new RegExp(`${plex.token}|${stash.apiKey}`));
    const asked = plex.requests().map(({ path }) => path);
    assert(asked.some((path) => path.startsWith("/photo/:/transcode")), "scaled down by Plex");
  });
});

Deno.test("the unmatched do not wait for a slow Plex: titles find their place when they come", async () => {
  await withServers(async ({ rig, browser, plex }) => {
    rig.store.database.prepare(
      `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
         retry_count, hint, failed_at) VALUES (1, '1', ?, '{}', 'PlexNotFound', 'None', 0, '', 0)`,
    ).run(TARGET);
    plex.setFaults([{ path: "/library/metadata", delay_ms: 600 }]);
    const title = `>${plex.items()[0]!.title}</small>`;
    const { html } = await browser.get("/unmatched");
    assertMatch(html, /name="item" value="1"/);
    assert(!html.includes(title));
    await using watch = await browser.watch("/unmatched");
    for (let data = ""; !data.includes(title);) data = (await watch.next())!.data;
  });
});

for (
  const path of [
    "/pictures/items/plex/999",
    "/pictures/items/plex/..",
    "/pictures/items/plex/1%2F..%2F..",
    "/pictures/scenes/999",
    "/pictures/scenes/1%2F",
  ]
) {
  Deno.test(`there is no picture at ${path}`, async () => {
    await withServers(async ({ browser }) => {
      assertEquals((await browser.get(path)).status, 404);
    });
  });
}

Deno.test("a drawing is no picture: it might hold script", async () => {
  await withServers(async ({ browser }) => {
    assertEquals((await browser.get("/pictures/scenes/1")).status, 404);
  }, null);
});

Deno.test("what Plex says is a drawing, or a page, is not passed on as a picture", async () => {
  await withServers(async ({ browser, plex }) => {
    for (const type of ["image/svg+xml", "text/html"]) {
      const body = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
      plex.setFaults([{ path: "/photo/", status: 200, body, content_type: type }]);
      assertEquals((await browser.get("/pictures/items/plex/1")).status, 404, type);
    }
    plex.setFaults([]);
    assertEquals((await browser.get("/pictures/items/plex/1")).status, 200);
  });
});

Deno.test("with both servers down the screen is shown, without titles and pictures", async () => {
  await withServers(async ({ browser, plex, stash }) => {
    await Promise.all([plex.close(), stash.close()]);
    const { status, html } = await browser.get("/scenes/1");
    assertEquals(status, 200);
    assertStringIncludes(html, "/pictures/items/plex/1");
    for (const path of ["/pictures/scenes/1", "/pictures/items/plex/1"]) {
      assertEquals((await browser.get(path)).status, 404);
    }
  });
});

Deno.test("pictures that are asked for all at once wait for their turn, and hold up no hook", async () => {
  await withServers(async ({ browser, plex, rig }) => {
    plex.setFaults([{ path: "/photo/", delay_ms: 50 }]);
    const all = Array.from({ length: 40 }, () => browser.get("/pictures/items/plex/1"));
    const poke = await rig.send("/api/sync", { body: JSON.stringify({ scenes: ["7"] }) });
    assertEquals(poke.status, 200);
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    assertEquals([...new Set(statuses)], [200]);
  });
});

Deno.test("a picture that is too large, cut off or too late is none", async () => {
  await withServers(async ({ browser, plex, rig }) => {
    const cases = [
      { body: "x".repeat(2_200_000), content_type: "image/jpeg", status: 200 },
      { hang: "body" },
      { close: "body" },
      { hang: true },
      { status: 500 },
    ];
    for (const fault of cases) {
      // Read before, so that only the picture itself is late.
      await browser.get("/scenes/1");
      plex.setFaults([{ path: "/photo/", ...fault }]);
      rig.hurry = "hang" in fault;
      const { status } = await browser.get("/pictures/items/plex/1");
      assertEquals(status, 404, JSON.stringify(fault).slice(0, 60));
      rig.hurry = false;
    }
    plex.setFaults([]);
    assertEquals((await browser.get("/pictures/items/plex/1")).status, 200);
  });
});
