import { assertEquals } from "@std/assert";
import { seededRandom } from "../sim/random.ts";
import { storeTest } from "./temp_store.ts";
import { Walk } from "./walk.ts";

const STEPS = 2_500;
/** How often all rows are compared, in steps. */
const CHECK_EVERY = 100;

/** What every walk must have met to say something about it. */
const MET = [
  "merged",
  "claimed",
  "done",
  "retry",
  "back",
  "waiting",
  "dead",
  "late",
  "found",
  "spent",
  "retried",
  "dropped",
];

const anySeed = crypto.getRandomValues(new Uint32Array(1))[0]!;
const seeds: [name: string, seed: number][] = [
  ["seed 1", 1],
  ["seed 2", 2],
  ["seed 2026", 2026],
  ["a new seed each time", anySeed],
];

for (const [name, seed] of seeds) {
  storeTest(`a random walk over all operations agrees with the model: ${name}`, ({ store }) => {
    const walk = new Walk(store, seededRandom(seed));
    let step = 0;
    try {
      for (step = 1; step <= STEPS; step++) {
        walk.step();
        if (step % CHECK_EVERY === 0) walk.check();
      }
    } catch (error) {
      throw new Error(`Walk with seed ${seed} failed at step ${step}`, { cause: error });
    }
    const missed = MET.filter((what) => walk.met[what] === undefined || walk.met[what] === 0);
    assertEquals(missed, [], `seed ${seed}: ${JSON.stringify(walk.met)}`);
  });
}
