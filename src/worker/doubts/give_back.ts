import { refusalEvent, writesFail } from "../../core/jobs/course.ts";
import { type DoubtfulWork, isRefused } from "../../core/jobs/doubt.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import type { Doubt, Ledger } from "../batch/ledger.ts";
import type { WorkContext } from "../context.ts";
import { ratingsRest } from "./ratings_rest.ts";

/** They come back unpaid, each ever later; where nothing at all was done, the gate says when. */
export function giveBack(
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

/** Whether the texts are settled, and images alone are in doubt. */
export function isOfImages(work: DoubtfulWork): boolean {
  return work === "cover" || work === "image" || work === "choice";
}

/** Those come again unpaid when others have shown whether they are refused as well. */
export function letOthersTell(
  doubts: readonly Doubt[],
  ledger: Ledger,
  context: WorkContext,
): void {
  const at = context.runtime.now() + MINUTE_MS;
  for (const doubt of doubts) {
    context.unpaid.again(doubt.job.id);
    context.unpaid.waited.add(doubt.job.id);
    ledger.giveBack(doubt, at);
  }
}

/** The target does what it is asked: those come again, to be sent in their parts. */
export function tryInParts(
  work: DoubtfulWork,
  doubts: readonly Doubt[],
  ledger: Ledger,
  { runtime, unpaid }: WorkContext,
): void {
  (work === "silence" ? unpaid.silence : unpaid.refusals).taken();
  for (const doubt of doubts) {
    unpaid.tryInParts(doubt.job.id);
    ledger.giveBack(doubt, runtime.now() + unpaid.again(doubt.job.id));
  }
}
