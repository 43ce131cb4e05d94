import { DAY_MS, HOUR_MS, SECOND_MS } from "../core/time/duration.ts";
import type { LogPort } from "../core/log_port.ts";
import type { Runtime } from "../core/runtime.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import type { Config } from "../config/config.ts";
import type { JournalPruning } from "../store/journal/journal_pruning.ts";
import type { Store } from "../store/store.ts";
import type { Service } from "./service.ts";

/** Writes that are dealt with in one transaction: others want to write, and to be answered, too. */
const STEP = 50;
const PAUSE_MS = SECOND_MS / 4;
/** Writes that are measured in one go. */
const PART = 2_000;
const MB = 1024 * 1024;

export interface JournalUpkeepParts {
  config: Pick<Config, "journalDays" | "journalMaxMb">;
  store: Pick<Store, "of" | "targets">;
  runtime: Runtime;
  log: Pick<LogPort, "warning">;
}

/** Keeps the journal within its age and size, each hour, in small steps beside the work. */
export function journalUpkeep({ config, store, runtime, log }: JournalUpkeepParts): Service<never> {
  return {
    name: "journal upkeep",
    async run(stop) {
      while (!stop.aborted) {
        for (const target of store.targets) {
          const { pruning, undos } = store.of(target);
          try {
            const before = runtime.now() - config.journalDays * DAY_MS;
            // Who waits for an undo reads its result a moment after its end.
            undos.removeOlder(Math.min(before, runtime.now() - DAY_MS));
            while (!stop.aborted && pruning.step(before, STEP)) {
              await runtime.sleep(PAUSE_MS, stop);
            }
            const middle = await middleIfOver(config.journalMaxMb * MB, pruning, runtime, stop);
            while (!stop.aborted && middle !== null && pruning.step(middle, STEP, true)) {
              await runtime.sleep(PAUSE_MS, stop);
            }
          } catch (error) {
            // A full disk, or a lock that lasts: the journal can wait for the next hour.
            if (storeFault(error) === null) throw error;
            log.warning("The journal cannot be made shorter now", {
              event: "journal_upkeep",
              error,
            });
          }
        }
        await runtime.sleep(HOUR_MS, stop);
      }
    },
  };
}

/**
 * Measures the journal, part by part: in one go it held up all else for a quarter of a second for
 * each 100,000 writes.
 * @returns when the write in the middle of all was made, epoch ms; null while there is room, and
 *   when a stop was asked for: a million writes take seconds, and their measure would be of no use
 */
async function middleIfOver(
  mostBytes: number,
  pruning: Pick<JournalPruning, "part" | "writtenAt">,
  runtime: Pick<Runtime, "sleep">,
  stop: AbortSignal,
): Promise<number | null> {
  const parts: { after: number; writes: number }[] = [];
  let bytes = 0;
  let nth = 0;
  for (let after = 0;;) {
    const part = pruning.part(after, PART);
    if (part === null) break;
    parts.push({ after, writes: part.writes });
    bytes += part.bytes;
    nth += part.writes / 2;
    after = part.upTo;
    await runtime.sleep(0);
    if (stop.aborted) return null;
  }
  if (bytes <= mostBytes) return null;
  nth = Math.floor(nth);
  for (const { after, writes } of parts) {
    if (nth < writes) return pruning.writtenAt(after, nth);
    nth -= writes;
  }
  return null;
}
