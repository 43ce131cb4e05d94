import { assert, assertEquals } from "@std/assert";
import {
  FIRST_TRY,
  nextTry,
  type Outcome,
  type Try,
} from "../../../src/target/plex/notifications/reconnect.ts";

const failed: Outcome = { kind: "failed" };
const lost = (lasted: boolean): Outcome => ({ kind: "lost", lasted });
const refused = (status: number): Outcome => ({ kind: "refused", status });
const byStream = (failures = 0): Try => ({ transport: "event stream", failures, waitMs: 0 });
const bySocket = (failures = 0): Try => ({ transport: "websocket", failures, waitMs: 0 });

const cases: { when: string; last: Try; outcome: Outcome; want: Try }[] = [
  ...[400, 403, 404, 426, 200, 301].map((status) => ({
    when: `takes the event stream at once when WebSockets get a ${status}`,
    last: bySocket(),
    outcome: refused(status),
    want: byStream(),
  })),
  {
    when: "leaves it to polling for 5 min when the event stream is refused as well",
    last: byStream(),
    outcome: refused(404),
    want: { ...bySocket(), waitMs: 300_000 },
  },
  {
    when: "waits a minute after a 401",
    last: bySocket(3),
    outcome: refused(401),
    want: { ...bySocket(), waitMs: 60_000 },
  },
  {
    when: "starts anew with a second after a connection that lasted",
    last: byStream(7),
    outcome: lost(true),
    want: { ...bySocket(), waitMs: 1_000 },
  },
  {
    when: "counts a connection that did not last as a failure",
    last: bySocket(3),
    outcome: lost(false),
    want: { ...bySocket(4), waitMs: 8_000 },
  },
  {
    when: "takes a 503 for a server that comes back",
    last: bySocket(),
    outcome: refused(503),
    want: { ...bySocket(1), waitMs: 1_000 },
  },
];

for (const { when, last, outcome, want } of cases) {
  Deno.test(`nextTry() ${when}`, () => assertEquals(nextTry(last, outcome, 1), want));
}

Deno.test("nextTry() waits 1 s, 2 s, 4 s … 30 s, and tries each third time the event stream", () => {
  let next: Try = FIRST_TRY;
  const seen: [string, number][] = [];
  for (let n = 0; n < 7; n++) {
    next = nextTry(next, failed, 1);
    seen.push([next.transport, next.waitMs]);
  }
  assertEquals(seen, [
    ["websocket", 1_000],
    ["event stream", 2_000],
    ["websocket", 4_000],
    ["websocket", 8_000],
    ["event stream", 16_000],
    ["websocket", 30_000],
    ["websocket", 30_000],
  ]);
});

Deno.test("nextTry() draws at least half of the wait", () => {
  for (const random of [0, 0.3, 0.999]) {
    const { waitMs } = nextTry(bySocket(4), failed, random);
    assert(waitMs >= 8_000 && waitMs < 16_000, String(waitMs));
  }
});
