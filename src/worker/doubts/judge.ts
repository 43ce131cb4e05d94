import {
  type DoubtfulWork,
  FAILURES_IN_A_ROW,
  isOfBytes,
  isProven,
  isRefused,
  proofsFor,
} from "../../core/jobs/doubt.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { Doubt, Ledger } from "../batch/ledger.ts";
import type { WorkContext } from "../context.ts";
import { type Control, tryCovers, tryEdits, tryImages } from "./controls.ts";
import { areTheirOwn } from "./field_doubts.ts";
import { type Heard, isHeard } from "./hearing.ts";

/** Whose fault it is that some jobs failed at the same work. */
export type Verdict =
  /** Each one's own; where that is proven, others get it done just now, edits of these fields too. */
  | { kind: "own"; isProven: boolean; fields: readonly FieldName[] }
  /** Nobody's that could be told, or the target's: none pays. */
  | { kind: "nobody's" }
  /** Nobody can be asked yet, and other jobs are due that will tell. */
  | { kind: "early" }
  /** The target's for these fields, of which it takes no edit of any item. */
  | { kind: "fields"; fields: readonly FieldName[] }
  /** That of some items, while others have the same fields taken. */
  | { kind: "some" }
  /** That of parts of the edits which were not tried by themselves. */
  | { kind: "parts" }
  /** That of single fields which were not heard, each to be judged by itself. */
  | { kind: "unheard"; heard?: Heard };

/** Failures at the same work, of which those of edits are of the same fields. */
export interface Failures {
  work: DoubtfulWork;
  /** At least one. */
  doubts: readonly Doubt[];
  /** Doubts at such work, those that are judged apart from these among them. */
  inAll: number;
}

/** Judges by what others get done: of this batch, else asked for once more, else of earlier ones. */
export async function judge(
  failures: Failures,
  ledger: Ledger,
  context: WorkContext,
): Promise<Verdict> {
  const { work, doubts } = failures;
  const { fieldRest } = context.unpaid;
  if (work === "silence") {
    const heard = await heardAlready(doubts, context);
    if (heard !== null) return { kind: "unheard", ...heard };
  }
  const areRefused = work === "edit" && isRefused(doubts[0]!.error);
  const areUntried = doubts[0]!.isUntried;
  // Where not all parts were tried it cannot be told which fields are refused.
  const fields = areRefused && !areUntried ? doubts[0]!.fields : [];
  const areOthersTaken = areTheirOwn(fields, doubts, context);
  const inARow = areRefused ? refusedInARow(doubts, context) : 0;
  const control = await controlOf(failures, fields, ledger, context);
  if (control === "works") {
    if (areUntried) return { kind: "parts" };
    return work === "silence" ? { kind: "unheard" } : { kind: "own", isProven: true, fields };
  }
  if (work === "rating" && await areRatingsAlone(doubts, ledger, context)) {
    return { kind: "fields", fields: ["rating"] };
  }
  const isUnknown = control === "unknown";
  const isOfFields = doubts.every(({ error }) => error.fields) && inARow >= FAILURES_IN_A_ROW;
  if (control === "others work" || isUnknown && (fieldRest.knows(fields) || isOfFields)) {
    const areSome = areOthersTaken || ledger.takenOf(fields) > 0;
    return areSome ? { kind: "some" } : { kind: "fields", fields };
  }
  const areFew = Math.max(failures.inAll, inARow) < FAILURES_IN_A_ROW;
  if (!isUnknown || !areFew || !areFinal(failures, ledger, context)) return { kind: "nobody's" };
  if (areUntried) return { kind: "parts" };
  if (areRefused && mayOthersTell(doubts, ledger, context)) return { kind: "early" };
  return { kind: "own", isProven: false, fields };
}

