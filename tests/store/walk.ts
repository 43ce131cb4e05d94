/** A random walk: each step does the same to the store and to the model, and compares the answers. */
import { assertEquals } from "@std/assert";
import { ERROR_TYPES } from "../../src/core/failures/error_types.ts";
import { type Attempt, type Disposition, type Job, REASONS } from "../../src/core/jobs/job.ts";
import type { SceneFile } from "../../src/core/sync/scene.ts";
import type { Store } from "../../src/store/store.ts";
import type { Random } from "../sim/random.ts";
import { scene } from "../core/samples.ts";
import { assertInvariants } from "./invariants.ts";
import {
  attempt,
  back,
  dead,
  done,
  indexed,
  LEASE_MS,
  retry,
  sceneFile,
  T0,
  waiting,
  written,
} from "./samples.ts";
import { Model } from "./walk_model.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

const SCENES = Array.from({ length: 25 }, (_, i) => `${i}`);
const OWNERS = ["a", "b", "c"] as const;

/** What can happen, and how often. */
const STEPS: readonly (readonly [weight: number, act: (walk: Walk) => void])[] = [
  [25, (walk) => walk.enqueue()],
  [25, (walk) => walk.claim()],
  [45, (walk) => walk.settle()],
  [5, (walk) => walk.renew()],
  [10, (walk) => walk.wake()],
  [8, (walk) => walk.retryDead()],
  [8, (walk) => walk.put()],
  [2, (walk) => walk.sweep()],
  [1, (walk) => walk.restart()],
  [15, (walk) => walk.moveClock()],
];
const WEIGHT = STEPS.reduce((sum, [weight]) => sum + weight, 0);

export class Walk {
  #now = T0;
  readonly #model = new Model();
  readonly #accepted = new Set<string>();
  /** Jobs that workers believe to hold, those that they lost included. */
  #held: Job[] = [];
  /** Counts of what happened, to see that the walk went everywhere. */
  readonly met: Record<string, number> = {};

  constructor(readonly store: Store, readonly random: Random) {}

  step(): void {
    let draw = this.random.next() * WEIGHT;
    const [, act] = STEPS.find(([weight]) => (draw -= weight) < 0)!;
    act(this);
  }

