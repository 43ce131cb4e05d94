/**
 * Promise 11 over random libraries and histories: changes in Stash, files that pass from one scene
 * to another, items that Plex makes again under new ids, images that are lost, a person's edits in
 * both targets, also while we write, lost answers, refused writes, outages and kills, undos on the
 * way, and a journal that is pruned. PLEXSYNC_UNDO_RUNS=500 tries more of them.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { UndoScope } from "../../../src/core/journal/undo_scope.ts";
import { coverPng } from "../../sim/stash/png.ts";
import { MOVABLE, SCENES, SINGLE } from "./undo_library.ts";
import { ItemModel, type Sight } from "./undo_model.ts";
import { choice, personal } from "./undo_persons.ts";
import { type Fault, type FaultKind, type Moment, NO_FAULT, Play } from "./undo_play.ts";

const RUNS = Number(Deno.env.get("PLEXSYNC_UNDO_RUNS") ?? 6);
/** The same ones each time, unless more are asked for. */
const SEED = Deno.env.get("PLEXSYNC_UNDO_SEED") ?? (RUNS > 6 ? undefined : "1");
/** Six in Plex, three in the second target. */
const ITEMS = 9;

/** About as long as a step takes. */
const TURN_MS = 90_000;

const NAMES = ["One", "Two", "three", "Smith, Jr", "Ann"];
const TEXTS = ["", "A", "B", "C"];
const DATES = [null, "2020-01-02", "2021-03-04"];

const names = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 });
const scene = fc.constantFrom(...SCENES);
const item = fc.nat(ITEMS - 1);

/** A change in Stash: some members of a scene. */
const change = fc.record({
  title: fc.constantFrom("A", "B", "C"),
  details: fc.constantFrom(...TEXTS),
  code: fc.constantFrom(...TEXTS),
  date: fc.constantFrom(...DATES),
  rating100: fc.constantFrom(null, 40, 80),
  studio: fc.constantFrom("Works", "Other", "A"),
  tags: names,
  performers: names,
  cover: fc.constantFrom(null, ...[1, 2].map((n) => coverPng(n).toBase64())),
}, { requiredKeys: [] });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(NO_FAULT) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom<FaultKind>("lost", "refused", "outage", "killed", "killed after"),
      after: fc.nat(5),
    }),
  },
  // An image fails midway, or a person has a hand in it.
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom<FaultKind>(
        ...["none", "error", "error after", "denied", "lost", "refused"] as const,
        ...["killed", "killed after"] as const,
      ),
      after: fc.nat(2),
      isImage: fc.constant(true),
      choice: fc.option(
        fc.record({
          at: fc.constantFrom<Moment>("before", "after", "later", "later"),
          does: choice,
        }),
      ),
    }),
  },
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("change" as const), scene, change, fault }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("edit" as const), item, does: personal }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("undo" as const),
      kind: fc.constantFrom("scene" as const, "since" as const, "run" as const, "all" as const),
      at: fc.nat(9),
      fault,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("prune" as const),
      at: fc.nat(9),
      isFull: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("lose" as const),
      item,
      field: fc.constantFrom("poster" as const, "background" as const),
      pick: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("anew" as const), file: fc.constantFrom(...SINGLE) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      file: fc.constantFrom(...MOVABLE),
      scene,
      fault,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const history = fc.record({
  before: fc.array(fc.record({ item, does: personal }), { maxLength: 6 }),
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
  /** What Plex makes again, under a new id, after the undo of all. */
  anew: fc.subarray(SINGLE),
  tagMode: fc.constantFrom("merge" as const, "mirror" as const),
  preservePlexEdits: fc.boolean(),
  /** Whether Plex locks an image that is chosen. */
  imageLocks: fc.boolean(),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

async function take(play: Play, step: Step): Promise<void> {
  switch (step.do) {
    case "change":
      play.rig.stash.upsert([{ id: step.scene, ...step.change }]);
      play.breaks(step.fault);
      return await play.sync([step.scene]);
    case "edit":
      return await play.edit(step.item, step.does);
    case "lose":
      return await play.lose(step.item, step.field, step.pick);
    case "prune":
      return play.prune(step.at * TURN_MS, step.isFull);
    case "anew":
      return await play.makeAnew(step.file);
    case "move":
      play.move(step.file, step.scene);
      play.breaks(step.fault);
      return await play.sync();
    case "undo":
      play.breaks(step.fault);
      await play.undo(scopeOf(play, step));
  }
}

function scopeOf(play: Play, { kind, at }: Extract<Step, { do: "undo" }>): UndoScope {
  switch (kind) {
    case "all":
      return { kind };
    case "scene":
      return { kind, scene: SCENES[at % SCENES.length]! };
    case "since":
      return { kind, at: play.rig.runtime.now() - at * TURN_MS };
    case "run":
      return { kind, run: at };
  }
}

async function holds(
  { before, steps, anew, imageLocks, ...settings }: History,
): Promise<void> {
  await using play = await Play.open(settings, imageLocks);
  for (const { item, does } of before) await play.edit(item, does);
  for (const sight of await play.sights()) play.models.push(new ItemModel(sight));
  await play.sync();
  for (const step of steps) await take(play, step);
  // What waits in Stash would be written after the undo, and rightly so.
  await play.sync();

  const ours = await play.sights();
  const { run, errors } = await play.undo();
  const undone = await play.sights();
  assertEquals(errors.filter((error) => !/^Item \d+ is gone$/.test(error)), []);
  undone.forEach((now, at) => {
    const model = play.models[at]!;
    assertEquals(model.actual(now), model.expected(now), `item ${at} after undo --all`);
  });

  const writes = play.writes().length;
  await play.undo();
  assertEquals(play.writes().length, writes, "a second undo --all writes");

  // Whatever the journal has lost, what one undo took its own undo brings.
  const again = await play.undo({ kind: "run", run });
  assertEquals(sorted(await play.sights()), sorted(ours), "after undo --run of the undo");
  await play.undo({ kind: "run", run: again.run });
  assertEquals(sorted(await play.sights()), sorted(undone), "after undo --run of that");
  await play.undo({ kind: "all" });
  assertEquals(sorted(await play.sights()), sorted(undone), "after undo --all again");

  const old = new Set(play.models);
  for (const file of anew) await play.makeAnew(file);
  const left = await play.sights();
  play.rig.stash.upsert(SCENES.map((id) => ({ id, code: "Unrelated" })));
  await play.sync();
  const without = (sights: Sight[]) =>
    sorted(sights).map(({ tagline: _, ...rest }, at) => {
      const model = play.models[at]!;
      return old.has(model) ? model.withoutTheirLocks(rest) : model.forebear!.onlyOurs(rest);
    });
  assertEquals(without(await play.sights()), without(left), "after an unrelated edit in Stash");
}

/** The place of a name that somebody had a hand in is nobody's. */
function sorted(sights: Sight[]): Sight[] {
  return sights.map((sight) =>
    Object.fromEntries(
      Object.entries(sight).map(([field, each]) => [
        field,
        { values: [...each.values].sort(), locked: each.locked },
      ]),
    )
  );
}

Deno.test("after any history an undo of all leaves each field as it was before us, or as a person left it", async () => {
  await fc.assert(fc.asyncProperty(history, holds), {
    numRuns: RUNS,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    ...(RUNS > 20 ? { interruptAfterTimeLimit: 540_000 } : {}),
  });
});
