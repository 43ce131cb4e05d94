import { isRecord } from "../text/json.ts";
import { RECONCILE_CLASSES, type ReconcileClass } from "./reconcile_classes.ts";
import type { Verdict } from "./reconcile_verdict.ts";

/** Which scenes a reconciliation looks at, the widest first. */
export const RECONCILE_SCOPES = ["all", "7days", "24h"] as const;
export type ReconcileScope = (typeof RECONCILE_SCOPES)[number];

/** One scene, or item, of a class: enough to look at it. */
export interface ReconcileSample {
  /** Its key, where there are several. */
  target?: string;
  scene_id: string;
  rating_key: string | null;
  title: string | null;
  /** File that Plex does not have. */
  path: string | null;
  /** Fields of Plex that differ. */
  fields: string[];
  /** Why it was not queued; null when it was. */
  why_not: string | null;
}

/** One class in numbers. */
export interface ClassCount {
  found: number;
  queued: number;
  /** How many were not queued, by reason. */
  why_not: Record<string, number>;
  /** The first few of them. */
  samples: ReconcileSample[];
}

/** What a reconciliation found; its size does not depend on the library's. */
export interface ReconcileReport {
  /** Scenes that were compared, once for each target. */
  scenes: number;
  queued: number;
  /** Orphans can be told only after an unbroken walk over all scenes. */
  orphans_looked_for: boolean;
  classes: Record<ReconcileClass, ClassCount>;
}

export const MAX_SAMPLES = 20;

export function emptyReport(): ReconcileReport {
  const count = (): ClassCount => ({ found: 0, queued: 0, why_not: {}, samples: [] });
  const classes = Object.fromEntries(RECONCILE_CLASSES.map((name) => [name, count()]));
  return {
    scenes: 0,
    queued: 0,
    orphans_looked_for: false,
    classes: classes as ReconcileReport["classes"],
  };
}

/** A report as it was stored; what is damaged of it counts as nothing found. */
export function readReport(stored: unknown): ReconcileReport {
  const report = emptyReport();
  if (!isRecord(stored)) return report;
  report.scenes = numberIn(stored.scenes);
  report.queued = numberIn(stored.queued);
  report.orphans_looked_for = stored.orphans_looked_for === true;
  const classes = isRecord(stored.classes) ? stored.classes : {};
  for (const name of RECONCILE_CLASSES) report.classes[name] = readCount(classes[name]);
  return report;
}

function readCount(stored: unknown): ClassCount {
  if (!isRecord(stored)) return { found: 0, queued: 0, why_not: {}, samples: [] };
  const { found, queued, why_not, samples } = stored;
  const reasons = Object.entries(isRecord(why_not) ? why_not : {});
  return {
    found: numberIn(found),
    queued: numberIn(queued),
    why_not: Object.fromEntries(reasons.map(([reason, n]) => [reason, numberIn(n)])),
    samples: (Array.isArray(samples) ? samples : []).filter(isRecord).map(readSample),
  };
}

function readSample(stored: Record<string, unknown>): ReconcileSample {
  const { fields } = stored;
  const target = textIn(stored.target);
  return {
    ...(target === null ? {} : { target }),
    scene_id: textIn(stored.scene_id) ?? "",
    rating_key: textIn(stored.rating_key),
    title: textIn(stored.title),
    path: textIn(stored.path),
    fields: Array.isArray(fields) ? fields.filter((name) => typeof name === "string") : [],
    why_not: textIn(stored.why_not),
  };
}

function numberIn(stored: unknown): number {
  return typeof stored === "number" ? stored : 0;
}

function textIn(stored: unknown): string | null {
  return typeof stored === "string" ? stored : null;
}

/** Counts one scene into the report. */
export function countVerdict(
  report: ReconcileReport,
  { class: name, queue, why, fields }: Verdict,
  facts: Omit<ReconcileSample, "fields" | "why_not">,
): void {
  report.scenes++;
  if (queue) report.queued++;
  countInto(report.classes[name], { ...facts, fields, why_not: why });
}

/** Counts one item whose scene is gone. Nothing is ever deleted in Plex. */
export function countOrphan(
  count: ClassCount,
  { sceneId, ratingKey, title }: { sceneId: string; ratingKey: string; title: string },
): void {
  countInto(count, {
    scene_id: sceneId,
    rating_key: ratingKey,
    title,
    path: null,
    fields: [],
    why_not: "only reported",
  });
}

function countInto(count: ClassCount, sample: ReconcileSample): void {
  count.found++;
  if (sample.why_not === null) count.queued++;
  else count.why_not[sample.why_not] = (count.why_not[sample.why_not] ?? 0) + 1;
  if (sample.title !== null) sample = { ...sample, title: sample.title.slice(0, MAX_TITLE) };
  // Scenes that are well need no look: their numbers are enough.
  if (count.samples.length < MAX_SAMPLES && sample.why_not !== "nothing to do") {
    count.samples.push(sample);
  }
}

const MAX_TITLE = 200;

/** Reasons with their numbers, such as `2 already waiting, 1 already dead`; "" for none. */
export function reasonsText(whyNot: Readonly<Record<string, number>>): string {
  return Object.entries(whyNot).map(([reason, n]) => `${n} ${reason}`).join(", ");
}

/**
 * The whole result in one sentence, without a full stop. With nothing queued it names why.
 * @param dryRun Nothing was queued, whatever the report says would have been
 */
export function reportText(
  report: ReconcileReport,
  { scope, dryRun }: { scope: ReconcileScope; dryRun: boolean },
): string {
  const compared = `${report.scenes} ${report.scenes === 1 ? "scene" : "scenes"} compared`;
  const orphans = report.classes.orphaned.found;
  const tail = orphans === 0 ? "" : `; ${orphans} orphaned in Plex`;
  const queued = dryRun ? "would be queued" : "queued";
  if (report.queued > 0) {
    const parts = entries(report).filter(([, { queued }]) => queued > 0)
      .map(([name, { queued }]) => `${queued} ${name}`);
    return `${compared}, ${report.queued} ${queued}: ${parts.join(", ")}${tail}`;
  }
  return `${compared}, 0 ${queued}: ${whyNothing(report, scope)}${tail}`;
}

function whyNothing(report: ReconcileReport, scope: ReconcileScope): string {
  if (report.scenes === 0) {
    return scope === "all" ? "Stash has no scenes" : `no scene changed within ${SPAN[scope]}`;
  }
  const { equal } = report.classes;
  if (equal.found === report.scenes) return "Plex has all of them as they are in Stash";
  return entries(report).filter(([name, { found }]) => found > 0 && name !== "orphaned")
    .map(([name, { found, why_not }]) =>
      name === "equal" ? `${found} equal` : `${found} ${name} (${reasonsText(why_not)})`
    ).join(", ");
}

const SPAN: Readonly<Record<Exclude<ReconcileScope, "all">, string>> = {
  "24h": "24 hours",
  "7days": "7 days",
};

function entries(report: ReconcileReport): [ReconcileClass, ClassCount][] {
  return RECONCILE_CLASSES.map((name) => [name, report.classes[name]]);
}
