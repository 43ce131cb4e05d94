import type { Database } from "./database/database.ts";
import { DeadLetters } from "./queue/dead_letters.ts";
import { EntityNames } from "./queue/entity_names.ts";
import { Fanouts } from "./queue/fanouts.ts";
import { Jobs } from "./queue/jobs.ts";
import { Meta } from "./meta.ts";
import { openDatabase, type StoreOptions } from "./database/open.ts";
import { Outages } from "./figures/outages.ts";
import { Outcomes } from "./figures/outcomes.ts";
import { Queue } from "./queue/queue.ts";
import { ReconcileRuns } from "./queue/reconcile_runs.ts";
import { replan } from "./queue/replan.ts";
import { Scenes } from "./library/scenes.ts";
import { Settlement } from "./queue/settlement.ts";
import { TargetStore } from "./target_store.ts";
import { Totals } from "./figures/totals.ts";

/** All state of plexsync: one SQLite file. */
export class Store {
  readonly jobs: Jobs;
  readonly queue: Queue;
  readonly fanouts: Fanouts;
  readonly entityNames: EntityNames;
  readonly deadLetters: DeadLetters;
  readonly outages: Outages;
  readonly outcomes: Outcomes;
  readonly totals: Totals;
  readonly scenes: Scenes;
  readonly meta: Meta;
  readonly reconcileRuns: ReconcileRuns;
  readonly settlement: Settlement;

  private readonly known: ReadonlyMap<string, TargetStore>;

  /** @param targets Keys of what scenes are written to */
  constructor(readonly database: Database, readonly targets: readonly string[]) {
    this.known = new Map(targets.map((target) => [target, new TargetStore(database, target)]));
    this.jobs = new Jobs(database, targets);
    this.queue = new Queue(database);
    this.fanouts = new Fanouts(database, this.jobs);
    this.entityNames = new EntityNames(database);
    this.deadLetters = new DeadLetters(database, this.jobs);
    this.outages = new Outages(database);
    this.outcomes = new Outcomes(database);
    this.totals = new Totals(database);
    this.scenes = new Scenes(database);
    this.meta = new Meta(database);
    this.reconcileRuns = new ReconcileRuns(database);
    const of = (target: string) => this.of(target);
    this.settlement = new Settlement(database, this.totals, this.outcomes, of, this.scenes);
  }

  get driver(): string {
    return this.database.driver;
  }

  /**
   * What is known for one target.
   * @throws {RangeError} it is none of `targets`
   */
  of(target: string): TargetStore {
    const found = this.known.get(target);
    if (found === undefined) {
      throw new RangeError(
        `Cannot read what is known for target "${target}": targets are ${this.targets.join(", ")}`,
      );
    }
    return found;
  }

  /** What the indexes of all targets hold. */
  indexedCount(): { items: number; files: number } {
    const counts = this.targets.map((target) => this.of(target).index.count());
    const sum = (key: "items" | "files") => counts.reduce((all, each) => all + each[key], 0);
    return { items: sum("items"), files: sum("files") };
  }

  /** Plans anew what was planned before the clock was set back. @returns how many of it */
  replan(now: number): number {
    return replan(this.database, now);
  }

  close(): void {
    this.database.close();
  }
}

/**
 * Opens the database at `path`, made and migrated when needed.
 * @throws {UserError} its schema is newer than this program, or has an older layout
 */
export async function openStore(
  path: string,
  targets: readonly string[],
  options: StoreOptions,
): Promise<Store> {
  return new Store(await openDatabase(path, options), targets);
}