  enqueue(): void {
    const scenes = this.#some(SCENES, 4);
    const reason = this.random.pick(REASONS);
    const counts = this.store.jobs.enqueue(scenes, reason, this.#now);
    assertEquals(counts, this.#model.enqueue(scenes, reason, this.#now));
    for (const scene of scenes) this.#accepted.add(scene);
    this.#meet("merged", counts.merged);
  }

  claim(): void {
    const owner = this.random.pick(OWNERS);
    const limit = this.random.whole(1, 6);
    const jobs = this.store.jobs.claim(owner, this.#now, limit, LEASE_MS, TARGET);
    const scenes = this.#model.claim(owner, this.#now, limit, LEASE_MS);
    assertEquals(jobs.map((job) => job.scene_id), scenes);
    this.#held.push(...jobs);
    this.#meet("claimed", jobs.length);
  }

  settle(): void {
    const ends = this.#some(this.#held, 4).map((job) => this.#end(job));
    for (const { job, disposition } of ends) {
      if (disposition.to !== "waiting") continue;
      // Whoever comes to wait has read the scene.
      const { scene_id: id } = job;
      const { files } = disposition;
      noteScenes(this.store.database, [scene({ id, files: [...files] })], this.#now);
      this.#model.note(id, files);
    }
    const { settled, late } = this.store.settlement.settle(ends, this.#now);
    const stood = ends.map((end) => this.#model.settle(end, this.#now));
    assertEquals(settled, ends.filter((_, i) => stood[i]));
    assertEquals(late, ends.filter((_, i) => !stood[i]));
    for (const end of ends) this.#meet(end.disposition.to);
    this.#meet("late", late.length);
    // Most are forgotten; some come again, late.
    this.#held = this.#held.filter((job) =>
      !ends.some((end) => end.job === job) || this.random.chance(10)
    );
  }

  renew(): void {
    const owner = this.random.pick(OWNERS);
    const until = this.#now + LEASE_MS;
    assertEquals(this.store.jobs.renew(owner, until, TARGET), this.#model.renew(owner, until));
  }

  wake(): void {
    const since = this.#now - this.random.pick([0, 1_000, 60_000]);
    const counts = this.store.jobs.wake(this.#now, since, TARGET);
    assertEquals(counts, this.#model.wake(this.#now, since));
    this.#meet("found", counts.found);
    this.#meet("spent", counts.spent);
  }

  retryDead(): void {
    const letters = this.#some(this.store.deadLetters.recent(9), 2);
    const ids = letters.map((letter) => letter.id);
    const retried = this.store.deadLetters.retry([...ids, 1_000_000], this.#now);
    // Oldest first, as the store takes them: the new jobs are numbered in that order.
    const inOrder = [...new Set(letters)].sort((a, b) => a.id - b.id);
    const known = inOrder.filter((letter) => this.#model.retryDead(letter.scene_id, this.#now));
    assertEquals([...retried].sort((a, b) => a - b), known.map((letter) => letter.id));
    this.#meet("retried", retried.length);
  }

  put(): void {
    const key = `${this.random.whole(1, 15)}`;
    const names = new Set(this.#files().map((file) => file.path));
    const files = [...names].map((path) =>
      indexed(key, path.replace("/data", "/media"), { size: this.random.whole(0, 60) })
    );
    this.store.of(TARGET).index.put(files, this.#now);
    this.#model.put(files, this.#now);
  }

  sweep(): void {
    const since = this.#now - 600_000;
    const dropped = this.store.of(TARGET).index.dropUnseen("1", since);
    assertEquals(dropped, this.#model.dropUnseen(since));
    this.#meet("dropped", dropped);
  }

  /** A new process frees all leases; what the old one held comes too late. */
  restart(): void {
    assertEquals(this.store.jobs.rescueAll(this.#now), this.#model.rescueAll(this.#now));
  }

  /** Mostly on, at times past a lease, rarely back or a day ahead. */
  moveClock(): void {
    const { random } = this;
    this.#now += random.chance(90)
      ? random.pick([1, 500, 5_000, 30_000, LEASE_MS, 700_000])
      : random.pick([-1_000, -120_000, -7_200_000, 86_400_000]);
  }

  /** All rows of both, and every invariant. */
  check(): void {
    const { database } = this.store;
    const model = this.#model;
    const jobs = [...model.jobs.values()].sort((a, b) => a.id - b.id);
    const columns = `id, scene_id, priority, generation, state, retry_count, wait_count,
      deaths, next_retry_at, lease_owner, lease_until, enqueued_at`;
    assertEquals(database.prepare(`SELECT ${columns} FROM jobs ORDER BY id`).all(), jobs);

    const letters = this.store.deadLetters.recent(1_000);
    const found = Object.fromEntries(letters.map((each) => [each.scene_id, each.retry_count]));
    assertEquals(found, Object.fromEntries(model.dead));

    const rows = this.store.outcomes.recent(1_000_000).reverse();
    assertEquals(rows.map((row) => row.outcome), model.outcomes);
    const totals = this.store.totals.read();
    assertEquals(totals, { ...model.stats.toJSON(), session_start: 0 });

    const items = [...model.items].map(([key, { files }]) => [key, files.length]).sort();
    const known = database.prepare(
      "SELECT item, count(*) AS n FROM index_files GROUP BY item",
    ).all<{ item: string; n: number }>();
    assertEquals(known.map((row) => [row.item, row.n]).sort(), items);

    for (const scene of SCENES) {
      const hash = this.store.of(TARGET).written.ofScene(scene)[0]?.sceneHash;
      assertEquals(hash, model.written.get(scene), `written of ${scene}`);
    }
    const there = [...model.written].filter(([scene]) => !model.gone.has(scene)).sort();
    assertEquals([...this.store.of(TARGET).written.hashes(-1, SCENES.length)].sort(), there);
    assertInvariants(database, { accepted: [...this.#accepted] });
  }

  #end(job: Job): Attempt {
    const { random } = this;
    const hash = `${random.whole(1, 1_000_000)}`;
    return attempt(job, this.#disposition(), {
      durationMs: random.next() * 1_000,
      confidence: random.pick(["high", "low", null]),
      errorType: random.pick([...ERROR_TYPES, null]),
      written: random.chance(30)
        ? [{ ...written(job.scene_id, job.scene_id), sceneHash: hash }]
        : [],
    });
  }

  #disposition(): Disposition {
    const at = this.#now + this.random.pick([-5_000, 0, 1_000, 30_000, 600_000]);
    switch (this.random.whole(0, 5)) {
      case 0:
        return dead;
      case 1:
        return retry(at);
      case 2:
        return back(at);
      case 3:
        return waiting(at, ...this.#files());
      default:
        return done(this.random.pick(["written", "unchanged", "skipped", "gone"]));
    }
  }

  /** Of different paths: no two files of a scene stand at one. */
  #files(): SceneFile[] {
    const { random } = this;
    const names = Array.from({ length: random.whole(1, 2) }, () => random.whole(1, 60));
    return [...new Set(names)].map((name) => sceneFile(`/data/${name}.mp4`, random.whole(0, 60)));
  }

  /** From one to `most` of the list, repeats possible; none of an empty one. */
  #some<T>(list: readonly T[], most: number): T[] {
    if (list.length === 0) return [];
    return Array.from({ length: this.random.whole(1, most) }, () => this.random.pick(list));
  }

  #meet(what: string, times = 1): void {
    this.met[what] = (this.met[what] ?? 0) + times;
  }
}
