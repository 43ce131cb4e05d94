import {
  COURSE,
  refusalEvent,
  serverEvent,
  type WorkEvent,
  writesFail,
} from "../../core/jobs/course.ts";
import {
  FAILURES_IN_A_ROW,
  isNotFound,
  isProven,
  isRefused,
  proofsFor,
} from "../../core/jobs/doubt.ts";
import type { PlexsyncError } from "../../core/failures/errors.ts";
import type { WorkContext } from "../context.ts";
import { tryEdits, tryImages } from "../doubts/controls.ts";
import { asOutage, sicknessOf } from "../doubts/sickness.ts";

/** A request of an undo that failed. */
export interface UndoDoubt {
  item: string;
  error: PlexsyncError;
}

/** Whether the failures are single items' own, and what they say of the target. */
export interface Verdict {
  isOwn: boolean;
  events: WorkEvent[];
}

/**
 * Whose fault it was that undos failed: each one's own where others get done what they failed at, as
 * with syncs. Else they wait: what a person wants taken back is not given up for a proxy's bad day.
 * @param done How many others got it done
 */
export async function judgeUndos(
  doubts: readonly UndoDoubt[],
  done: number,
  work: "edit" | "images",
  context: WorkContext,
): Promise<Verdict> {
  const { target } = context;
  const [first] = doubts;
  if (first === undefined) return { isOwn: false, events: [] };
  const sick = await sicknessOf(target, doubts.map(({ error }) => error));
  if (sick !== null) {
    const event = serverEvent(asOutage(first.error, sick), target.id);
    return { isOwn: false, events: event === null ? [] : [event] };
  }
  const wanted = proofsFor(0);
  const concerned = new Set(doubts.map(({ item }) => item));
  const control = isProven(done, doubts.length - 1, wanted)
    ? "works"
    : work === "edit"
    ? await tryEdits(concerned, wanted, context, { isUndo: true })
    : await tryImages(concerned, wanted, context, { isChoice: true });
  if (control === "works") {
    return { isOwn: true, events: [{ kind: "answered", server: target.id, work: "write" }] };
  }
  // Nobody can be asked: a refusal of a few is theirs then, as no other try would change it.
  const areFew = doubts.length < FAILURES_IN_A_ROW &&
    doubts.every(({ error }) => COURSE[error.type] !== "outage" || isRefused(error));
  if (control === "unknown" && areFew) return { isOwn: true, events: [] };
  if (work === "images") {
    sayImagesWait(first.error, context);
    return { isOwn: false, events: [] };
  }
  const { error } = first;
  const event = isRefused(error) || isNotFound(error)
    ? refusalEvent(error, target, "write")
    : writesFail(error, target, doubts.length);
  return { isOwn: false, events: [event] };
}

function sayImagesWait({ message }: PlexsyncError, { log, once, target }: WorkContext): void {
  if (once.has("undo images")) return;
  once.add("undo images");
  log.warning(`${message}: undos with images wait, and are tried again each minute`, {
    event: "undo_images_rest",
    hint: `Look into ${target.title}'s log, and at the rules of a proxy before it`,
  });
}
