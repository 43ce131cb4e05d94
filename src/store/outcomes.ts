import type { ErrorType } from "../core/errors.ts";
import type { Database } from "./database.ts";

/** A row of `outcomes`: what one attempt came to. */
export interface Outcome {
  id: number;
  job_id: number;
  scene_id: string;
  /** Epoch ms. */
  at: number;
  outcome: OutcomeName;
  error_type: ErrorType | null;
  error_message: string | null;
  duration_ms: number;
  confidence: "high" | "low" | null;
  rating_key: string | null;
  /** JSON array of field names. */
  changed_fields: string;
}

export type OutcomeName =
  | "written"
  | "unchanged"
  | "skipped"
  | "gone"
  | "waiting"
  | "retry"
  | "dead";

/** One row per settled attempt. */
export class Outcomes {
  constructor(private readonly database: Database) {}

  /** For a caller that holds the transaction. */
  add(row: Omit<Outcome, "id">): void {
    this.database.prepare(
      `INSERT INTO outcomes (job_id, scene_id, at, outcome, error_type, error_message,
         duration_ms, confidence, rating_key, changed_fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      row.job_id,
      row.scene_id,
      row.at,
      row.outcome,
      row.error_type,
      row.error_message,
      row.duration_ms,
      row.confidence,
      row.rating_key,
      row.changed_fields,
    );
  }

  /** Newest first. */
  recent(limit: number): Outcome[] {
    return this.database.prepare("SELECT * FROM outcomes ORDER BY id DESC LIMIT ?")
      .all<Outcome>(limit);
  }

  countByOutcome(): Record<string, number> {
    const rows = this.database.prepare(
      "SELECT outcome, count(*) AS n FROM outcomes GROUP BY outcome ORDER BY outcome",
    ).all<{ outcome: string; n: number }>();
    return Object.fromEntries(rows.map((row) => [row.outcome, row.n]));
  }

  /** Removes rows older than `before` (epoch ms); totals keep what they counted. */
  removeOlder(before: number): number {
    return this.database.prepare("DELETE FROM outcomes WHERE at < ?").run(before);
  }
}
