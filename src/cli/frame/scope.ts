import { parseDuration } from "../../core/time/duration.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { BulkScope } from "../../intake/bulk.ts";
import type { Flag, Invocation } from "./command.ts";

/** The flags that say which scenes a command means. */
export const SCOPE_FLAGS: readonly Flag[] = [
  { name: "all", meaning: "all scenes" },
  { name: "recent", value: "TIME", meaning: "scenes changed within this time, such as 24h" },
  { name: "scene", value: "ID,…", meaning: "these scenes" },
];

/**
 * Which scenes are meant.
 * @throws {UserError} none, several, or no sensible scope was given
 */
export function readScope({ values, switches }: Invocation): BulkScope {
  const given = [switches.has("all"), values.recent !== undefined, values.scene !== undefined];
  if (given.filter(Boolean).length !== 1) {
    throw new UserError("Say which scenes: one of --all, --recent 24h, --scene 1,2", "usage");
  }
  if (switches.has("all")) return { kind: "all" };
  if (values.recent !== undefined) {
    const windowMs = parseDuration(values.recent);
    if (windowMs === undefined || windowMs <= 0) {
      throw new UserError(`--recent must be a time such as 24h: it is "${values.recent}"`, "usage");
    }
    return { kind: "recent", windowMs };
  }
  const ids = values.scene!.split(",").map((id) => id.trim()).filter((id) => id !== "");
  const wrong = ids.find((id) => !/^[1-9]\d{0,17}$/.test(id));
  if (ids.length === 0 || wrong !== undefined) {
    throw new UserError(
      `--scene must be scene numbers such as 1,2: it is "${values.scene}"`,
      "usage",
    );
  }
  return { kind: "scenes", ids: [...new Set(ids)] };
}
