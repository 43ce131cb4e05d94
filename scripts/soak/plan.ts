/** What happens when, planned from the seed before it begins. Pure. */
import { type Random, seededRandom } from "../../tests/sim/random.ts";
import { PLEX_TROUBLES, STASH_TROUBLES } from "./trouble.ts";

/** Something that happens `atMs` after the start. */
export interface Planned {
  atMs: number;
  /** What it is, of those that its lane knows. */
  what: string;
  /** Decides the rest. */
  seed: number;
}

/** Something that lasts. */
export interface PlannedSpell extends Planned {
  lastsMs: number;
}

export interface Plan {
  changes: Planned[];
  plexTroubles: PlannedSpell[];
  stashTroubles: PlannedSpell[];
  /** `what` is a signal; `lastsMs` the time until the daemon starts again. */
  ends: PlannedSpell[];
  /** Two lanes, so that commands run beside each other. */
  commands: [Planned[], Planned[]];
}

/** How often, relative to each other. */
export type Weights = Readonly<Record<string, number>>;

export const CHANGES = {
  title: 30,
  tags: 25,
  performers: 12,
  studio: 10,
  details: 6,
  cover: 8,
  create: 5,
  arrive: 5,
  destroy: 2,
  rename: 2,
  burst: 1,
} as const satisfies Weights;

export const COMMANDS = {
  "sync --scene": 6,
  "sync --recent 1h": 1,
  "status --offline": 2,
  "stats": 2,
  "queue list": 2,
  "dead list": 1,
  "dead retry --all": 2,
  "backup": 1,
} as const satisfies Weights;

const ENDS = { SIGKILL: 3, SIGTERM: 1 } as const satisfies Weights;

/** @param lengthMs Nothing begins later, and no spell lasts longer */
export function makePlan(seed: number, lengthMs: number): Plan {
  // Lanes have generators of their own: another kind of event in one leaves the others as they are.
  const lane = (number: number, pauses: [number, number], weights: Weights) =>
    planLane(seededRandom(seed + number * 0x9e3779b1), pauses, weights, lengthMs);
  const spells = (planned: Planned[], lasts: [number, number]): PlannedSpell[] =>
    planned.map((event) => {
      const lastsMs = seededRandom(event.seed).whole(...lasts);
      return { ...event, lastsMs: Math.min(lastsMs, Math.max(0, lengthMs - event.atMs)) };
    });
  return {
    changes: lane(1, [20, 350], CHANGES),
    plexTroubles: spells(lane(2, [2_000, 9_000], weightsOf(PLEX_TROUBLES)), [500, 5_000]),
    stashTroubles: spells(lane(3, [4_000, 14_000], weightsOf(STASH_TROUBLES)), [500, 4_000]),
    ends: spells(lane(4, [2_000, 12_000], ENDS), [0, 1_500]),
    commands: [lane(5, [800, 4_000], COMMANDS), lane(6, [800, 4_000], COMMANDS)],
  };
}

function planLane(
  random: Random,
  [shortest, longest]: [number, number],
  weights: Weights,
  lengthMs: number,
): Planned[] {
  const planned: Planned[] = [];
  for (let atMs = random.whole(shortest, longest); atMs < lengthMs;) {
    planned.push({ atMs, what: pickWeighted(random, weights), seed: random.whole(1, 0x7fffffff) });
    atMs += random.whole(shortest, longest);
  }
  return planned;
}

function pickWeighted(random: Random, weights: Weights): string {
  const entries = Object.entries(weights);
  let left = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return entries[0]![0];
}

function weightsOf(troubles: Readonly<Record<string, { weight: number }>>): Weights {
  return Object.fromEntries(Object.entries(troubles).map(([name, { weight }]) => [name, weight]));
}
