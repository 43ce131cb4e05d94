import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HINTS } from "../../../src/core/failures/hints.ts";
import type { Scene } from "../../../src/core/sync/scene.ts";
import { generateLibrary } from "../../sim/library.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { HttpRig } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";
import { PageServers } from "./page_servers.ts";
import { TARGET } from "../../one_target.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";

const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
const FILE = { path: "/data/cat.mp4", size: 1_500_000_000, durationMs: 65_000 };

function noteScene(rig: HttpRig, id: string, over: Partial<Scene> = {}): void {
  noteScenes(
    rig.store.database,
    [sampleScene({ id, title: `Film ${id}`, files: [FILE], ...over })],
    Date.now(),
  );
}

function putItem(rig: HttpRig, item: string, path: string, over: Partial<typeof FILE> = {}): void {
  rig.store.of(TARGET).index.put([{ ...FILE, ...over, path, item, section: "1" }], Date.now());
}

function giveUp(rig: HttpRig, scenes: readonly string[], message = "No item has the file"): void {
  for (const scene of scenes) {
    rig.store.database.prepare(
      `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
         retry_count, hint, failed_at) VALUES (1, ?, ?, '{}', 'PlexNotFound', ?, 0, ?, ?)`,
    ).run(scene, TARGET, message, HINTS.PlexNotFound, Date.now());
  }
}

function letWait(rig: HttpRig, scenes: readonly string[]): void {
  rig.store.jobs.enqueue(scenes, "bulk", Date.now());
  rig.store.database.prepare("UPDATE jobs SET state = 'waiting', next_retry_at = 5").run();
}

/** Writes one title after the other to item 5, as the journal keeps it. */
function writeTitles({ store }: HttpRig, scene: string, titles: readonly string[]): void {
  titles.slice(1).forEach((title, at) => {
    store.database.prepare(
      `INSERT INTO writes (id, at, cause, scene_id, target, item, section, files)
         VALUES (?, ?, 'bulk', ?, ?, '5', '1', '[]')`,
    ).run(at + 1, at, scene, TARGET);
    const [before, after] = [JSON.stringify([titles[at]]), JSON.stringify([title])];
    store.database.prepare(
      `INSERT INTO journal (write_id, field, before, sure, sent, stood, locked_before, locked_after)
         VALUES (?, 'title', ?, 1, ?, ?, 0, 1)`,
    ).run(at + 1, before, after, after);
  });
}

Deno.test("an unmatched scene stands beside the files that may be its own", async () => {
  await using rig = await HttpRig.open({ stashUrl: "http://stash.example" });
  noteScene(rig, "7");
  putItem(rig, "300", "/media/other/cat.mp4");
  putItem(rig, "301", "/media/dog.mp4", { size: 5, durationMs: 7 });
  giveUp(rig, ["7"]);
  const { html } = await (await PageBrowser.signedIn(rig)).get("/unmatched");
  for (const text of ["Film 7", "/data/cat.mp4", "1.4 GiB", "1m 5s", "/media/other/cat.mp4"]) {
    assertStringIncludes(html, text);
  }
  assertMatch(html, /name="item" value="300"/);
  assertLacks(html, /dog\.mp4/);
});

Deno.test("the lists of the unmatched are apart, say how many, and go on by key", async () => {
  await using rig = await HttpRig.open();
  const ids = (from: number) => Array.from({ length: 45 }, (_, n) => String(from + n));
  giveUp(rig, ids(1));
  letWait(rig, ids(101));
  const browser = await PageBrowser.signedIn(rig);
  for (const [list, from] of [["given-up", 1], ["waiting", 101]] as const) {
    const seen: string[] = [];
    let path: string | undefined = `/unmatched?list=${list}`;
    for (let pages = 0; path !== undefined; pages++) {
      assert(pages < 3, "at most three pages");
      const { html } = await browser.get(path);
      assertStringIncludes(html, "Given up (45)");
      assertStringIncludes(html, "Waiting (45)");
      seen.push(...[...html.matchAll(/href="\/scenes\/(\d+)"/g)].map(([, id]) => id!));
      path = /href="([^"]+)">More of them/.exec(html)?.[1]?.replaceAll("&amp;", "&");
    }
    assertEquals(seen.sort((a, b) => Number(a) - Number(b)), ids(from));
  }
});

Deno.test("without unmatched scenes the lists say so", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  assertStringIncludes((await browser.get("/unmatched")).html, "No scene was given up");
  assertStringIncludes((await browser.get("/unmatched?list=waiting")).html, "No scene waits");
});

