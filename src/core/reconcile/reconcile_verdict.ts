import type { ErrorType } from "../failures/error_types.ts";
import { type FieldName, fieldOf, FIELDS, sameValues } from "../sync/fields.ts";
import type { Item } from "../sync/item.ts";
import type { JobState } from "../jobs/job.ts";
import type { Memory } from "../sync/memory.ts";
import type { Plan } from "../sync/plan.ts";
import type { Scene } from "../sync/scene.ts";
import type { LeftOut } from "../sync/selection.ts";
import { sceneHash } from "../sync/scene_hash.ts";
import { RECONCILE_CLASSES, type ReconcileClass } from "./reconcile_classes.ts";

/** Why a scene cannot be compared, in the words that are shown. */
export type SkipReason =
  | "no metadata"
  | LeftOut
  | `not in ${string}`
  | "pinned to no item"
  | "ambiguous"
  | "shared with another scene"
  | "gone from Stash"
  | "no file"
  | "could not be read";

/** What was seen of one scene in both servers. */
export type Sight =
  | { kind: "item"; scene: Scene; item: Item; memory: Memory | null; plan: Plan }
  | { kind: "missing" }
  | { kind: "skipped"; reason: SkipReason };

/** What plexsync knows of the scene's job. */
export interface Standing {
  job: JobState | null;
  /** Error type of the scene's dead letter, or null. */
  dead: ErrorType | null;
}

export interface ReconcileRules {
  /** Whether scenes that Plex does not have are queued. */
  missing: boolean;
  skipNotFound: boolean;
}

/** What is to be done about one scene. */
export interface Verdict {
  class: ReconcileClass;
  queue: boolean;
  /** Why it is not queued; null when it is. One of a few fixed texts, so that it can be counted. */
  why: string | null;
  /** Fields of Plex that differ from the scene. */
  fields: string[];
}

/** Which class one scene belongs to, and whether it has to be queued. */
export function judge(sight: Sight, standing: Standing, rules: ReconcileRules): Verdict {
  if (sight.kind === "skipped") return verdict("skipped", sight.reason);
  if (sight.kind === "missing") return verdict("missing", whyNotMissing(standing, rules));
  const { changes, kept, undone } = sight.plan;
  if (changes.length + kept.length === 0) {
    return undone.length > 0
      ? verdict("equal", "undone by you", undone)
      : verdict("equal", "nothing to do");
  }
  const why = changes.length === 0 ? "kept as edited in Plex" : whyNotFound(standing);
  return verdict(classOf(sight), why, [...changes.map(({ field }) => field), ...kept]);
}

/**
 * The verdict on a scene that has several items: what has to be queued for one of them goes first,
 * then the class that is further from equal.
 * @param all One for each item; at least one
 */
export function worstOf<T extends { verdict: Verdict }>(all: readonly T[]): T {
  const rank = ({ verdict }: T) =>
    (verdict.queue ? 0 : RECONCILE_CLASSES.length) + RECONCILE_CLASSES.indexOf(verdict.class);
  const [worst] = [...all].sort((a, b) => rank(a) - rank(b));
  return { ...worst!, verdict: { ...worst!.verdict, fields: fieldsOf(all) } };
}

function fieldsOf(all: readonly { verdict: Verdict }[]): string[] {
  return [...new Set(all.flatMap(({ verdict }) => verdict.fields))];
}

function verdict(name: ReconcileClass, why: string | null, fields: string[] = []): Verdict {
  return { class: name, queue: why === null, why, fields };
}

function whyNotMissing({ job, dead }: Standing, rules: ReconcileRules): string | null {
  if (job === "waiting") return "already waiting";
  if (job !== null) return "already queued";
  if (dead !== null) return "already dead";
  if (rules.skipNotFound) return "skip_not_found is on";
  return rules.missing ? null : "reconcile_missing is off";
}

/** Failures that are over once the scene has its one item in Plex. */
const CURED: readonly ErrorType[] = ["PlexNotFound", "AmbiguousMatch", "SharedItem"];

function whyNotFound({ job, dead }: Standing): string | null {
  // One that waits does so for the item that is there now.
  if (job === "ready" || job === "running") return "already queued";
  // A schedule that retried what was given up would never let a dead letter rest.
  return dead === null || CURED.includes(dead) ? null : "already dead";
}

function classOf({ scene, item, memory, plan }: Sight & { kind: "item" }): ReconcileClass {
  if (isBare(item) && plan.changes.some(({ field }) => fieldOf(field).identifies)) return "empty";
  if (memory === null || memory.sceneHash !== sceneHash(scene)) return "stale";
  // With our own values untouched, not the target changed but the settings.
  const strayed = plan.kept.length > 0 ||
    plan.changes.some(({ field }) => isStrayed(field, item, memory));
  return strayed ? "drifted" : "stale";
}

/** Whether the item holds none of the fields by which a scene counts as identified. */
function isBare(item: Item): boolean {
  return FIELDS.every(({ name, identifies }) => !identifies || item.values[name].length === 0);
}

/** Whether the field is no longer as our write left it; one never written was right by itself. */
function isStrayed(field: FieldName, item: Item, memory: Memory): boolean {
  const stood = memory.fields[field]?.stood ?? [];
  return !sameValues(fieldOf(field).kind, item.values[field], stood);
}
