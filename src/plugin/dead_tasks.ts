import {
  countLettersByType,
  discardLetters,
  discardOldLetters,
  lettersOfOutage,
  listLetters,
  retryLetters,
} from "../app/queue/letters.ts";
import { countsText, instant, plural } from "../core/text/wording.ts";
import type { TaskContext, TaskLine } from "./task_context.ts";

/** Stash's log keeps 30 lines for all plugins together. */
const SHOWN = 10;

export async function listAll(
  { installation, settings: { log } }: TaskContext,
): Promise<TaskLine[]> {
  const opened = await installation();
  const types = countLettersByType(opened);
  const count = Object.values(types).reduce((sum, n) => sum + n, 0);
  if (count === 0) return ["No dead letters"];
  const newest = listLetters(opened, {}, SHOWN).map((letter) => {
    const path = letter.path === null ? "" : ` (${log.path(letter.path)})`;
    return `#${letter.id} scene ${letter.scene_id}: ${letter.error_type}: ` +
      `${letter.error_message.slice(0, 200)}${path}; ${letter.hint}`;
  });
  const more = count > SHOWN ? `, the newest ${SHOWN}` : "";
  return [`${plural(count, "dead letter")}: ${countsText(types)}${more}`, ...newest];
}

export async function retryAll({ installation }: TaskContext): Promise<TaskLine[]> {
  const { ids } = retryLetters(await installation(), {});
  return [`Put ${plural(ids.length, "scene")} back into the queue`];
}

export async function retryOutage({ installation }: TaskContext): Promise<TaskLine[]> {
  const opened = await installation();
  const found = lettersOfOutage(opened);
  if ("lasting" in found) {
    const { server, started_at, cause } = found.lasting;
    return [{
      warning: `Nothing was put back: ${server} is down since ${instant(started_at)}: ${cause}`,
    }];
  }
  const { ids } = retryLetters(opened, found);
  return [`Put ${plural(ids.length, "scene")} back that failed in the last outage`];
}

export async function purgeOld({ installation, settings }: TaskContext): Promise<TaskLine[]> {
  const days = settings.config.dlqRetentionDays;
  const removed = discardOldLetters(await installation());
  return [`Removed ${plural(removed, "dead letter")} older than ${plural(days, "day")}`];
}

export async function clearAll({ installation }: TaskContext): Promise<TaskLine[]> {
  const { ids } = discardLetters(await installation(), {});
  return [`Removed ${plural(ids.length, "dead letter")}`];
}
