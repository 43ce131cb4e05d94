import { assert, assertEquals, assertMatch } from "@std/assert";
import { readSoakArgs } from "../../scripts/soak/arguments.ts";
import { type Circumstances, judgeWrites } from "../../scripts/soak/needless.ts";
import { makePlan } from "../../scripts/soak/plan.ts";
import { soak } from "../../scripts/soak/run.ts";
import { aimOf, type Write, WriteLog } from "../../scripts/soak/writes.ts";
import { scenes, status, withSim } from "../sim/plex/testing.ts";

const SHORT = { minutes: 0.15, scenes: 60, crowd: 0, json: false, keep: false };

const SEEDS = [
  { which: "one seed", seed: 20_261_122 },
  { which: "another seed", seed: 303 },
];

for (const { which, seed } of SEEDS) {
  Deno.test({
    name: `a short soak with ${which} breaks no promise`,
    // SIGTERM and SIGKILL are the same there.
    ignore: Deno.build.os === "windows",
    async fn() {
      const args = { ...SHORT, seed };
      const figures = await soak(args, () => {}, new AbortController().signal);
      assertEquals(figures.failures, [], `seed ${seed}`);
      assert(figures.writes.changed > SHORT.scenes, `seed ${seed}: ${JSON.stringify(figures)}`);
    },
  });
}

Deno.test("equal seeds plan the same, others do not, and nothing begins after the end", () => {
  const [plan, again, other] = [7, 7, 8].map((seed) => makePlan(seed, 60_000));
  assertEquals(plan, again);
  assert(JSON.stringify(plan) !== JSON.stringify(other));
  const { changes, plexTroubles, stashTroubles, ends, commands } = plan!;
  for (const lane of [changes, plexTroubles, stashTroubles, ends, ...commands]) {
    assert(lane.length > 0 && lane.every(({ atMs }) => atMs < 60_000));
  }
});

function write(at: number, changed: boolean, more: Partial<Write> = {}): Write {
  return { at, doneAt: at, item: "1", kind: "edit", changed, deaf: false, what: "PUT", ...more };
}

interface Judged {
  when: string;
  writes: Write[];
  around?: Partial<Circumstances>;
  want: [afterEnd: number, afterFault: number, deaf: number, unexplained: number];
}

const within = (moment: number) => (since: number, until: number) =>
  since <= moment && moment <= until;
const TWICE = [write(10, true), write(30, false)];

const JUDGED: readonly Judged[] = [
  { when: "each changes something", writes: [write(1, true), write(2, true)], want: [0, 0, 0, 0] },
  { when: "one repeats another for no reason", writes: TWICE, want: [0, 0, 0, 1] },
  {
    when: "the daemon ended in between",
    writes: TWICE,
    around: { ended: within(20) },
    want: [1, 0, 0, 0],
  },
  {
    when: "it had ended before the first one",
    writes: TWICE,
    around: { ended: within(5) },
    want: [0, 0, 0, 1],
  },
  {
    when: "an answer was lost in between",
    writes: TWICE,
    around: { spoiled: within(10) },
    want: [0, 1, 0, 0],
  },
  {
    when: "the first was settled before the daemon ended",
    writes: TWICE,
    around: {
      knew: (_item, ...time) => within(15)(...time),
      ended: within(20),
      spoiled: within(20),
    },
    want: [0, 0, 0, 1],
  },
  ...([
    ["one field, as another item did not hear it", "title.value=a&title.locked=1", true, 0],
    ["one list, the same", "genre[0].tag.tag=a&genre.locked=1", true, 0],
    ["one field, while nothing was in doubt", "title.value=a&title.locked=1", false, 1],
    ["two fields at once", "title.value=a&summary.value=b", true, 1],
    ["a name taken away", "genre[].tag.tag-=a&genre.locked=1", true, 1],
  ] as const).map(([when, query, doubted, unexplained]): Judged => ({
    when,
    writes: [write(10, false, { what: `PUT /library/sections/1/all?type=1&id=1&${query}` })],
    around: { knew: () => true, doubted: () => doubted },
    want: [0, 0, 0, unexplained],
  })),
  { when: "Plex was deaf", writes: [write(10, false, { deaf: true })], want: [0, 0, 1, 0] },
  {
    when: "another image of the item had changed",
    writes: [write(10, true, { kind: "poster" }), write(30, false, { kind: "background" })],
    around: { ended: within(5) },
    want: [1, 0, 0, 0],
  },
];

Deno.test("judgeWrites() tells which writes were without need, and why", () => {
  const never = () => false;
  for (const { when, writes, around, want } of JUDGED) {
    const verdict = judgeWrites(writes, {
      knew: never,
      doubted: never,
      ended: never,
      spoiled: never,
      ...around,
    });
    const { afterEnd, afterFault, deaf, unexplained } = verdict;
    assertEquals([afterEnd, afterFault, deaf, unexplained.length], want, when);
  }
});

Deno.test("an upload changes its item though it is shown only later, and the same again does not", async () => {
  const options = { items: scenes("a"), switches: { imageLagMs: 60_000 } };
  await withSim(options, async ({ sim, send }) => {
    const log = new WriteLog(sim);
    const target = "/library/metadata/1/posters";
    for (const bytes of ["one", "one", "two"]) {
      const deed = { method: "POST", target, arrivedAt: Date.now() };
      const body = new TextEncoder().encode(bytes);
      await log.around(deed, () => status(send("POST", target, { body })));
    }
    assertEquals(log.list.map(({ changed }) => changed), [true, false, true]);
  });
});

Deno.test("aimOf() knows every form of write that plexsync sends", () => {
  const cases = [
    ["/library/sections/1/all?type=1&id=7&title.value=a", { item: "7", kind: "edit" }],
    ["/library/sections/1/all?type=1&id=7&actor.locked=1", { item: "7", kind: "lock" }],
    ["/library/metadata/7?title.value=a", { item: "7", kind: "edit" }],
    ["/library/metadata/7/posters", { item: "7", kind: "poster" }],
    ["/library/metadata/7/arts", { item: "7", kind: "background" }],
    ["/library/metadata/7/art?url=upload%3A%2F%2F", { item: "7", kind: "background" }],
  ] as const;
  for (const [target, want] of cases) assertEquals(aimOf(target), want, target);
});

Deno.test("readSoakArgs() takes fractions of minutes and names what it does not take", () => {
  const call = readSoakArgs(["--minutes", "0.5", "--seed", "3"], 9);
  assertEquals(call.kind === "run" && [call.args.minutes, call.args.seed], [0.5, 3]);
  const bad = readSoakArgs(["--minutes", "soon", "--scenes", "3.5"], 9);
  assert(bad.kind === "bad");
  assertMatch(bad.message, /--minutes .*"soon".*--scenes .*whole.*"3.5"/);
});
