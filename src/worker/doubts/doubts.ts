import { refusalEvent, writesFail } from "../../core/jobs/course.ts";
import {
  asItemsOwn,
  asRefusal,
  type DoubtfulWork,
  FAILURES_IN_A_ROW,
  isNotFound,
  isOfBytes,
  isProven,
  isRefused,
  proofsFor,
} from "../../core/jobs/doubt.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { WorkContext } from "../context.ts";
import { type Control, tryCovers, tryEdits, tryImages } from "./controls.ts";
import type { Doubt, Ledger } from "../batch/ledger.ts";
import { areTheirOwn, restFields, settleUnheard, waitAlone } from "./field_doubts.ts";
import { type Heard, isHeard } from "./hearing.ts";
import { ratingHeard, ratingsRest } from "./ratings_rest.ts";
import { readItems } from "../batch/shared_read.ts";

/**
 * Decides whose fault the failures of a batch were. Where others get done what these jobs failed
 * at, each pays for its own; where they do not, or where nobody can be asked, none does.
 */
export async function settleDoubts(ledger: Ledger, context: WorkContext): Promise<void> {
  const { target } = context;
  await settle("cover", ledger.takeDoubts(({ at }) => at === "cover"), ledger, context);
  let rest = ledger.takeDoubts(() => true);
  if (rest.length === 0) return;
  const sick = await sicknessOf(target, rest.map(({ error }) => error));
  if (sick !== null) {
    for (const doubt of rest) fail(ledger, doubt, asOutage(doubt.error, sick));
    return;
  }
  rest = await withoutGone(rest, ledger, context);
  for (const work of ["edit", "rating", "silence", "unrated", "image", "choice"] as const) {
    const doubts = rest.filter(({ at }) => at === work);
    for (const alike of Map.groupBy(doubts, kindOf).values()) {
      await settle(work, alike, ledger, context, doubts.length);
    }
  }
  const unheard = [...rest, ...ledger.takeDoubts(() => true)].filter(({ at }) => at === "unheard");
  if (unheard.length > 0) await settleUnheard(unheard, ledger, context);
}

/** Refused edits of the same fields are judged together: others may be refused for another reason. */
function kindOf({ at, error, fields, isUntried }: Doubt): string {
  if (isUntried) return "untried";
  return at === "edit" && isRefused(error) ? fields.toSorted().join() : "";
}

/**
 * Ends those whose item is gone, as the target said. One that it shows all the same was refused: by the
 * target, or by what stands before it.
 */
async function withoutGone(
  doubts: readonly Doubt[],
  ledger: Ledger,
  context: WorkContext,
): Promise<Doubt[]> {
  const unfound = doubts.filter(({ error }) => isNotFound(error));
  if (unfound.length === 0) return [...doubts];
  const others = doubts.filter((doubt) => !unfound.includes(doubt));
  let shown: ReadonlySet<string>;
  try {
    const ids = [...new Set(unfound.flatMap(({ facts }) => facts.items ?? []))];
    const { found, failed } = await readItems(ids, context);
    shown = new Set([...found.keys(), ...failed.keys()]);
  } catch (thrown) {
    const factsOf = new Map(unfound.map(({ job, facts }) => [job.id, facts]));
    ledger.failShared(thrown, unfound.map(({ job }) => job), ({ id }) => factsOf.get(id) ?? {});
    return others;
  }
  const refused: Doubt[] = [];
  for (const doubt of unfound) {
    if (doubt.facts.items?.every((item) => shown.has(item))) {
      refused.push({ ...doubt, error: asRefusal(doubt.error, context.target.title) });
    } else fail(ledger, doubt, doubt.error);
  }
  return [...refused, ...others];
}

