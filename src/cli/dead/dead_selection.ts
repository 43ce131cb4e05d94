import type { Installation } from "../../app/installation.ts";
import { lettersOfOutage } from "../../app/queue/letters.ts";
import { ERROR_TYPES } from "../../core/failures/error_types.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { DeadFilter } from "../../store/queue/dead_filter.ts";
import type { Flag, Invocation } from "../frame/command.ts";
import { instant } from "../../core/text/wording.ts";
import { readSceneIds, readTime, readWords } from "../frame/lists.ts";

/** What one of the `dead` commands gets to work with. */
export interface DeadRequest {
  installation: Installation;
  /** Words behind the command's name. */
  words: readonly string[];
  invocation: Invocation;
  /** Masks secrets in what is shown. */
  redact<T>(value: T): T;
}

/** @returns the exit code */
export type DeadAction = (request: DeadRequest) => number;

/** The flags that say which dead letters are meant. */
export const SELECTION_FLAGS: readonly Flag[] = [
  { name: "all", meaning: "all dead letters" },
  { name: "outage", meaning: "those that failed in Plex's last outage, once it is over" },
  { name: "type", value: "TYPE,…", meaning: "filter: error type, such as PlexNotFound" },
  { name: "scene", value: "ID,…", meaning: "filter: scene" },
  { name: "since", value: "TIME", meaning: "filter: failed within this time, such as 24h" },
  { name: "older-than", value: "TIME", meaning: "filter: failed before this time, such as 30d" },
  { name: "text", value: "TEXT", meaning: "filter: stands in error message or path" },
];

/** Names of the selection flags that take a value. */
const SELECTION_VALUES = ["type", "scene", "since", "older-than", "text"];

/** Which dead letters are meant, and how that was said. */
export interface Selection {
  by: "ids" | "filter" | "all" | "outage" | "nothing";
  filter: DeadFilter;
}

/**
 * @throws {UserError} usage: a value that means nothing, or two ways of saying which
 */
export function readSelection({ words, invocation, installation }: DeadRequest): Selection {
  const { values, switches, world } = invocation;
  const given = SELECTION_VALUES.filter((name) => values[name] !== undefined);
  const ways = [words.length > 0, switches.has("all"), switches.has("outage"), given.length > 0];
  if (ways.filter(Boolean).length > 1) {
    throw new UserError("Name IDs, or --all, or --outage, or filters: one of them", "usage");
  }
  if (words.length > 0) return { by: "ids", filter: { ids: readIds(words) } };
  if (switches.has("all")) return { by: "all", filter: {} };
  if (switches.has("outage")) return { by: "outage", filter: failedInOutage(installation) };
  const now = world.runtime.now();
  const sinceMs = readTime("since", values.since);
  const olderMs = readTime("older-than", values["older-than"]);
  if (values.text === "") throw new UserError("--text needs a value", "usage");
  return {
    by: given.length > 0 ? "filter" : "nothing",
    filter: {
      types: readWords("type", values.type, ERROR_TYPES),
      sceneIds: readSceneIds(values.scene),
      sinceAt: sinceMs === undefined ? undefined : now - sinceMs,
      beforeAt: olderMs === undefined ? undefined : now - olderMs,
      text: values.text,
    },
  };
}

/** @throws {UserError} no: Plex is not back yet, so they would fail again */
function failedInOutage(installation: Installation): DeadFilter {
  const found = lettersOfOutage(installation);
  if (!("lasting" in found)) return found;
  const { started_at, cause } = found.lasting;
  throw new UserError(
    `Plex is down since ${instant(started_at)}: ${cause}`,
    "no",
    "Try again when plexsync status shows it reachable",
  );
}

/** @throws {UserError} usage: not IDs of dead letters */
export function readIds(words: readonly string[]): number[] {
  const parts = words.flatMap((word) => word.split(",")).filter((part) => part !== "");
  const wrong = parts.find((part) => !/^[1-9]\d{0,14}$/.test(part));
  if (wrong !== undefined) throw new UserError(`Not the ID of a dead letter: "${wrong}"`, "usage");
  if (parts.length === 0) throw new UserError("No ID of a dead letter was given", "usage");
  return [...new Set(parts.map(Number))];
}

/** For IDs that are not, or no longer, there. */
export function notFound(ids: readonly number[]): UserError {
  return new UserError(
    `No dead letter ${ids.join(", ")}`,
    "failed",
    "plexsync dead list shows them",
  );
}
