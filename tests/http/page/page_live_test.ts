/** Pages that are open are told what they show by now. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Draw, LiveStreams } from "../../../src/http/page/overview/live_streams.ts";
import { HttpRig } from "../http_rig.ts";
import { PageBrowser, Watch } from "./page_browser.ts";

/** What a page that waits to be told is told at last. */
async function until(watch: Watch, what: RegExp): Promise<string> {
  for (;;) {
    const told = await watch.next();
    assert(told !== null, `ended before ${what}`);
    assertEquals(told.event, "page");
    if (what.test(told.data)) return told.data;
  }
}

Deno.test("a page that is open is sent what it shows, when that changes, and nothing around it", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  await using watch = await browser.watch("/queue?state=ready&did=queued-1");
  assertEquals(watch.answer.headers.get("content-type"), "text/event-stream");
  await until(watch, /Nothing is due/);
  rig.store.jobs.enqueue(["7"], "hook", Date.now());
  const shown = await until(watch, /Scene 7/);
  assertMatch(shown, /^<nav aria-label="States"/);
  assert(!/<html|<h1|role="status"/.test(shown), shown);
});

for (
  const { who, page = "/", headers, isForged, status } of [
    { who: "who has not signed in", headers: { cookie: "" }, status: 401 },
    { who: "a forged cookie", isForged: true, status: 401 },
    { who: "a page of another origin", headers: { origin: "https://evil.example" }, status: 403 },
    { who: "a name that leads here by DNS", headers: { host: "evil.example" }, status: 403 },
    { who: "a page that does not change by itself", page: "/settings", status: 404 },
    { who: "the stream itself", page: "/live?page=/", status: 404 },
    { who: "another server's page", page: "//evil.example/queue", status: 200 },
  ]
) {
  Deno.test(`the stream of ${page} answers ${status} to ${who}`, async () => {
    await using rig = await HttpRig.open();
    const browser = await PageBrowser.signedIn(rig);
    if (headers?.host === undefined) {
      const forged = { cookie: `${browser.cookie!.split("=")[0]}=forged` };
      await using watch = await browser.watch(page, isForged === true ? forged : headers);
      assertEquals(watch.status, status);
      return;
    }
    const answer = await rig.raw(
      `GET /live?page=/ HTTP/1.1\r\nHost: ${headers.host}:${rig.port}\r\n` +
        `Cookie: ${browser.cookie}\r\n\r\n`,
    );
    assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
  });
}

Deno.test("a reverse proxy is told to hold nothing back of a stream", async () => {
  await using rig = await HttpRig.open();
  await using watch = await (await PageBrowser.signedIn(rig)).watch("/queue");
  assertEquals(watch.answer.headers.get("x-accel-buffering"), "no");
});

Deno.test("who asks for the head of a stream gets that, and takes no place of a page", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  for (let n = 0; n < 6; n++) {
    const answer = await rig.raw(
      `HEAD /live?page=/ HTTP/1.1\r\nhost: 127.0.0.1:${rig.port}\r\ncookie: ${browser.cookie}\r\n` +
        "connection: close\r\n\r\n",
    );
    assertMatch(answer, /^HTTP\/1\.1 200 [^]*text\/event-stream/);
  }
  await using watch = await browser.watch("/");
  assertEquals(watch.status, 200);
});

Deno.test("a sign-out ends the streams of its session, and no other", async () => {
  await using rig = await HttpRig.open();
  const [one, other] = [await PageBrowser.signedIn(rig), await PageBrowser.signedIn(rig)];
  await using ended = await one.watch("/");
  await using going = await other.watch("/queue");
  await ended.next();
  await one.post("/sign-out", { csrf: await one.csrf() });
  let last = await ended.next();
  while (last?.event === "page") last = await ended.next();
  assertEquals([last, await ended.next()], [{ event: "gone", data: "" }, null]);
  rig.store.jobs.enqueue(["7"], "hook", Date.now());
  await until(going, /Scene 7/);
});

Deno.test("a session that ended by itself ends its streams", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  await using watch = await browser.watch("/queue");
  await watch.next();
  rig.aheadMs = 31 * 24 * 3_600_000;
  rig.store.jobs.enqueue(["7"], "hook", Date.now());
  assertEquals(await watch.next(), { event: "gone", data: "" });
});

Deno.test("the end of the server ends the streams at once", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  await using watch = await browser.watch("/");
  await watch.next();
  const [, told] = await Promise.all([rig.close(), watch.next()]);
  assertEquals(told, null);
});

