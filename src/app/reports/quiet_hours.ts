import { SINGLE_CHANGES } from "../../core/jobs/job.ts";
import { endOfHours } from "../../core/time/quiet_hours.ts";
import { instant } from "../../core/text/wording.ts";
import type { Installation } from "../installation.ts";

/** When the quiet hours end that it is now, epoch ms; null when it is none. */
export function quietUntil(
  { config, runtime }: Pick<Installation, "config" | "runtime">,
): number | null {
  return endOfHours(config.quietHours, runtime.now());
}

/** Why what is due is not worked on though all is well; null where something is. */
export function quietBecause(
  installation: Pick<Installation, "config" | "runtime" | "store">,
): string | null {
  const until = quietUntil(installation);
  if (until === null) return null;
  const { store, runtime } = installation;
  const now = runtime.now();
  const isDue = (leastPriority: number | null) =>
    store.targets.some((target) => store.jobs.hasDue(now, target, leastPriority));
  if (!isDue(null) || isDue(SINGLE_CHANGES)) return null;
  return `Quiet hours until ${instant(until)}: bulk work waits for their end`;
}
