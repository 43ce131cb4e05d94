import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HINTS } from "../../../src/core/failures/hints.ts";
import type { ErrorType } from "../../../src/core/failures/error_types.ts";
import { hintHere } from "../../../src/http/page/frame/hint.ts";
import { HttpRig, PLEX_TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser, type Shown } from "./page_browser.ts";
import { TARGET } from "../../one_target.ts";
import { attempt, dead, done, waiting } from "../../store/samples.ts";
import type { Disposition } from "../../../src/core/jobs/job.ts";

const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;

interface Letter {
  scene?: string;
  type?: ErrorType;
  message?: string;
  path?: string;
  agoMs?: number;
}

/** Puts dead letters in, oldest first; their ids count from 1. */
function put(rig: HttpRig, letters: readonly Letter[]): void {
  letters.forEach((letter, at) => {
    const { scene = String(at + 1), type = "PlexNotFound", message = "No item", agoMs = 0 } =
      letter;
    rig.store.database.prepare(
      `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
         stack_trace, retry_count, path, hint, failed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 5, ?, ?, ?)`,
    ).run(
      at + 1,
      scene,
      TARGET,
      JSON.stringify({ token: PLEX_TOKEN, text: SCRIPT }),
      type,
      message,
      message,
      letter.path ?? null,
      HINTS[type],
      Date.now() - agoMs,
    );
  });
}

async function shown(letters: readonly Letter[]) {
  const rig = await HttpRig.open();
  put(rig, letters);
  const browser = await PageBrowser.signedIn(rig);
  const ids = () => rig.store.deadLetters.recent(1_000).map(({ id }) => id).sort((a, b) => a - b);
  return { rig, browser, ids, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

/** Sends the only form of a confirmation page, as it is. */
async function agree(browser: PageBrowser, { html }: Shown): Promise<Shown> {
  const form = /<div class="card">.*?<form method="post" action="([^"]+)">(.*?)<\/form>/s.exec(
    html,
  );
  assert(form !== null, html);
  const fields = [...form[2]!.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    .map(([, name, value]): [string, string] => [name!, value!.replaceAll("&amp;", "&")]);
  return await browser.post(form[1]!, new URLSearchParams(fields));
}

Deno.test("without dead letters the screen says what would be there", async () => {
  await using rig = await HttpRig.open();
  const { html } = await (await PageBrowser.signedIn(rig)).get("/dead-letters");
  assertStringIncludes(html, "Nothing was given up");
  assertLacks(html, /<table/);
});

Deno.test("dead letters are grouped by type, each with its hint, and can be filtered", async () => {
  await using test = await shown([
    { message: "old one", agoMs: 3 * 24 * 3_600_000 },
    { message: "news of the cat", path: "/films/a.mp4" },
    { type: "AmbiguousMatch", message: "two fit" },
  ]);
  const { html } = await test.browser.get("/dead-letters");
  for (const type of ["PlexNotFound", "AmbiguousMatch"] as const) {
    assertStringIncludes(html, hintHere(HINTS[type]));
  }
  const cases: [query: string, has: string[]][] = [
    ["?type=AmbiguousMatch", ["two fit"]],
    ["?text=CAT", ["news of the cat"]],
    ["?text=/films/", ["news of the cat"]],
    ["?text=%25", []],
    ["?since=24h", ["two fit", "news of the cat"]],
    ["?since=24h&type=PlexNotFound&text=cat", ["news of the cat"]],
    ["?type=nonsense&since=nonsense&behind=nonsense", ["two fit", "news of the cat", "old one"]],
  ];
  for (const [query, has] of cases) {
    const { status, html } = await test.browser.get(`/dead-letters${query}`);
    const found = ["two fit", "news of the cat", "old one"].filter((text) => html.includes(text));
    assertEquals([status, found], [200, has], query);
    if (has.length === 0) assertStringIncludes(html, "None is left that fits");
  }
});

Deno.test("the list goes on by key: no letter is shown twice, and none is left out", async () => {
  // Many failed in the same millisecond, as in an outage.
  await using test = await shown(Array.from({ length: 130 }, (_, n) => ({ agoMs: n % 3 })));
  const seen: string[] = [];
  let path: string | undefined = "/dead-letters";
  for (let pages = 0; path !== undefined; pages++) {
    assert(pages < 3, "at most three pages");
    const { html } = await test.browser.get(path);
    seen.push(...[...html.matchAll(/name="id" value="(\d+)"/g)].map(([, id]) => id!));
    path = /href="([^"]+)">Older ones/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  assertEquals([seen.length, new Set(seen).size], [130, 130]);
});

