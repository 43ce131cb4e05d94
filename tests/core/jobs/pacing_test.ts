import { assert, assertEquals } from "@std/assert";
import { FIRST_PACE, nextPace, type Pace } from "../../../src/core/jobs/pacing.ts";

/** Items per second of a server with so many writes side by side. */
type Server = (limit: number) => number;

/** One batch of 50 written with this pace. */
function batch(pace: Pace, server: Server, max: number): Pace {
  return nextPace(pace, { items: 50, elapsedMs: 50_000 / server(pace.limit), failed: false }, max);
}

/** Plays batches of 50. @returns the limit of each */
function play(server: Server, max: number, batches: number): number[] {
  let pace: Pace = FIRST_PACE;
  return Array.from({ length: batches }, () => {
    const { limit } = pace;
    pace = batch(pace, server, max);
    return limit;
  });
}

/** Share of the last three quarters that had this limit. */
function shareOf(limit: number, limits: number[]): number {
  const late = limits.slice(limits.length / 4);
  return late.filter((at) => at === limit).length / late.length;
}

const SERVERS: { when: string; server: Server; max: number; best: number }[] = [
  { when: "more side by side is always faster", server: (n) => 10 * n, max: 4, best: 4 },
  { when: "the server writes one at a time", server: () => 10, max: 16, best: 1 },
  {
    when: "three are best and four no faster",
    server: (n) => 10 * Math.min(n, 3),
    max: 8,
    best: 3,
  },
  {
    when: "more than two get in each other's way",
    server: (n) => n <= 2 ? 10 * n : 30 / n,
    max: 8,
    best: 2,
  },
  { when: "only one is allowed", server: (n) => 10 * n, max: 1, best: 1 },
];

for (const { when, server, max, best } of SERVERS) {
  Deno.test(`nextPace() settles on the best limit when ${when}`, () => {
    const limits = play(server, max, 200);
    assert(shareOf(best, limits) > 0.9, limits.join(""));
    assert(Math.max(...limits) <= max && Math.min(...limits) >= 1);
  });

  Deno.test(`nextPace() stays there though batches differ by a twentieth when ${when}`, () => {
    let n = 0;
    // Up and down by turns that no trial's length divides.
    const noisy: Server = (limit) => server(limit) * [1, 1.05, 0.95, 1.02, 0.97][n++ % 5]!;
    const limits = play(noisy, max, 400);
    assert(shareOf(best, limits) > 0.8, limits.join(""));
  });
}

Deno.test("nextPace() tries less and less often while nothing changes", () => {
  const limits = play(() => 10, 4, 400);
  const tries = (from: number, to: number) => limits.slice(from, to).filter((at) => at > 1).length;
  assert(tries(0, 100) > tries(100, 400), limits.join(""));
  assert(tries(100, 400) >= 1, "it never tries again");
});

Deno.test("nextPace() notices within one batch of 50 that the server has changed", () => {
  for (const factor of [0.5, 2]) {
    let pace: Pace = FIRST_PACE;
    for (let n = 0; n < 100 || pace.holdFor < 10; n++) pace = batch(pace, () => 10, 4);
    assertEquals(pace.limit, 1);
    // From now on more side by side are faster.
    pace = batch(pace, (limit) => 10 * factor * limit, 4);
    assertEquals(pace.limit, 2, "it tries at once");
    for (let n = 0; n < 3; n++) pace = batch(pace, (limit) => 10 * factor * limit, 4);
    assert(pace.limit >= 3, `${pace.limit}`);
  }
});

Deno.test("nextPace() halves at a failure, never goes below one, and learns anew", () => {
  const failed = { items: 0, elapsedMs: 1, failed: true };
  const held = { ...FIRST_PACE, rate: 5, holdFor: 30, patience: 64 };
  assertEquals(nextPace({ ...held, limit: 8 }, failed, 16), { ...FIRST_PACE, limit: 4 });
  assertEquals(nextPace(held, failed, 16), FIRST_PACE);
});

Deno.test("nextPace() learns nothing from a handful of writes", () => {
  const pace: Pace = { ...FIRST_PACE, limit: 4, rate: 5 };
  assertEquals(nextPace(pace, { items: 3, elapsedMs: 1, failed: false }, 16), pace);
});

Deno.test("nextPace() comes down at once to a bound that was lowered", () => {
  const pace: Pace = { ...FIRST_PACE, limit: 8, rate: 5, holdFor: 9 };
  assertEquals(nextPace(pace, { items: 50, elapsedMs: 10_000, failed: false }, 2).limit, 2);
});