Deno.test("of 200 streams a few are served, and a hook gets through all the same", async () => {
  await using rig = await HttpRig.open();
  const browsers: PageBrowser[] = [];
  for (let n = 0; n < 5; n++) browsers.push(await PageBrowser.signedIn(rig));
  const watches: Watch[] = [];
  let cut = 0;
  await Promise.all(Array.from({ length: 200 }, async (_, n) => {
    // More connections than it takes in at once are closed.
    const watch = await browsers[n % 5]!.watch("/").catch(() => cut++);
    if (watch instanceof Watch) watches.push(watch);
  }));
  const served = watches.filter(({ status }) => status === 200).length;
  const refused = watches.filter(({ status }) => status === 429 || status === 503).length;
  assertEquals([served, served + refused + cut], [16, 200]);
  const poke = await rig.send("/api/sync", { body: JSON.stringify({ scenes: ["7"] }) });
  assertEquals(poke.status, 200);
  for (const watch of watches) await watch[Symbol.asyncDispose]();
  // Their places are free again.
  for (let status = 429, tries = 0; status !== 200; tries++) {
    assert(tries < 1_000, "a place is free once a stream is closed");
    await using again = await browsers[0]!.watch("/");
    status = again.status;
  }
});

Deno.test("one browser has four streams, so that its pages can still be loaded", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const watches = [];
  for (let n = 0; n < 5; n++) watches.push(await browser.watch("/"));
  assertEquals(watches.map(({ status }) => status), [200, 200, 200, 200, 429]);
  for (const watch of watches) await watch[Symbol.asyncDispose]();
});

Deno.test("who takes nothing holds no more than a few pages of memory, and is cut off", async () => {
  const clock = new Clock();
  const large = "x".repeat(100_000);
  let drawn = 0;
  const streams = new LiveStreams(clock, () => String(clock.now()));
  const draw = () => Promise.resolve(large + drawn++);
  const slow = streams.open("a", draw).getReader();
  const quick = streams.open("b", draw).getReader();
  await quick.read();
  const before = drawn;
  for (let n = 0; n < 200 && clock.slept < 90_000; n++) await quick.read();
  // The slow one was drawn once, and after a minute no more was kept for it.
  assert(drawn - before > 50, String(drawn));
  assert(await slow.read().then(() => false, () => true), "it is not taken for whole");
  streams.close();
  await streams.ended();
});

for (const drawMs of [0, 5, 40]) {
  Deno.test(`open pages that take ${drawMs} ms to draw cost less than a hundredth of a core`, async () => {
    const clock = new Clock();
    let drawn = 0;
    const draw: Draw = () => {
      clock.time += drawMs;
      return Promise.resolve(String(drawn++));
    };
    const streams = new LiveStreams(clock, () => String(clock.now()));
    const readers = ["a", "b", "c"].map((session) => streams.open(session, draw).getReader());
    for (let n = 0; n < 10; n++) for (const reader of readers) await reader.read();
    const first = 2 * readers.length * drawMs;
    assert((drawn * drawMs - first) * 100 <= clock.slept, `${drawn} in ${clock.slept} ms`);
    assert(clock.slept <= Math.max(10_000, drawn * drawMs * 110), `${clock.slept} ms`);
    streams.close();
    await streams.ended();
  });
}

Deno.test("a page that nothing changed for is drawn anew every 30 s alone, for its times", async () => {
  const clock = new Clock();
  let drawn = 0;
  const streams = new LiveStreams(clock, () => "the same");
  const draw = () => Promise.resolve(String(drawn++));
  const reader = streams.open("a", draw).getReader();
  for (let n = 0; n < 5; n++) await reader.read();
  streams.close();
  await streams.ended();
  assertEquals(drawn, 5);
  assert(clock.slept >= 4 * 30_000, `${clock.slept} ms`);
});

Deno.test("a database that cannot be read ends the streams, and nothing else", async () => {
  const streams = new LiveStreams(new Clock(), () => {
    throw new Error("database is locked");
  });
  const draw = () => Promise.resolve("");
  const reader = streams.open("a", draw).getReader();
  assertEquals((await reader.read()).done, true);
});

/** Waits pass at once, one after the other. */
class Clock {
  time = 1_000_000;
  slept = 0;

  now = () => this.time;
  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.time += ms;
        this.slept += ms;
        resolve();
      }, 0);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
}
