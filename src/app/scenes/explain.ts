import { ownersText, textOf } from "../../core/match/candidate_text.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Evidence } from "../../core/match/match.ts";
import type { WorkContext } from "../../worker/context.ts";
import { type Decision, matcherOf } from "../../worker/match/matcher.ts";
import type { StashClient } from "../../stash/client.ts";
import type { Installation } from "../installation.ts";
import { pinOf } from "./pins.ts";
import { planBatch, type ScenePlan } from "./scene_plans.ts";
import { connect } from "../connections/servers.ts";

/** Why a scene is, or is not, an item of one target. Names are stable: `explain --json` prints them. */
export interface Explanation {
  /** Key of the target, where there are several. */
  target?: string;
  scene_id: string;
  title: string;
  files: {
    /** As Stash has it, and where the target would have it. */
    stash: string;
    path: string;
    /** Bytes; 0 when unknown. */
    size: number;
    duration_ms: number | null;
    /** Whose rule brought it there; null when none did. */
    rule: "owner" | "learned" | null;
    /** The target has a file at this very path. */
    there: boolean;
    /** Another scene has a file of its name, size and length. */
    shared: boolean;
  }[];
  candidates: {
    item: string;
    path: string;
    evidence: Evidence | null;
    /** Size and length are known and both differ. */
    contradicted: boolean;
    text: string;
  }[];
  decision: Decision["kind"];
  /** The decision in a sentence. */
  because: string;
  /** What would be written, for each item. */
  plans: ScenePlan[];
  pinned_to: string | null;
  written: { item: string; written_at: number; evidence: Evidence | null }[];
  job: { state: string; looks: number; next_at: number; error_message: string | null } | null;
  dead_letter: { id: number; error_type: string; error_message: string; hint: string } | null;
}

/**
 * Everything that decides about one scene, without writing; one for each target.
 * @throws {UserError} Stash has no such scene
 * @throws {PlexsyncError} a server did not answer
 */
export async function explainScene(
  sceneId: string,
  installation: Installation,
): Promise<Explanation[]> {
  const { stash, contexts } = connect(installation);
  const all: Explanation[] = [];
  for (const context of contexts) {
    const target = contexts.length > 1 ? { target: context.target.id } : {};
    all.push({ ...target, ...await explainFor(sceneId, stash, context) });
  }
  return all;
}

async function explainFor(
  sceneId: string,
  stash: StashClient,
  context: WorkContext,
): Promise<Explanation> {
  const { store, target, keeper } = context;
  const scene = (await stash.scenes([sceneId])).get(sceneId);
  if (scene === undefined) {
    throw new UserError(
      `Cannot explain scene ${sceneId}: Stash has no such scene`,
      "failed",
      "The number of a scene stands in its address in Stash: /scenes/NUMBER",
    );
  }
  // Brings the index up to date, so that the decision is the one that a sync would make.
  const plans = await planBatch([sceneId], context);
  const decision = matcherOf(context).decide(scene, false);
  const job = store.jobs.get(sceneId, target.id);
  const letter = store.deadLetters.recent(9, { sceneIds: [sceneId] })
    .find((each) => each.target === target.id);
  const known = store.of(target.id);
  const pin = pinOf(sceneId, store, target.id);
  return {
    scene_id: sceneId,
    title: scene.title,
    files: decision.files.map(({ stashPath, path, size, durationMs, rule, isShared }) => ({
      stash: stashPath,
      path,
      size,
      duration_ms: durationMs,
      rule,
      there: keeper.index.hasPath(path),
      shared: isShared,
    })),
    candidates: decision.candidates.map((candidate) => ({
      item: candidate.item,
      path: candidate.path,
      evidence: candidate.evidence,
      contradicted: candidate.contradicted,
      text: textOf(candidate),
    })),
    decision: decision.kind,
    because: becauseOf(decision, target.title),
    plans,
    pinned_to: pin === undefined ? null : pin.item ?? "none",
    written: known.written.ofScene(sceneId).map(({ item, writtenAt, match }) => ({
      item,
      written_at: writtenAt,
      evidence: match?.evidence ?? null,
    })),
    job: job === undefined ? null : {
      state: job.state,
      looks: job.wait_count,
      next_at: job.next_retry_at,
      error_message: job.last_error_message,
    },
    dead_letter: letter === undefined ? null : {
      id: letter.id,
      error_type: letter.error_type,
      error_message: letter.error_message,
      hint: letter.hint,
    },
  };
}

/** The decision in a sentence. @param title Of the target */
export function becauseOf(decision: Decision, title: string): string {
  switch (decision.kind) {
    case "items":
      return [
        `It is ${decision.items.map(textOf).join("; ")}`,
        ...decision.shared.map(({ item, scenes }) =>
          `item ${item.item} belongs to the scenes ${scenes.join(", ")} as much and is not written`
        ),
      ].join("; ");
    case "ambiguous":
      return `${decision.rivals.length} items fit it equally well: nothing is written`;
    case "shared":
      return `Item ${decision.item.item} belongs to the scenes ${
        decision.scenes.join(", ")
      } as much: nothing is written until it is pinned to one`;
    case "unsettled":
      return "What speaks for an item counts only when the files of all scenes are known: it waits " +
        "for the walk over all scenes";
    case "none": {
      const [first] = decision.lost;
      return first === undefined
        ? `${title} has no item with its file: it waits for the file to come`
        : `Item ${first.item} ${ownersText(first)}: it waits for a file of its own`;
    }
    case "barred":
      return "It is pinned to no item: nothing is written";
  }
}
