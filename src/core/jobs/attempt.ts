import type { Attempt, Disposition } from "./job.ts";

/**
 * What counts when the parts of one attempt ended differently, the greatest first. What keeps the
 * job alive goes before its end: a dead letter would lose what can be done for the other items yet.
 */
function weight(disposition: Disposition): number {
  switch (disposition.to) {
    case "back":
      return 6;
    case "retry":
      return 5;
    case "waiting":
      return 4;
    case "dead":
      return 3;
    case "done":
      return disposition.outcome === "written" ? 2 : disposition.outcome === "unchanged" ? 1 : 0;
  }
}

/**
 * The attempt on a scene that has several items: the worst end and its reason, the lowest
 * confidence, all items and all fields that changed. What was written on one item stays known also
 * when another one failed.
 * @param parts Of one job, one for each item; at least one
 * @throws {RangeError} without any
 */
export function mergeAttempts(parts: readonly Attempt[]): Attempt {
  const [worst] = [...parts].sort((a, b) => weight(b.disposition) - weight(a.disposition));
  if (worst === undefined) throw new RangeError("Cannot merge no attempts");
  if (parts.length === 1) return worst;
  const distinct = (values: readonly string[]) => [...new Set(values)];
  return {
    ...worst,
    confidence: lowest(parts.map(({ confidence }) => confidence)),
    items: distinct(parts.flatMap(({ items }) => items)),
    changedFields: distinct(parts.flatMap(({ changedFields }) => changedFields)),
    leftOut: distinct(parts.flatMap(({ leftOut }) => leftOut)),
    candidates: distinct(parts.flatMap(({ candidates }) => candidates)),
    written: parts.flatMap(({ written }) => written),
    seen: parts.flatMap(({ seen }) => seen),
    origins: parts.flatMap(({ origins }) => origins),
    released: parts.flatMap(({ released }) => released),
    // They are worked on side by side.
    durationMs: Math.max(...parts.map(({ durationMs }) => durationMs)),
  };
}

function lowest(confidences: readonly Attempt["confidence"][]): Attempt["confidence"] {
  return confidences.includes("low") ? "low" : confidences.includes("high") ? "high" : null;
}
