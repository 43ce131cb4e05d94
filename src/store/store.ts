import { DEFAULT_TARGET } from "../core/job.ts";
import { machineOf } from "../core/meta_keys.ts";
import { type Database, transaction } from "./database.ts";
import { DeadLetters } from "./dead_letters.ts";
import { EntityNames } from "./entity_names.ts";
import { Fanouts } from "./fanouts.ts";
import { ItemIndex } from "./item_index.ts";
import { Jobs } from "./jobs.ts";
import { Meta } from "./meta.ts";
import { openDatabase, type StoreOptions } from "./open.ts";
import { Outages } from "./outages.ts";
import { Outcomes } from "./outcomes.ts";
import { Pins } from "./pins.ts";
import { Queue } from "./queue.ts";
import { ReconcileRuns } from "./reconcile_runs.ts";
import { Scenes } from "./scenes.ts";
import { Settlement } from "./settlement.ts";
import { Totals } from "./totals.ts";
import { WrittenValues } from "./written_values.ts";

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
  readonly index: ItemIndex;
  readonly written: WrittenValues;
  readonly scenes: Scenes;
  readonly pins: Pins;
  readonly meta: Meta;
  readonly reconcileRuns: ReconcileRuns;
  readonly settlement: Settlement;

  /** @param targets Where scenes are written to */
  constructor(readonly database: Database, readonly targets: readonly string[] = [DEFAULT_TARGET]) {
    this.jobs = new Jobs(database, targets);
    this.queue = new Queue(database);
    this.fanouts = new Fanouts(database, this.jobs);
    this.entityNames = new EntityNames(database);
    this.deadLetters = new DeadLetters(database, this.jobs);
    this.outages = new Outages(database);
    this.outcomes = new Outcomes(database);
    this.totals = new Totals(database);
    this.index = this.indexOf(DEFAULT_TARGET);
    this.written = new WrittenValues(database);
    this.scenes = new Scenes(database);
    this.pins = new Pins(database);
    this.meta = new Meta(database);
    this.reconcileRuns = new ReconcileRuns(database);
    this.settlement = new Settlement(
      database,
      this.totals,
      this.outcomes,
      this.written,
      this.scenes,
    );
  }

  get driver(): string {
    return this.database.driver;
  }

  /** What a target's items are known to be. */
  indexOf(target: string): ItemIndex {
    return new ItemIndex(this.database, target);
  }

  /** Forgets all that holds for one server only: its items, and what was written to them. */
  forgetTarget(target: string): void {
    transaction(this.database, () => {
      this.indexOf(target).clear();
      this.written.clear(target);
      this.pins.clear(target);
      this.meta.remove(machineOf(target));
    });
  }

  close(): void {
    this.database.close();
  }
}

/**
 * Opens the database at `path`, made and migrated when needed.
 * @throws {UserError} its schema is newer than this program, or has an older layout
 */
export async function openStore(path: string, options: StoreOptions): Promise<Store> {
  return new Store(await openDatabase(path, options));
}
