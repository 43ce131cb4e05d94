import type { Lost } from "./claims.ts";
import type { Candidate } from "./match.ts";

/** A candidate for people: which item, which file, and what speaks for it. */
export function textOf(
  { item, path, evidence, contradicted }: Pick<
    Candidate,
    "item" | "path" | "evidence" | "contradicted"
  >,
): string {
  return `item ${item}: ${path}${reasonOf(evidence, contradicted)}`;
}

/** Whose an item is that a scene does not get, to be read behind the item's name. */
export function ownersText({ scenes, isPinned }: Pick<Lost, "scenes" | "isPinned">): string {
  const named = `scene ${scenes.join(", ")}`;
  return isPinned ? `is pinned to ${named}` : `belongs to ${named}, which fits it better`;
}

function reasonOf(evidence: Candidate["evidence"], contradicted: boolean): string {
  switch (evidence) {
    case "pinned":
      return " (pinned)";
    case "path":
      return " (right path)";
    case "folded":
      return " (differs in letter case)";
    case "remembered":
      return " (written before)";
    case "elsewhere":
      return " (same name, size and length)";
    case "bytes":
      return " (same size and length)";
    case null:
      return contradicted ? " (other size and length)" : " (size and length do not prove it)";
  }
}