Deno.test("one letter is retried at once, and the filter stays", async () => {
  await using test = await shown([{ message: "cat" }, { message: "cat" }]);
  const csrf = await test.browser.csrf();
  const fields = { csrf, one: "1", text: "cat", id: "2" };
  const answer = await test.browser.post("/dead-letters/retry", fields);
  assertEquals(answer.headers.get("location"), "/dead-letters?text=cat&did=retried-1");
  assertStringIncludes((await test.browser.follow(answer)).html, "1 dead letter put back");
  assertEquals([test.ids(), test.rig.queued(), test.rig.worker.woken], [[2], ["1"], 1]);
});

Deno.test("the marked ones are retried, and a button with nothing marked does nothing", async () => {
  await using test = await shown([{}, {}, {}]);
  const csrf = await test.browser.csrf();
  const marked = new URLSearchParams([["csrf", csrf], ["id", "1"], ["id", "3"], ["id", "x"]]);
  await test.browser.post("/dead-letters/retry", marked);
  assertEquals([test.ids(), test.rig.queued().sort()], [[2], ["1", "3"]]);
  for (const verb of ["retry", "discard"]) {
    const none = await test.browser.post(`/dead-letters/${verb}`, { csrf });
    assertStringIncludes((await test.browser.follow(none)).html, "Nothing was marked");
  }
  assertEquals(test.ids(), [2]);
});

Deno.test("what is discarded is asked about first, also a single one", async () => {
  await using test = await shown([{}, {}]);
  const csrf = await test.browser.csrf();
  const asked = await test.browser.post("/dead-letters/discard", { csrf, id: "2" });
  assertEquals([asked.status, test.ids()], [200, [1, 2]]);
  assertStringIncludes(asked.html, "Discard 1 dead letter?");
  await agree(test.browser, asked);
  assertEquals([test.ids(), test.rig.queued()], [[1], []]);
});

for (const [verb, done] of [["retry", "retried"], ["discard", "discarded"]] as const) {
  Deno.test(`to ${verb} all that fit is asked with the true number, and means no later one`, async () => {
    await using test = await shown([
      ...Array.from({ length: 60 }, () => ({ message: "cat" })),
      { message: "dog" },
    ]);
    const csrf = await test.browser.csrf();
    const fields = { csrf, all: "1", text: "cat", since: "24h", id: "61" };
    const asked = await test.browser.post(`/dead-letters/${verb}`, fields);
    assertEquals([asked.status, test.ids().length], [200, 61]);
    assertMatch(asked.html, /<h1>(Retry|Discard) 60 dead letters\?<\/h1>/);
    assertStringIncludes(asked.html, "“cat” in message or path");
    put(test.rig, [{ scene: "900", message: "a later cat" }]);
    const answer = await agree(test.browser, asked);
    const location = `/dead-letters?text=cat&since=24h&did=${done}-60`;
    assertEquals(answer.headers.get("location"), location);
    assertEquals(test.rig.store.deadLetters.recent(9).map((each) => each.error_message).sort(), [
      "a later cat",
      "dog",
    ]);
    assertEquals(test.rig.queued().length, verb === "retry" ? 60 : 0);
  });
}

Deno.test("one dead letter shows all that is known of it, and no secret", async () => {
  await using test = await shown([{ message: `No item for ${PLEX_TOKEN}`, path: "/films/a.mp4" }]);
  const { status, html } = await test.browser.get("/dead-letters/1");
  assertEquals(status, 200);
  for (const text of [HINTS.PlexNotFound, "/films/a.mp4", "Stack trace"]) {
    assertStringIncludes(html, text);
  }
  assertLacks(html, new RegExp(PLEX_TOKEN));
  const gone = await test.browser.get("/dead-letters/2");
  assertEquals(gone.status, 404);
  assertStringIncludes(gone.html, "There is no dead letter 2");
});