Deno.test("a scene is queued by a button, and by a number that nobody had to do with", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const { status, html } = await browser.get("/scenes/12");
  assertEquals(status, 200);
  assertStringIncludes(html, "Its files are not known yet");
  const csrf = await browser.csrf();
  const answer = await browser.post("/scenes/12/sync", { csrf });
  assertStringIncludes((await browser.follow(answer)).html, "Scene 12 is queued");
  assertEquals([rig.queued(), rig.worker.woken], [["12"], 1]);
  for (const path of ["/scenes/0", "/scenes/x", "/scenes/1%2F2"]) {
    assertEquals((await browser.get(path)).status, 404);
  }
});

Deno.test("a server that is down is said on the scene's page, and the rest is shown", async () => {
  await using rig = await HttpRig.open({
    plexUrl: "http://127.0.0.1:1",
    stashUrl: "http://127.0.0.1:1",
  });
  noteScene(rig, "7");
  const browser = await PageBrowser.signedIn(rig);
  const { status, html } = await browser.get("/scenes/7?ask=1");
  assertEquals(status, 200);
  assertMatch(html, /class="notice bad"><span class="private">[^<]*Stash/);
  assertStringIncludes(html, "/data/cat.mp4");
  const csrf = await browser.csrf();
  const failed = await browser.post("/scenes/7/pin", { csrf, item: "300" });
  assertEquals(failed.status, 502);
  assertMatch(failed.html, /role="alert"><span class="private">[^<]*Stash/);
});

Deno.test("what a sync would change is asked of the servers, and a scene is pinned by a click", async () => {
  const library = generateLibrary({ scenes: 3, seed: 4, ambiguous: 1 });
  await using servers = await PageServers.start(library);
  const { rig, plex } = servers;
  const browser = await PageBrowser.signedIn(rig);
  const [id] = library.ambiguousIds;
  const { html } = await browser.get(`/scenes/${id}?ask=1`);
  assertMatch(html, /items fit it equally well: nothing is written/);
  const clear = library.scenes.map((scene) => String(scene.id)).find((each) => each !== id)!;
  const sides = (await browser.get(`/scenes/${clear}?ask=1`)).html;
  const title = library.scenes.find((each) => String(each.id) === clear)!.title!;
  const [cells] = /<tr><td[^>]*>title<\/td>.*?<\/tr>/.exec(sides)!;
  for (const text of [`>${title}</td>`, ">never</td>", ">writes it</td>"]) {
    assertStringIncludes(cells, text);
  }
  const link = `${plex.url}/web/index.html#!/server/${plex.machineIdentifier}/details`;
  assertStringIncludes(sides, `href="${link}?key=%2Flibrary%2Fmetadata%2F`);
  giveUp(rig, [id!]);
  const shown = await browser.get("/unmatched");
  const item = /name="item" value="(\d+)"/.exec(shown.html)![1]!;
  const csrf = await browser.csrf();
  const fields = { csrf, item, target: TARGET, back: "/unmatched?list=given-up" };
  const answer = await browser.post(`/scenes/${id}/pin`, fields);
  assertEquals(answer.headers.get("location"), `/unmatched?list=given-up&did=pinned-${id}`);
  assertStringIncludes((await browser.follow(answer)).html, `Scene ${id} is pinned`);
  assertEquals([rig.queued().includes(id!), rig.worker.woken], [true, 1]);
  assertStringIncludes((await browser.get(`/scenes/${id}`)).html, `pinned to item ${item}`);
  await browser.post(`/scenes/${id}/unpin`, { csrf });
  assertLacks((await browser.get(`/scenes/${id}`)).html, /pinned to/);
  const none = await browser.post(`/scenes/${id}/pin`, { csrf, none: "1", item: "" });
  assertStringIncludes((await browser.follow(none)).html, "ignored: nothing is written for it");
  assertStringIncludes((await browser.get(`/scenes/${id}`)).html, "Ignore it no longer");
});

for (const item of ["", "../1", "12 or more"]) {
  Deno.test(`a scene is pinned to no "${item}"`, async () => {
    await using rig = await HttpRig.open();
    const browser = await PageBrowser.signedIn(rig);
    const csrf = await browser.csrf();
    assertEquals((await browser.post("/scenes/7/pin", { csrf, item })).status, 400);
  });
}