/** Whether others get it done: seen in this batch, or asked for now. */
async function controlOf(
  { work, doubts }: Failures,
  fields: readonly FieldName[],
  ledger: Ledger,
  context: WorkContext,
): Promise<Control> {
  const done = work === "edit" ? ledger.takenOf(fields) : ledger.done[
    work === "silence" || work === "unheard" ? "edit" : work === "unrated" ? "rating" : work
  ];
  const wanted = Math.max(...doubts.map(({ job }) => proofsFor(job.retry_count)));
  if (isProven(done, doubts.length - 1, wanted)) return "works";
  return await ask(work, doubts, wanted, context, fields);
}

function ask(
  work: DoubtfulWork,
  doubts: readonly Doubt[],
  wanted: number,
  context: WorkContext,
  fields: readonly FieldName[],
): Promise<Control> {
  const concerned = new Set(doubts.flatMap(({ facts }) => facts.items ?? []));
  if (work === "cover") return tryCovers(concerned, wanted, context);
  if (work === "image" || work === "choice") {
    return tryImages(concerned, wanted, context, { isChoice: work === "choice" });
  }
  return tryEdits(concerned, wanted, context, {
    toBeSeen: work === "silence" || work === "unrated",
    isRating: work === "rating" || work === "unrated",
    fields,
  });
}

/**
 * Of edits of which nothing was heard: whether that is about their fields, and not about the target.
 * @returns null where that is not known yet
 */
async function heardAlready(
  doubts: readonly Doubt[],
  context: WorkContext,
): Promise<{ heard?: Heard } | null> {
  const { fieldRest } = context.unpaid;
  // Those that heard all else of an edit before do not stand for the target.
  const isKnown = ({ job, fields }: Doubt) =>
    fieldRest.knows(fields) || fieldRest.hasFailed(job.id, fields);
  if (doubts.every(isKnown)) return {};
  const { fields, facts } = doubts[0]!;
  if (doubts.length > 1 || fields.length !== 1) return null;
  // The one change of one field of one item, as a person makes it. Asked before anything else: of a
  // few items each other edit may be the last that can be seen for a second.
  const heard = await isHeard(fields[0]!, new Set(facts.items), context);
  return heard === "unknown" ? null : { heard };
}

/** Of how many in a row an edit was refused alike, those of earlier batches among them. */
function refusedInARow(doubts: readonly Doubt[], { unpaid }: WorkContext): number {
  return doubts.every(({ error }) => error.fields)
    ? unpaid.fieldRest.failing(doubts[0]!.fields)
    : unpaid.refused(doubts.map(({ job }) => job.id));
}

/** Whether no rating is taken, and other edits are. */
async function areRatingsAlone(
  doubts: readonly Doubt[],
  { done }: Ledger,
  context: WorkContext,
): Promise<boolean> {
  if (done.rating > 0) return false;
  return done.edit > 0 || doubts.some(({ isRestTaken }) => isRestTaken) ||
    await ask("edit", doubts, 1, context, []) === "works";
}

/**
 * Nobody can be asked, and too few were refused: whether other jobs are due, or claimed already, to go
 * first and tell.
 */
function mayOthersTell(
  doubts: readonly Doubt[],
  { jobs, done }: Ledger,
  { unpaid, store, target, runtime }: WorkContext,
): boolean {
  // Of edits that were refused as a whole those that were taken tell already.
  if (done.edit > 0 && !doubts.some(({ error }) => error.fields)) return false;
  return doubts.some(({ job }) => !unpaid.waited.has(job.id)) &&
    (store.jobs.hasDue(runtime.now(), target.id) || store.jobs.running(target.id) > jobs.length);
}

/**
 * Whether they were refused, or their ratings not heard: where nobody can be asked whether others
 * are, nothing is the better for another try, as long as it is not one after the other.
 */
function areFinal(
  { work, doubts }: Failures,
  { done }: Ledger,
  { unpaid }: WorkContext,
): boolean {
  const isFinal = work === "unrated" ||
    work === "edit" && doubts.every(({ error }) => isRefused(error)) ||
    // Others were taken, or its own other one.
    work === "image" &&
      doubts.every(({ error }) => isOfBytes(error) || isRefused(error) && done.image > 0);
  return isFinal && !unpaid.refusedToAll.has(work);
}
