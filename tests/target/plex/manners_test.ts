import { assert, assertEquals } from "@std/assert";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import type { PlexHttp, PlexRequest } from "../../../src/target/plex/http.ts";
import { type Manners, politeHttp } from "../../../src/target/plex/manners.ts";
import type { Row } from "../../../src/target/plex/lenient.ts";
import { FakeRuntime } from "../../worker/fake_runtime.ts";

const WRITE_MS = 100;
const PLAYING = { ratingKey: "7", Player: { state: "playing" } };
const PAUSED = { ratingKey: "7", Player: { state: "paused" } };

/** A Plex that takes a tenth of a second for each write, and tells who watches. */
class SlowPlex {
  readonly runtime = new FakeRuntime();
  readonly told: PlexsyncError[] = [];
  /** When each write began, ms since the start. */
  readonly starts: number[] = [];
  /** The most writes that were under way together. */
  together = 0;
  looks = 0;
  sessions: () => Row[] = () => [];
  readonly #start = this.runtime.now();
  #open = 0;

  polite(manners: Partial<Manners>, signal?: AbortSignal): PlexHttp {
    const all = {
      polite: true,
      writeFloorMs: 0,
      onUnknown: (error: PlexsyncError) => void this.told.push(error),
      ...manners,
    };
    return politeHttp(this.#http(), all, this.runtime, signal);
  }

  /** So many writes, one after the other. @returns how long they took, ms */
  async write(http: PlexHttp, count: number): Promise<number> {
    const started = this.runtime.now();
    for (let n = 0; n < count; n++) await http.send(request("PUT"));
    return this.runtime.now() - started;
  }

  #http(): PlexHttp {
    return {
      send: async () => {
        this.starts.push(this.runtime.now() - this.#start);
        this.together = Math.max(this.together, ++this.#open);
        await this.runtime.sleep(WRITE_MS);
        this.#open--;
        return { status: 200, headers: new Headers(), body: new Uint8Array() };
      },
      container: ({ path }) => {
        assertEquals(path, "/status/sessions");
        this.looks++;
        return Promise.resolve().then(() => ({
          container: { Metadata: this.sessions() },
          headers: new Headers(),
        }));
      },
      now: this.runtime.now,
    };
  }
}

function request(method: PlexRequest["method"]): PlexRequest {
  return { method, path: "/x", action: "try", subject: "item" };
}

const HALVES: { when: string; sessions: Row[]; rests: number }[] = [
  { when: "nobody watches", sessions: [], rests: 0 },
  { when: "somebody watches", sessions: [PLAYING], rests: 9 },
  { when: "the film is paused", sessions: [PAUSED], rests: 0 },
  { when: "one of two is paused", sessions: [PAUSED, PLAYING], rests: 9 },
  { when: "Plex tells no state", sessions: [{ ratingKey: "7" }], rests: 9 },
];

for (const { when, sessions, rests } of HALVES) {
  Deno.test(`politeHttp() rests after ${rests} of 10 writes when ${when}`, async () => {
    const plex = new SlowPlex();
    plex.sessions = () => sessions;
    assertEquals(await plex.write(plex.polite({}), 10), (10 + rests) * WRITE_MS);
  });
}

Deno.test("politeHttp() writes one at a time while somebody watches, and reads as ever", async () => {
  const plex = new SlowPlex();
  plex.sessions = () => [PLAYING];
  const http = plex.polite({});
  await Promise.all(Array.from({ length: 4 }, () => http.send(request("PUT"))));
  assertEquals(plex.together, 1);
  await Promise.all(Array.from({ length: 4 }, () => http.send(request("GET"))));
  assertEquals(plex.together, 4);
});

Deno.test("politeHttp() looks every ten seconds who watches, and only while it writes", async () => {
  const plex = new SlowPlex();
  const http = plex.polite({});
  await plex.write(http, 95);
  assertEquals(plex.looks, 1);
  plex.sessions = () => [PLAYING];
  assert(await plex.write(http, 30) > 45 * WRITE_MS);
  assertEquals(plex.looks, 2);
  plex.runtime.jump(60 * 60_000);
  assertEquals(plex.looks, 2);
  await http.send(request("GET"));
  assertEquals(plex.looks, 2);
});

Deno.test("politeHttp() without manners asks for nothing and sends as it is", async () => {
  const plex = new SlowPlex();
  plex.sessions = () => [PLAYING];
  assertEquals(await plex.write(plex.polite({ polite: false }), 10), 10 * WRITE_MS);
  assertEquals(plex.looks, 0);
});

Deno.test("politeHttp() keeps the floor between the starts of writes, those side by side too", async () => {
  const plex = new SlowPlex();
  const http = plex.polite({ polite: false, writeFloorMs: 250 });
  await Promise.all(Array.from({ length: 4 }, () => plex.write(http, 3)));
  const gaps = plex.starts.slice(1).map((at, n) => at - plex.starts[n]!);
  assertEquals(plex.starts.length, 12);
  assert(gaps.every((gap) => gap >= 250), gaps.join(" "));
});

Deno.test("politeHttp() waits for no clock that was set back", async () => {
  const plex = new SlowPlex();
  const http = plex.polite({ polite: false, writeFloorMs: 250 });
  await plex.write(http, 1);
  plex.runtime.jump(-24 * 60 * 60_000);
  assert(await plex.write(http, 1) <= 10_000 + WRITE_MS);
});

Deno.test("politeHttp() goes on at full speed, and says so once, when Plex refuses to tell", async () => {
  const plex = new SlowPlex();
  plex.sessions = () => {
    throw new PlexsyncError("PlexPermanentError", "Plex answered 403", { status: 403 });
  };
  assertEquals(await plex.write(plex.polite({}), 250), 250 * WRITE_MS);
  assertEquals(plex.told.map(({ status }) => status), [403]);
});

Deno.test("politeHttp() says nothing of an outage, which the writes themselves show", async () => {
  const plex = new SlowPlex();
  plex.sessions = () => {
    throw new PlexsyncError("PlexServerDown", "Plex answered 503", { status: 503 });
  };
  await plex.write(plex.polite({}), 3);
  assertEquals(plex.told, []);
});

Deno.test("politeHttp() lets the next write go after one that failed", async () => {
  const plex = new SlowPlex();
  plex.sessions = () => [PLAYING];
  let failures = 1;
  const polite = politeHttp(
    {
      ...plex.polite({ polite: false }),
      send: (each) =>
        failures-- > 0
          ? Promise.reject(new Error("reset"))
          : plex.polite({ polite: false }).send(each),
      container: () =>
        Promise.resolve({ container: { Metadata: [PLAYING] }, headers: new Headers() }),
    },
    { polite: true, writeFloorMs: 0, onUnknown: () => {} },
    plex.runtime,
  );
  const ends = await Promise.allSettled([polite.send(request("PUT")), polite.send(request("PUT"))]);
  assertEquals(ends.map(({ status }) => status), ["rejected", "fulfilled"]);
});