Deno.test("a pinned scene says so while it is still in the list of those without an item", async () => {
  await using rig = await HttpRig.open();
  noteScene(rig, "7");
  giveUp(rig, ["7"]);
  const browser = await PageBrowser.signedIn(rig);
  assertMatch((await browser.get("/unmatched")).html, />Ignore it</);
  const pin = { scene_id: "7", item: "300", paths: [], files: [FILE], made_at: 0 };
  rig.store.of(TARGET).pins.put(pin);
  const { html } = await browser.get("/unmatched");
  assertMatch(html, /notice good">Pinned by you to item 300: it leaves this list when/);
  assertLacks(html, />Ignore it</);
});

Deno.test("the unmatched are kept up to date while the page is open, and no server is asked", async () => {
  const library = generateLibrary({ scenes: 2, seed: 4, ambiguous: 1 });
  await using servers = await PageServers.start(library);
  const { rig, plex } = servers;
  const [id] = library.ambiguousIds;
  const scene = library.scenes.find((each) => String(each.id) === id)!;
  const { path, size, duration } = scene.files![0] as {
    path: string;
    size: number;
    duration: number;
  };
  const durationMs = Math.round(duration * 1000);
  noteScene(rig, id!, { files: [{ path, size, durationMs }] });
  putItem(rig, "1", `/media/${path}`, { size, durationMs });
  giveUp(rig, [id!]);
  const browser = await PageBrowser.signedIn(rig);
  assertMatch((await browser.get("/unmatched")).html, /Given up \(1\)/);
  const asked = plex.requests().length;
  await using watch = await browser.watch("/unmatched");
  assertMatch((await watch.next())!.data, /Given up \(1\)/);
  rig.store.database.exec("DELETE FROM dead_letters");
  for (let data = ""; !/Given up \(0\)/.test(data);) data = (await watch.next())!.data;
  assertEquals(plex.requests().length, asked);
});

Deno.test("of a scene that nothing was written for nothing is taken back", async () => {
  await using rig = await HttpRig.open({ plexUrl: "http://127.0.0.1:1" });
  const browser = await PageBrowser.signedIn(rig);
  const { html } = await browser.get("/scenes/7/undo");
  assertStringIncludes(html, "There is nothing to take back");
  assertLacks(html, />Take it back</);
  const csrf = await browser.csrf();
  assertEquals((await browser.post("/scenes/7/undo", { csrf })).status, 409);
});

for (
  const { when, change } of [
    { when: "was carried out", change: "UPDATE journal SET undone_by = 3 WHERE write_id = 2" },
    {
      when: "was overtaken by a write",
      change: `INSERT INTO writes (id, at, cause, scene_id, target, item, section, files)
          SELECT 9, 5, cause, scene_id, target, item, section, files FROM writes WHERE id = 2;
        INSERT INTO journal (write_id, field, before, sure, sent, stood, locked_before, locked_after)
          SELECT 9, field, before, sure, sent, stood, locked_before, locked_after
          FROM journal WHERE write_id = 2`,
    },
  ]
) {
  for (const which of ["", "?last=1"]) {
    Deno.test(`a question what to take back${which} that ${when} takes back nothing more`, async () => {
      await using rig = await HttpRig.open();
      writeTitles(rig, "7", ["a", "b", "c"]);
      const browser = await PageBrowser.signedIn(rig);
      const { html } = await browser.get(`/scenes/7/undo${which}`);
      const fields = new URLSearchParams(
        [...html.matchAll(/<input type="hidden" name="(csrf|seen|last)" value="([^"]*)"/g)]
          .map(([, name, value]) => [name!, value!]),
      );
      rig.store.database.exec(change);
      const { status, html: said } = await browser.post("/scenes/7/undo", fields);
      assertEquals(status, 409);
      assertStringIncludes(said, "not what was shown");
      assertEquals(rig.queued(), []);
    });
  }
}

Deno.test("script in titles and tags that Stash tells stays text", async () => {
  const library = generateLibrary({ scenes: 1, seed: 4 });
  const scenes = library.scenes.map((scene) => ({ ...scene, title: SCRIPT, tags: [SCRIPT] }));
  await using servers = await PageServers.start({ ...library, scenes });
  const { rig } = servers;
  const { html } = await (await PageBrowser.signedIn(rig)).get("/scenes/1?ask=1");
  const [tags] = /<tr><td[^>]*>tags<\/td>.*?<\/tr>/.exec(html)!;
  assertStringIncludes(tags, "&lt;script&gt;");
  assertLacks(html, /<script>|<img src=x/);
});

Deno.test("script in titles and paths of scenes and items stays text", async () => {
  await using rig = await HttpRig.open();
  noteScene(rig, "7", { title: SCRIPT, files: [{ ...FILE, path: `/data/${SCRIPT}` }] });
  putItem(rig, "300", `/media/${SCRIPT}`);
  giveUp(rig, ["7"], SCRIPT);
  const browser = await PageBrowser.signedIn(rig);
  for (const path of ["/unmatched", "/scenes/7"]) {
    const { html } = await browser.get(path);
    assertStringIncludes(html, "&lt;script&gt;");
    assertLacks(html, /<script(?! src="\/assets\/)|<img src=x/);
  }
});
