import type { Outage } from "../../core/stats/outage_metrics.ts";
import type { Database } from "../database/database.ts";

/** Every time that a server did not answer, with start, end and cause. */
export class Outages {
  constructor(private readonly database: Database) {}

  /** One outage per server at a time: a second start changes nothing. */
  begin(server: Outage["server"], at: number, cause: string): void {
    if (this.current(server) !== undefined) return;
    this.database.prepare("INSERT INTO outages (server, started_at, cause) VALUES (?, ?, ?)")
      .run(server, at, cause);
  }

  end(server: Outage["server"], at: number): void {
    this.database.prepare(
      "UPDATE outages SET ended_at = max(?, started_at) WHERE server = ? AND ended_at IS NULL",
    ).run(at, server);
  }

  /** The clock was set back by so much: what goes on began as much earlier by it. */
  shift(server: Outage["server"], backMs: number): void {
    this.database.prepare(
      "UPDATE outages SET started_at = started_at - ? WHERE server = ? AND ended_at IS NULL",
    ).run(Math.round(backMs), server);
  }

  current(server: Outage["server"]): Outage | undefined {
    return this.database.prepare("SELECT * FROM outages WHERE server = ? AND ended_at IS NULL")
      .get<Outage>(server);
  }

  /** Newest first. */
  recent(limit: number, server?: Outage["server"]): Outage[] {
    const filter = server === undefined ? "" : "WHERE server = ?";
    const values = server === undefined ? [] : [server];
    return this.database.prepare(
      `SELECT * FROM outages ${filter} ORDER BY started_at DESC, id DESC LIMIT ?`,
    ).all<Outage>(...values, limit);
  }
}
