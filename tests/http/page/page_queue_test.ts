import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { HttpRig, PLEX_TOKEN, TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

Deno.test("the queue is listed in the order of the claim, and goes on by key", async () => {
  await using rig = await HttpRig.open();
  const ids = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `${from + n}`);
  // Of equal age: only their ids part them.
  rig.store.jobs.enqueue(ids(1, 70), "bulk", 5);
  rig.store.jobs.enqueue(ids(101, 50), "hook", 9);
  const browser = await PageBrowser.signedIn(rig);
  const seen: string[] = [];
  let path: string | undefined = "/queue";
  for (let pages = 0; path !== undefined; pages++) {
    assert(pages < 3, "at most three pages");
    const { html } = await browser.get(path);
    assertStringIncludes(html, "ready (120)");
    seen.push(...[...html.matchAll(/href="\/scenes\/(\d+)"/g)].map(([, id]) => id!));
    path = /href="([^"]+)">More of them/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  assertEquals(seen, [...ids(101, 50), ...ids(1, 70)]);
});

Deno.test("an empty state of the queue says why it may be empty", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  for (const state of ["ready", "running", "waiting", "nonsense"]) {
    const { status, html } = await browser.get(`/queue?state=${state}`);
    assertEquals(status, 200);
    assertStringIncludes(html, `class="empty"`);
  }
});

Deno.test("a job that waits is due at once by a button, which leads back to the list", async () => {
  await using rig = await HttpRig.open();
  rig.store.jobs.enqueue(["7"], "bulk", 5);
  rig.store.database.prepare("UPDATE jobs SET state = 'waiting', next_retry_at = 9e15").run();
  const browser = await PageBrowser.signedIn(rig);
  const fields = { csrf: await browser.csrf(), back: "/queue?state=waiting" };
  const answer = await browser.post("/scenes/7/sync", fields);
  assertEquals(answer.headers.get("location"), "/queue?state=waiting&did=queued-7");
  assertEquals(rig.store.jobs.counts().map(({ state }) => state), ["ready"]);
});

Deno.test("an action leads back to this page alone, whatever its form says", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  for (const back of ["https://evil.example/", "//evil.example", "http://page//evil.example"]) {
    const { headers } = await browser.post("/scenes/7/sync", { csrf, back });
    assertEquals(new URL(headers.get("location")!, browser.origin).origin, browser.origin);
  }
});

Deno.test("the settings are shown with where they come from, and no secret among them", async () => {
  await using rig = await HttpRig.open();
  const { html } = await (await PageBrowser.signedIn(rig)).get("/settings");
  for (const text of ["plex_token", "poll_interval", "default", rig.folder.path]) {
    assertStringIncludes(html, text);
  }
  assertLacks(html, new RegExp(`${TOKEN}|${PLEX_TOKEN}`));
});