async function settle(
  work: DoubtfulWork,
  doubts: readonly Doubt[],
  ledger: Ledger,
  context: WorkContext,
  /** Doubts at such work, those that are judged apart from these among them. */
  inAll = doubts.length,
): Promise<void> {
  if (doubts.length === 0) return;
  const { isUntried } = doubts[0]!;
  const ofFields = work === "edit" && isRefused(doubts[0]!.error) && !isUntried;
  const fields = ofFields ? doubts[0]!.fields : [];
  const areOthersTaken = ofFields && areTheirOwn(fields, doubts, context);
  const ofEdits = work === "edit" && isRefused(doubts[0]!.error);
  const inARow = ofEdits ? refusedInARow(fields, doubts, context) : inAll;
  const done = work === "edit" ? ledger.takenOf(fields) : ledger.done[
    work === "silence" || work === "unheard" ? "edit" : work === "unrated" ? "rating" : work
  ];
  if (work === "silence") {
    const { fieldRest } = context.unpaid;
    // Those that heard all else of an edit before do not stand for the target.
    const isKnown = ({ job, fields }: Doubt) =>
      fieldRest.knows(fields) || fieldRest.hasFailed(job.id, fields);
    if (doubts.every(isKnown)) return doubtFields(doubts, ledger);
    const heard = await heardOfOne(doubts, context);
    if (heard !== "unknown") return doubtFields(doubts, ledger, heard);
  }
  const wanted = Math.max(...doubts.map(({ job }) => proofsFor(job.retry_count)));
  const control = isProven(done, doubts.length - 1, wanted)
    ? "works"
    : await ask(work, doubts, wanted, context, fields);
  if (work === "rating" && control !== "works" && await areRatingsAlone(doubts, ledger, context)) {
    return restFields(
      ["rating"],
      doubts,
      ledger,
      context,
      refusalOf(["rating"], doubts[0]!, context),
    );
  }
  const isOfAll = control === "others work" || control === "unknown" &&
      (context.unpaid.fieldRest.knows(fields) ||
        inARow >= FAILURES_IN_A_ROW && doubts.every(({ error }) => error.fields));
  if (isOfAll) {
    const areSome = areOthersTaken || ledger.takenOf(fields) > 0;
    if (areSome) waitAlone(doubts, ledger, context);
    else restFields(fields, doubts, ledger, context, refusalOf(fields, doubts[0]!, context));
    return;
  }
  const isOwn = control === "works" ||
    control === "unknown" && Math.max(inAll, inARow) < FAILURES_IN_A_ROW &&
      areFinal(work, doubts, ledger, context);
  if (isOwn && ofFields && control === "unknown" && areEarly(doubts, context)) {
    return letOthersTell(doubts, ledger, context);
  }
  if (isOwn && isUntried) return tryInParts(work, doubts, ledger, context);
  if (isOwn && work === "silence") return doubtFields(doubts, ledger);
  if (isOwn) {
    if (control === "works") ledger.noteBack(fields);
    if (work === "edit") context.unpaid.refusals.taken();
    if (work === "edit" && control === "works") context.unpaid.answered();
    if (work === "unrated" && control === "works") ratingHeard(context);
    context.unpaid.refusedToAll.delete(work);
    if (isOfImages(work)) context.imageRest.succeeded("write");
    for (const doubt of doubts) {
      if (doubt.settle === undefined) fail(ledger, doubt, asItemsOwn(doubt.error));
      else doubt.settle();
    }
  } else giveBack(work, doubts, ledger, context);
}

