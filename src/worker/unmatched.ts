import { PlexsyncError } from "../core/errors.ts";
import type { Candidate } from "../core/match.ts";
import type { Scene } from "../core/scene.ts";
import type { WorkContext } from "./context.ts";
import type { Gathered } from "./gather.ts";
import type { Decision } from "./matcher.ts";

/** So many candidates are named; more than these nobody reads. */
const MAX_NAMED = 20;

/** What becomes of a scene that has no item to be written to, and what a person is told of it. */
export function unmatched(
  scene: Scene,
  decision: Exclude<Decision, { kind: "items" }>,
  context: WorkContext,
): Gathered {
  const { files } = decision;
  switch (decision.kind) {
    case "ambiguous":
      return { kind: "failed", error: ambiguous(decision, context), files };
    case "shared":
      return {
        kind: "failed",
        error: shared(scene, decision, context),
        files,
        sharers: decision.scenes.filter((id) => id !== scene.id),
      };
    case "unsettled":
      return { kind: "failed", error: unsettled(decision, context), files };
    case "none":
      return context.settings.skipNotFound
        ? { kind: "skipped", reason: `not in ${context.target.title}` }
        : { kind: "failed", error: notFound(decision, context), files };
  }
}

function ambiguous(
  { files, rivals }: Extract<Decision, { kind: "ambiguous" }>,
  { target }: WorkContext,
): PlexsyncError {
  const path = files[0]!.path;
  const sections = new Set(rivals.map(({ section }) => section));
  return new PlexsyncError(
    "AmbiguousMatch",
    `${rivals.length} items in ${target.title} fit the file ${path} equally well`,
    {
      path,
      // No rule for paths tells one library from another.
      hint: sections.size > 1
        ? "Name the library that is meant in plex_library, or remove the duplicate in Plex"
        : undefined,
      candidates: rivals.map(textOf),
    },
  );
}

function shared(
  scene: Scene,
  { files, item, scenes }: Extract<Decision, { kind: "shared" }>,
  { target }: WorkContext,
): PlexsyncError {
  const others = scenes.filter((id) => id !== scene.id);
  return new PlexsyncError(
    "SharedItem",
    `Item ${item.item} in ${target.title} has files of the scenes ${scenes.join(", ")}: ` +
      `none of them has a better right to it`,
    {
      path: files[0]!.path,
      candidates: [textOf(item), ...others.map((id) => `scene ${id}`)],
    },
  );
}

function unsettled(
  { files, candidates }: Extract<Decision, { kind: "unsettled" }>,
  { target }: WorkContext,
): PlexsyncError {
  const path = files[0]!.path;
  return new PlexsyncError(
    "PlexNotFound",
    `${target.title} has no item at ${path}; what else may be it counts only when the files of ` +
      `all scenes are known`,
    {
      path,
      hint: "Wait for the sweep over all scenes, which is under way",
      candidates: candidates.slice(0, MAX_NAMED).map(textOf),
    },
  );
}

function notFound(
  { files, candidates, lost }: Extract<Decision, { kind: "none" }>,
  { target, keeper }: WorkContext,
): PlexsyncError {
  const path = files[0]!.path;
  const [first] = lost;
  const owner = first === undefined
    ? ""
    : `; item ${first.item} belongs to scene ${first.scenes.join(", ")}, which fits it better`;
  const named = new Set(candidates.map(({ item }) => item));
  const near = keeper.index.near(files).filter(({ item }) => !named.has(item));
  return new PlexsyncError(
    "PlexNotFound",
    `${target.title} has no item with the file ${path}${owner}`,
    {
      path,
      candidates: [
        ...candidates.map(textOf),
        ...near.map(({ item, path }) => `item ${item}: ${path} (has the name only)`),
      ].slice(0, MAX_NAMED),
    },
  );
}

/** A candidate for people: which item, which file, and what speaks for it. */
export function textOf({ item, path, evidence, contradicted }: Candidate): string {
  return `item ${item}: ${path}${reasonOf(evidence, contradicted)}`;
}

function reasonOf(evidence: Candidate["evidence"], contradicted: boolean): string {
  switch (evidence) {
    case "pinned":
      return " (pinned)";
    case "path":
      return "";
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
