import { UserError } from "../core/errors.ts";
import type { Figures } from "../core/figures.ts";
import { type StatsReport, statsReport } from "../app/stats_report.ts";
import { readStats } from "../app/stats_file.ts";
import { readFigures, readFiguresSince } from "../store/read_figures.ts";
import type { Store } from "../store/store.ts";
import type { Invocation } from "./command.ts";
import { storeToAsk } from "./question_store.ts";
import { redactorOf } from "../app/redactor.ts";
import type { Session } from "./session.ts";

/**
 * Reads everything that there is in the data directory, be it only a `stats.json`.
 * @throws {UserError} there is no database, and `stats.json` is damaged
 */
export async function collectStats(
  session: Session,
  invocation: Invocation,
  sinceMs: number | undefined,
): Promise<StatsReport> {
  const { files } = session;
  const now = invocation.world.runtime.now();
  const { store, empty } = await storeToAsk(session, invocation);
  try {
    const found = figures(store, empty, session, sinceMs, now);
    const sinceAt = sinceMs === undefined ? null : now - sinceMs;
    return redactorOf(session)(statsReport({ figures: found, store, files, sinceAt, now }));
  } finally {
    store.close();
  }
}

function figures(
  store: Store,
  empty: boolean,
  session: Session,
  sinceMs: number | undefined,
  now: number,
): Figures {
  if (sinceMs !== undefined) return readFiguresSince(store, now - sinceMs, now);
  const read = readStats(session.files.stats);
  // A damaged file matters only where it is all there is.
  if (read.kind === "damaged" && empty) {
    throw new UserError(
      `Cannot read ${session.files.stats}: ${read.reason}`,
      1,
      "plexsync run sets it aside and rebuilds it",
    );
  }
  return readFigures(store, read.kind === "read" ? read.stats : null, now);
}