/** Of how many in a row an edit was refused alike, those of earlier batches among them. */
function refusedInARow(
  fields: readonly FieldName[],
  doubts: readonly Doubt[],
  { unpaid }: WorkContext,
): number {
  return doubts.every(({ error }) => error.fields)
    ? unpaid.fieldRest.failing(fields)
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

/** Nobody can be asked, and too few were refused: where other jobs are due, they go first and tell. */
function areEarly(doubts: readonly Doubt[], { unpaid, store, target, runtime }: WorkContext) {
  return doubts.some(({ job }) => !unpaid.has(job.id)) &&
    store.jobs.hasDue(runtime.now(), target.id, null);
}

/** Those come again unpaid when others have shown whether they are refused as well. */
function letOthersTell(doubts: readonly Doubt[], ledger: Ledger, context: WorkContext): void {
  const at = context.runtime.now() + MINUTE_MS;
  for (const doubt of doubts) {
    context.unpaid.again(doubt.job.id);
    ledger.giveBack(doubt, at);
  }
}

/** What is refused of all, in words. */
function refusalOf(fields: readonly FieldName[], { error }: Doubt, { target }: WorkContext) {
  return {
    why: `${target.title} ${
      error.status === undefined ? "gave no answer" : `answered ${error.status}`
    } to every edit of ${fields.join(", ")}`,
    hint: `Look for a rule of what stands before ${target.title} that refuses such requests`,
  };
}

/** The target does what it is asked: those come again, to be sent in their parts. */
function tryInParts(
  work: DoubtfulWork,
  doubts: readonly Doubt[],
  ledger: Ledger,
  { runtime, unpaid }: WorkContext,
): void {
  (work === "silence" ? unpaid.silence : unpaid.refusals).taken();
  for (const doubt of doubts) {
    ledger.giveBack(doubt, runtime.now() + unpaid.again(doubt.job.id));
  }
}

/**
 * Whether others hear the one change of one field of one item, as a person makes it. Asked before
 * anything else: of a few items each other edit may be the last that can be seen for a second.
 */
async function heardOfOne(doubts: readonly Doubt[], context: WorkContext): Promise<Heard> {
  const [{ fields, facts } = doubts[0]!, ...others] = doubts;
  if (others.length > 0 || fields.length !== 1) return "unknown";
  return await isHeard(fields[0]!, new Set(facts.items), context);
}

/** Others are heard, so that it is about the fields of these. */
function doubtFields(doubts: readonly Doubt[], ledger: Ledger, heard?: Heard): void {
  for (const { job, error, facts, fields } of doubts) {
    ledger.doubt(job, "unheard", error, facts, { fields, heard });
  }
}

/**
 * Whether they were refused, or their ratings not heard: where nobody can be asked whether others
 * are, nothing is the better for another try, as long as it is not one after the other.
 */
function areFinal(
  work: DoubtfulWork,
  doubts: readonly Doubt[],
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

/** Whether the texts are settled, and images alone are in doubt. */
function isOfImages(work: DoubtfulWork): boolean {
  return work === "cover" || work === "image" || work === "choice";
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

/** They come back unpaid, each ever later; where nothing at all was done, the gate says when. */
function giveBack(
  work: DoubtfulWork,
  doubts: readonly Doubt[],
  ledger: Ledger,
  context: WorkContext,
): void {
  const { runtime, target, unpaid, imageRest } = context;
  const now = runtime.now();
  const pauses = doubts.map(({ job }) => unpaid.again(job.id));
  if (isOfImages(work)) {
    if (work !== "cover" && isRefused(doubts[0]!.error)) unpaid.refusedToAll.add(work);
    imageRest.settle();
    const until = imageRest.until ?? now;
    for (const [n, doubt] of doubts.entries()) {
      ledger.giveBack(doubt, Math.max(until, now + pauses[n]!));
    }
    return;
  }
  if (work === "unrated") return restUnrated(doubts, pauses, ledger, context);
  const { error: first } = doubts[0]!;
  const isStopped = ledger.done.edit === 0;
  if (work === "edit" && isRefused(first)) unpaid.refusedToAll.add(work);
  else unpaid.refusedToAll.delete(work);
  if (isStopped && isRefused(first)) {
    ledger.note(refusalEvent(first, target, work === "rating" ? "rating" : "write"));
  } else if (isStopped) ledger.note(writesFail(first, target, doubts.length));
  for (const [n, doubt] of doubts.entries()) {
    ledger.giveBack(doubt, isStopped ? now : now + pauses[n]!);
  }
  if (!isStopped) sayUnproven(doubts, context);
}

/** All else is written: ratings that a server does not hear are no reason to ask it all the time. */
const UNRATED_REST_MS = 10 * MINUTE_MS;

/** No rating is heard: said once, and only these scenes wait. */
function restUnrated(
  doubts: readonly Doubt[],
  pauses: readonly number[],
  ledger: Ledger,
  context: WorkContext,
): void {
  const now = context.runtime.now();
  for (const [n, doubt] of doubts.entries()) {
    ledger.giveBack(doubt, now + (pauses[n] === 0 ? 0 : UNRATED_REST_MS));
  }
  ratingsRest(context);
}

/** So many tries are a minute and a half. */
const TRIES_UNSAID = 5;

/** What nobody pays for, and no outage tells of, would be tried for ever without a word. */
function sayUnproven(doubts: readonly Doubt[], { unpaid, once, log }: WorkContext): void {
  const doubt = doubts.find(({ job }) => unpaid.tries(job.id) > TRIES_UNSAID);
  if (doubt === undefined || once.has(`unproven ${doubt.at}`)) return;
  once.add(`unproven ${doubt.at}`);
  log.warning(
    `Scene ${doubt.job.scene_id}: ${doubt.error.message}; whose fault that is cannot be told, so ` +
      "it is tried again each minute",
    {
      event: "unproven",
      scene_id: doubt.job.scene_id,
      error_type: doubt.error.type,
      hint: doubt.error.hint,
      said: ["scene_id"],
    },
  );
}

function fail(ledger: Ledger, { job, facts }: Doubt, error: PlexsyncError): void {
  ledger.fail(job, error, [], facts);
}

/** Why the target itself is of no use after these failures; null where it answers and knows us. */
export async function sicknessOf(
  target: WorkContext["target"],
  errors: readonly PlexsyncError[],
): Promise<PlexsyncError | null> {
  const isAnonymous = errors.some(({ type }) => type === "PlexUnauthorized");
  return await failureOf(() => target.identity()) ??
    (isAnonymous ? await failureOf(() => target.checkAccess()) : null);
}

/** A write that got no answer in time looks like the item's own until the server is silent too. */
export function asOutage(error: PlexsyncError, sick: PlexsyncError): PlexsyncError {
  return sick.type === "PlexUnauthorized"
    ? sick
    : new PlexsyncError("PlexServerDown", error.message, { cause: sick, status: error.status });
}

async function failureOf(ask: () => Promise<unknown>): Promise<PlexsyncError | null> {
  try {
    await ask();
    return null;
  } catch (thrown) {
    return asPlexsyncError(thrown);
  }
}
