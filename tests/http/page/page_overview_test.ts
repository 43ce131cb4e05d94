import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { filesOf } from "../../../src/app/data/data_files.ts";
import { takeLock } from "../../../src/app/data/lock.ts";
import { PAUSED_AT } from "../../../src/core/meta_keys.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { TARGET } from "../../one_target.ts";
import { HttpRig, PLEX_TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;

Deno.test("the overview says what is wrong, and what to do about it", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const { html } = await browser.get("/");
  assertStringIncludes(html, "The daemon does not run");
  assertStringIncludes(html, "Plex is not configured: set plex_url");
  assertStringIncludes(html, "Nothing was done yet");
});

Deno.test("the overview shows outcomes by the scene's title, and never a secret", async () => {
  await using rig = await HttpRig.open();
  note(rig, { error_message: `Plex said ${PLEX_TOKEN}`, outcome: "dead" });
  const { html } = await (await PageBrowser.signedIn(rig)).get("/");
  assertStringIncludes(html, "Scene 7");
  assertStringIncludes(html, "Plex said ");
  assertLacks(html, new RegExp(PLEX_TOKEN));
});

Deno.test("script in what is shown stays text", async () => {
  await using rig = await HttpRig.open();
  note(rig, { error_message: SCRIPT, outcome: "retry" });
  const { html } = await (await PageBrowser.signedIn(rig)).get(
    `/?did=${encodeURIComponent(SCRIPT)}`,
  );
  assertLacks(html, /<script(?! src="\/assets\/)|<img/);
  assertStringIncludes(html, "&lt;script&gt;");
});

Deno.test("what the address says was done is shown only where it can have been", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  for (const did of ["constructor-1", "retried-x", "won-100", `pinned-${"1".repeat(19)}`]) {
    const { status, html } = await browser.get(`/?did=${did}`);
    assertEquals(status, 200);
    assertLacks(html, /role="status"/);
  }
});

Deno.test("work is paused and resumed by a button, and the page says that it was", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  const paused = await browser.follow(await browser.post("/pause", { csrf }));
  assertMatch(paused.html, /role="status">Work is paused/);
  assertEquals(typeof rig.store.meta.get(PAUSED_AT), "number");
  const resumed = await browser.follow(await browser.post("/resume", { csrf }));
  assertMatch(resumed.html, /role="status">Work goes on/);
  assertEquals([rig.store.meta.get(PAUSED_AT), rig.worker.woken], [undefined, 1]);
});

function note(rig: HttpRig, row: { error_message: string; outcome: "dead" | "retry" }): void {
  rig.store.outcomes.add({
    job_id: 1,
    scene_id: "7",
    target: TARGET,
    run_id: null,
    at: Date.now(),
    error_type: "Unknown",
    duration_ms: 12,
    confidence: null,
    items: "[]",
    changed_fields: "[]",
    left_out: "[]",
    ...row,
  });
}

Deno.test("it tells how many of the known scenes are without an item", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  assertMatch((await browser.get("/")).html, />no scene is known yet</);
  const scenes = Array.from({ length: 1_200 }, (_, n) => sampleScene({ id: String(n), files: [] }));
  noteScenes(rig.store.database, scenes, Date.now());
  assertMatch((await browser.get("/")).html, />none of 1,200 scenes</);
  rig.store.database.prepare(
    `INSERT INTO jobs (scene_id, target, reason, priority, state, next_retry_at, enqueued_at,
       updated_at) VALUES ('7', ?, 'hook', 1, 'waiting', 0, 0, 0)`,
  ).run(TARGET);
  rig.store.scenes.noteGone(["8"], Date.now());
  assertMatch((await browser.get("/")).html, />1 of 1,199 scenes, 0.1 %</);
});

Deno.test("all is not well while dead letters wait for somebody", async () => {
  const [plexUrl, stashUrl] = ["http://plex.example", "http://stash.example"];
  await using rig = await HttpRig.open({ plexUrl, stashUrl });
  const lock = takeLock(filesOf(rig.folder.path).lock, { pid: 1, since: 0 });
  const browser = await PageBrowser.signedIn(rig);
  assertMatch((await browser.get("/")).html, /All is well/);
  rig.store.database.prepare(
    `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
       retry_count, hint, failed_at)
     VALUES (1, '7', ?, '{}', 'Unknown', 'It broke', 0, 'Look at it', 0)`,
  ).run(TARGET);
  const { html } = await browser.get("/");
  lock.release();
  assertLacks(html, /All is well/);
  assertMatch(
    html,
    /something was given up and needs you<\/span>: <a href="\/dead-letters">1 dead/,
  );
});
