import { DAY_MS } from "../core/duration.ts";
import { countsText, plural } from "./output.ts";
import type { TaskContext } from "./plugin_task_context.ts";

/** Stash's log keeps 30 lines for all plugins together (stash-api 2). */
const SHOWN = 10;

export async function listLetters({ store, log }: TaskContext): Promise<string[]> {
  const { deadLetters } = await store();
  const types = deadLetters.byType();
  const count = deadLetters.count();
  if (count === 0) return ["No dead letters"];
  const newest = deadLetters.recent(SHOWN).map((letter) => {
    const path = letter.path === null ? "" : ` (${log.path(letter.path)})`;
    return `#${letter.id} scene ${letter.scene_id}: ${letter.error_type}: ` +
      `${letter.error_message.slice(0, 200)}${path}; ${letter.hint}`;
  });
  const more = count > SHOWN ? `, the newest ${SHOWN}` : "";
  return [`${plural(count, "dead letter")}: ${countsText(types)}${more}`, ...newest];
}

export async function retryLetters({ store, runtime }: TaskContext): Promise<string[]> {
  const { deadLetters } = await store();
  const retried = deadLetters.retryMatching({}, runtime.now());
  return [`Put ${plural(retried.length, "scene")} back into the queue`];
}

export async function purgeLetters({ store, runtime, config }: TaskContext): Promise<string[]> {
  const { deadLetters } = await store();
  const days = config.dlqRetentionDays;
  const removed = deadLetters.removeOlder(runtime.now() - days * DAY_MS);
  return [`Removed ${plural(removed, "dead letter")} older than ${plural(days, "day")}`];
}

export async function clearLetters({ store }: TaskContext): Promise<string[]> {
  const removed = (await store()).deadLetters.discard({});
  return [`Removed ${plural(removed.length, "dead letter")}`];
}
