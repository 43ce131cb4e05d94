import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import {
  TransportFailure,
  type TransportFailureKind,
} from "../../../src/core/http/bounded_fetch.ts";
import { readShared } from "../../../src/worker/batch/shared_read.ts";

const KEYS = Array.from({ length: 50 }, (_, n) => String(n + 1));
const sick = () => new PlexsyncError("PlexTemporaryError", "answered 500");
const own = (error: PlexsyncError) => error.type === "PlexTemporaryError";
const ok = () => Promise.resolve(true);

/** A server that fails each request with one of `bad` in it. */
function server(bad: readonly string[]) {
  let requests = 0;
  return {
    requests: () => requests,
    read(keys: string[]) {
      requests++;
      if (keys.some((key) => bad.includes(key))) return Promise.reject(sick());
      return Promise.resolve(new Map(keys.map((key) => [key, key])));
    },
  };
}

Deno.test("readShared() takes one request where all is well, and none for nothing", async () => {
  const { read, requests } = server([]);
  assertEquals((await readShared(KEYS, read, own, ok)).found.size, 50);
  assertEquals(requests(), 1);
  assertEquals((await readShared([], read, own, ok)).found.size, 0);
  assertEquals(requests(), 1);
});

for (const bad of [["7"], ["1", "50"], KEYS.slice(0, 5)]) {
  Deno.test(`readShared() fails just ${bad.join(", ")}, which spoil every request`, async () => {
    const { read, requests } = server(bad);
    const { found, failed } = await readShared(KEYS, read, own, ok);
    assertEquals([...failed.keys()].sort(), [...bad].sort());
    assertEquals(found.size, 50 - bad.length);
    assertEquals(requests() < 40, true, `${requests()} requests`);
  });
}

Deno.test("readShared() throws what is the server's own fault, without a second request", async () => {
  const { read, requests } = server(["7"]);
  await assertRejects(() => readShared(KEYS, read, () => false, ok), PlexsyncError);
  assertEquals(requests(), 1);
});

Deno.test("readShared() gives up early when nothing works and the server is sick", async () => {
  const { read, requests } = server(KEYS);
  const dead = () => Promise.reject(sick());
  await assertRejects(() => readShared(KEYS, read, own, dead), PlexsyncError);
  assertEquals(requests() <= 12, true, `${requests()} requests`);
});

Deno.test("readShared() fails all of them when the server is well: none may block for ever", async () => {
  const { failed } = await readShared(KEYS, server(KEYS).read, own, ok);
  assertEquals(failed.size, 50);
});

Deno.test("readShared() throws what failed when nothing was read and there is nobody to ask", async () => {
  const nobody = () => Promise.resolve(false);
  await assertRejects(() => readShared(["7"], server(["7"]).read, own, nobody), PlexsyncError);
  const { failed, isProven } = await readShared(["6", "7"], server(["7"]).read, own, nobody);
  assertEquals([[...failed.keys()], isProven], [["7"], false]);
});

Deno.test("readShared() takes three that were read for a proof, and asks once whether others are", async () => {
  let asked = 0;
  const nobody = () => Promise.resolve(asked++ > 99);
  const { read } = server(["7", "8"]);
  const { failed, isProven } = await readShared(["1", "2", "3", "7", "8"], read, own, nobody);
  assertEquals([[...failed.keys()], isProven, asked], [["7", "8"], true, 1]);
});

/** What becomes of a request for more than ten. */
const TOO_MANY: Readonly<Record<string, { status?: number; kind?: TransportFailureKind }>> = {
  "is answered with more than fits": { kind: "body-too-large" },
  "gets no answer in time": { kind: "headers-timeout" },
  "has a URL that is too long": { status: 414 },
};

for (const [what, { status, kind }] of Object.entries(TOO_MANY)) {
  Deno.test(`readShared() asks for fewer at once from then on where a request ${what}`, async () => {
    const sizes: number[] = [];
    const read = (keys: string[]) => {
      sizes.push(keys.length);
      if (keys.length <= 10) return Promise.resolve(new Map(keys.map((key) => [key, key])));
      const cause = kind === undefined ? undefined : new TransportFailure(kind, "failed");
      return Promise.reject(new PlexsyncError("PlexTemporaryError", "too many", { cause, status }));
    };
    const fitting = { most: Infinity };
    assertEquals((await readShared(KEYS, read, own, ok, fitting)).found.size, 50);
    sizes.splice(0);
    const { found, failed } = await readShared(KEYS, read, own, ok, fitting);
    assertEquals([found.size, failed.size], [50, 0]);
    assertEquals(sizes, [6, 6, 6, 6, 6, 6, 6, 6, 2]);
  });
}

Deno.test("readShared() asks for as many as before after one that spoils every request, and a bad moment", async () => {
  const fitting = { most: Infinity };
  await readShared(KEYS, server(["7"]).read, own, ok, fitting);
  let requests = 0;
  const once = (keys: string[]) =>
    requests++ === 0
      ? Promise.reject(sick())
      : Promise.resolve(new Map(keys.map((key) => [key, key])));
  await readShared(KEYS, once, own, ok, fitting);
  assertEquals(fitting.most, Infinity);
});
