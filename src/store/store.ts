import { machineOf } from "../core/meta_keys.ts";
import { type Database, transaction } from "./database.ts";
import { DeadLetters } from "./dead_letters.ts";
import { EntityNames } from "./entity_names.ts";
import { Fanouts } from "./fanouts.ts";
import { Jobs } from "./jobs.ts";
import { Meta } from "./meta.ts";
import { openDatabase, type StoreOptions } from "./open.ts";
import { Outages } from "./outages.ts";
import { Outcomes } from "./outcomes.ts";
import { PlexIndex } from "./plex_index.ts";
import { ReconcileRuns } from "./reconcile_runs.ts";
import { Settlement } from "./settlement.ts";
import { Totals } from "./totals.ts";
import { Traces } from "./traces.ts";
import { WrittenValues } from "./written_values.ts";

/** All state of plexsync: one SQLite file. */
export class Store {
  readonly jobs: Jobs;
  readonly fanouts: Fanouts;
  readonly entityNames: EntityNames;
  readonly deadLetters: DeadLetters;
  readonly outages: Outages;
  readonly outcomes: Outcomes;
  readonly totals: Totals;
  readonly index: PlexIndex;
  readonly written: WrittenValues;
  readonly traces: Traces;
  readonly meta: Meta;
  readonly reconcileRuns: ReconcileRuns;
  readonly settlement: Settlement;

  constructor(readonly database: Database) {
    this.jobs = new Jobs(database);
    this.fanouts = new Fanouts(database, this.jobs);
    this.entityNames = new EntityNames(database);
    this.deadLetters = new DeadLetters(database, this.jobs);
    this.outages = new Outages(database);
    this.outcomes = new Outcomes(database);
    this.totals = new Totals(database);
    this.index = new PlexIndex(database);
    this.written = new WrittenValues(database);
    this.traces = new Traces(database);
    this.meta = new Meta(database);
    this.reconcileRuns = new ReconcileRuns(database);
    this.settlement = new Settlement(database, this.totals, this.outcomes, this.written);
  }

  get driver(): string {
    return this.database.driver;
  }

  /** Forgets all that holds for one Plex server only: its items, and what was written to them. */
  forgetPlex(): void {
    transaction(this.database, () => {
      this.index.clear();
      this.written.clear();
      this.meta.remove(machineOf("plex"));
    });
  }

  close(): void {
    this.database.close();
  }
}

/**
 * Opens the database at `path`, made and migrated when needed.
 * @throws {UserError} its schema is newer than this program
 */
export async function openStore(path: string, options: StoreOptions): Promise<Store> {
  return new Store(await openDatabase(path, options));
}
