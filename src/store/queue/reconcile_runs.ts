import { MINUTE_MS } from "../../core/time/duration.ts";
import { parseJson } from "../../core/text/json.ts";
import {
  readReport,
  RECONCILE_SCOPES,
  type ReconcileReport,
  type ReconcileScope,
} from "../../core/reconcile/reconcile_report.ts";
import type { LastRun } from "../../core/reconcile/reconcile_due.ts";
import { type Database, transaction } from "../database/database.ts";

/** Who began a run: the daemon when it was due, or a person. */
export type RunOrigin = "schedule" | "command";

/** One reconciliation. Times are epoch ms. */
export interface ReconcileRun {
  id: number;
  started_at: number;
  /** null while it runs. */
  ended_at: number | null;
  origin: RunOrigin;
  scope: ReconcileScope;
  dry_run: boolean;
  /** stopped: cut off, or ended before its time on purpose. */
  state: "running" | "done" | "failed" | "stopped";
  /** What was found; up to where it came, for one that did not end. */
  report: ReconcileReport;
  queued: number;
  error: string | null;
}

type Row = Omit<ReconcileRun, "dry_run" | "report"> & { dry_run: 0 | 1; counts: string };

const KEPT = 50;
/** A run without a sign of life for this long was killed. */
const SILENCE_MS = 5 * MINUTE_MS;

const COLUMNS =
  "id, started_at, ended_at, origin, scope, dry_run, state, counts, queued, error" as const;

/** The history of reconciliations, and the right to be the only one. */
export class ReconcileRuns {
  constructor(private readonly database: Database) {}

  /**
   * Notes the start of a run, unless another one is under way.
   * @returns the new run's id, or the one that is under way
   */
  begin(
    { at, origin, scope, dryRun, report }: {
      at: number;
      origin: RunOrigin;
      scope: ReconcileScope;
      dryRun: boolean;
      report: ReconcileReport;
    },
  ): { id: number } | { busy: ReconcileRun } {
    return transaction(this.database, () => {
      // Seen in the future: the clock was set back, and says nothing.
      this.database.prepare(
        `UPDATE reconcile_runs SET state = 'stopped', ended_at = seen_at
         WHERE state = 'running' AND (seen_at <= ? OR seen_at > ?)`,
      ).run(at - SILENCE_MS, at + SILENCE_MS);
      const [busy] = this.#select("WHERE state = 'running' LIMIT 1");
      if (busy !== undefined) return { busy };
      this.database.prepare(
        `INSERT INTO reconcile_runs
           (started_at, seen_at, origin, scope, dry_run, state, counts, queued)
         VALUES (?, ?, ?, ?, ?, 'running', ?, 0)`,
      ).run(at, at, origin, scope, dryRun ? 1 : 0, JSON.stringify(report));
      const id = this.database.lastInsertId();
      this.database.prepare("DELETE FROM reconcile_runs WHERE id <= ?").run(id - KEPT);
      return { id };
    });
  }

  /** A sign of life, with what was found so far. */
  beat(id: number, report: ReconcileReport, now: number): void {
    this.database.prepare(
      "UPDATE reconcile_runs SET seen_at = ?, counts = ?, queued = ? WHERE id = ?",
    ).run(now, JSON.stringify(report), report.queued, id);
  }

  end(
    id: number,
    { at, state, report, error }: {
      at: number;
      state: "done" | "failed" | "stopped";
      report: ReconcileReport;
      error: string | null;
    },
  ): void {
    this.database.prepare(
      `UPDATE reconcile_runs
       SET ended_at = max(?, started_at), state = ?, counts = ?, queued = ?, error = ? WHERE id = ?`,
    ).run(at, state, JSON.stringify(report), report.queued, error, id);
  }

  /** For the one daemon at its start: scheduled runs that are under way belong to a dead one. */
  stopScheduled(): number {
    return this.database.prepare(
      `UPDATE reconcile_runs SET state = 'stopped', ended_at = seen_at
       WHERE state = 'running' AND origin = 'schedule'`,
    ).run();
  }

  /**
   * The last run that counts for a schedule: one that came to an end, was its own or changed the
   * queue, and looked at no less than `scope`.
   */
  last(scope: ReconcileScope): LastRun | null {
    const wide = RECONCILE_SCOPES.slice(0, RECONCILE_SCOPES.indexOf(scope) + 1);
    const [run] = this.#select(
      `WHERE state IN ('done', 'failed') AND (dry_run = 0 OR origin = 'schedule')
         AND scope IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1`,
      JSON.stringify(wide),
    );
    return run === undefined ? null : {
      startedAt: run.started_at,
      endedAt: run.ended_at!,
      failed: run.state === "failed",
    };
  }

  get(id: number): ReconcileRun {
    return this.#select("WHERE id = ?", id)[0]!;
  }

  /** Newest first; 50 are kept. */
  recent(): ReconcileRun[] {
    return this.#select("ORDER BY id DESC");
  }

  #select(rest: string, ...values: (string | number)[]): ReconcileRun[] {
    return this.database.prepare(`SELECT ${COLUMNS} FROM reconcile_runs ${rest}`)
      .all<Row>(...values).map(({ dry_run, counts, ...row }) => ({
        ...row,
        dry_run: dry_run === 1,
        report: readReport(parseJson(counts)),
      }));
  }
}