Deno.test("script in messages, paths, titles and filters stays text", async () => {
  await using test = await shown([{ message: SCRIPT, path: SCRIPT }]);
  test.rig.store.database.prepare(
    "INSERT INTO scenes (scene_id, fingerprint, title, seen_at) VALUES ('1', 'x', ?, 0)",
  ).run(SCRIPT);
  const address = `/dead-letters?text=${encodeURIComponent(SCRIPT)}`;
  const csrf = await test.browser.csrf();
  const asked = await test.browser.post("/dead-letters/retry", { csrf, all: "1", text: SCRIPT });
  for (
    const { html } of [
      await test.browser.get(address),
      await test.browser.get("/dead-letters/1"),
      asked,
    ]
  ) {
    assertStringIncludes(html, "&lt;script&gt;");
    assertLacks(html, /<script(?! src="\/assets\/)|<img/);
  }
});

Deno.test("what was retried is seen to drain while the page is open, apart from all other jobs", async () => {
  await using test = await shown(Array.from({ length: 4 }, () => ({ message: "the same" })));
  const { rig, browser } = test;
  const { store } = rig;
  store.jobs.enqueue(["97", "98", "99"], "bulk", Date.now());
  const csrf = await browser.csrf("/dead-letters");
  await browser.post("/dead-letters/retry", { csrf, all: "1", text: "same", upTo: "4" });
  await using watch = await browser.watch("/dead-letters");
  const shownNow = async () => {
    const html = (await watch.next())!.data;
    const text = /<label for="progress">(.*?)<\/label>/s.exec(html)![1]!.replace(/<[^>]+>/g, "");
    return [text, /<progress [^>]*max="(\d+)" value="(\d+)"/.exec(html)!.slice(1).join()];
  };
  assertEquals(await shownNow(), ["4 dead letters retried: 4 to do, 0 done", "4,0"]);

  const settle = (...dispositions: Disposition[]) => {
    const jobs = store.jobs.claim("test", Date.now(), dispositions.length, 60_000, TARGET);
    const attempts = jobs.map((job, n) => attempt(job, dispositions[n]!));
    store.settlement.settle(attempts, Date.now());
  };
  settle(done("written"), dead);
  assertEquals(await shownNow(), [
    "4 dead letters retried: 2 to do, 1 done, 1 given up again, which stand here anew",
    "4,2",
  ]);
  // A hook that comes between makes it no other job.
  const [next] = store.queue.list(1, { states: ["ready"] });
  store.jobs.enqueue([next!.scene_id], "hook", Date.now());
  settle(waiting(Date.now() + 60_000, { path: "/data/a.mp4", size: 1, durationMs: null }));
  assertEquals(
    (await shownNow())[0],
    [
      "4 dead letters retried: 1 to do, 1 done, 1 given up again, which stand here anew,",
      "1 without an item yet",
    ].join(" "),
  );
});

Deno.test("what is no dead letter any more is said so, and nothing is asked about it", async () => {
  await using test = await shown([{ message: "one" }]);
  const csrf = await test.browser.csrf("/dead-letters");
  for (const verb of ["retry", "discard"]) {
    for (const fields of [{ id: "99" }, { one: "99" }, { all: "1", text: "nowhere" }]) {
      const answer = await test.browser.post(`/dead-letters/${verb}`, { csrf, ...fields });
      assertEquals(answer.status, 303, JSON.stringify(fields));
      assertMatch((await test.browser.follow(answer)).html, /role="status">Nothing was left to do/);
    }
  }
  assertEquals(test.ids(), [1]);
});

Deno.test("an action leads back to the page of the list on which it was done", async () => {
  await using test = await shown(
    Array.from({ length: 120 }, (_, n) => ({ message: "the same", agoMs: 1_000 * n })),
  );
  const first = await test.browser.get("/dead-letters?text=same");
  const older = /href="([^"]*behind=[^"]*)">Older/.exec(first.html)![1]!.replaceAll("&amp;", "&");
  const { html } = await test.browser.get(older);
  const form = /<form method="post" action="\/dead-letters\/retry">(.*?)<\/form>/s.exec(html)![1]!;
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    .map(([, name, value]): [string, string] => [name!, value!]);
  const one = /name="one" value="(\d+)"/.exec(form)![1]!;
  const answer = await test.browser.post(
    "/dead-letters/retry",
    new URLSearchParams([...fields, ["one", one]]),
  );
  assertEquals(answer.headers.get("location"), `${older}&did=retried-1`);
});
