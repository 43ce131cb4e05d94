import { isProven, proofsFor } from "../../core/jobs/doubt.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import { type FieldName, fieldOf } from "../../core/sync/fields.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import type { WorkContext } from "../context.ts";
import { isHeard } from "./hearing.ts";
import type { Doubt, Ledger } from "../batch/ledger.ts";

/** So many items that do not hear of a field, and none that does, are no longer single ones. */
const ITEMS_UNHEARD = 2;
/** Where some take a field and others do not, those are tried again so seldom. */
const SOME_REST_MS = 10 * MINUTE_MS;

/**
 * Whose matter it is that a field was not heard: the item's, as others show or for all that is known,
 * all items', or that cannot be told.
 */
type Matter = "certainly its own" | "its own" | "perhaps its own" | "of all" | "unknown";

/**
 * Ends doubts at edits that were taken, and of which some fields do not stand there. Where no item
 * has such a field taken it rests; where others have it, or nobody can be asked, the item alone pays.
 */
export async function settleUnheard(
  doubts: readonly Doubt[],
  ledger: Ledger,
  context: WorkContext,
): Promise<void> {
  const fields = [...new Set(doubts.flatMap((doubt) => doubt.fields))];
  const matters = new Map<FieldName, Matter>();
  for (const field of fields) {
    const alike = doubts.filter((doubt) => doubt.fields.includes(field));
    matters.set(field, await matterOf(field, alike, ledger, context));
  }
  const resting = fields.filter((field) => matters.get(field) === "of all");
  const waiting: Doubt[] = [];
  for (const doubt of doubts) {
    const of = doubt.fields.map((field) => matters.get(field)!);
    const isCertain = of.includes("certainly its own");
    if (isCertain || of.includes("its own") || of.includes("perhaps its own")) {
      const shown = doubt.fields.filter((field) => isShown(matters.get(field)!));
      fail(doubt, { isCertain, shown }, ledger, context);
    } else if (of.includes("unknown")) waitAlone([doubt], ledger, context);
    else waiting.push(doubt);
  }
  if (resting.length === 0) return;
  const { title } = context.target;
  restFields(resting, waiting, ledger, context, {
    why: `${title} answers edits of ${resting.join(", ")} with 200 and does not change them`,
    hint:
      `Look at such an item in ${title}, whether the field can be changed there by hand; then ` +
      "whether plex_token is the owner's, and whether something before it answers in its place, or " +
      "another program sets what stands there",
  });
}

async function matterOf(
  field: FieldName,
  doubts: readonly Doubt[],
  ledger: Ledger,
  context: WorkContext,
): Promise<Matter> {
  const { fieldRest } = context.unpaid;
  const taken = ledger.takenOf([field]);
  const wanted = Math.max(...doubts.map(({ job }) => proofsFor(job.retry_count)));
  const areOthersHeard = areTheirOwn([field], doubts, context);
  if (isProven(taken, doubts.length - 1, wanted)) return "certainly its own";
  const items = new Set(doubts.flatMap(({ facts }) => facts.items ?? []));
  const areSome = taken > 0 || areOthersHeard;
  const isOfMany = fieldRest.failing([field]) >= ITEMS_UNHEARD;
  if (!areSome && (fieldRest.knows([field]) || isOfMany)) return "of all";
  const known = doubts.length === 1 ? doubts[0]!.heard : undefined;
  switch (known ?? await isHeard(field, items, context)) {
    case "all":
      return "its own";
    case "none":
      return areSome ? "unknown" : "of all";
    case "some":
      return "unknown";
    case "unknown":
      return taken > 0 ? "unknown" : "perhaps its own";
  }
}

/** Whether others hear of the field. */
function isShown(matter: Matter): boolean {
  return matter === "certainly its own" || matter === "its own";
}

/** Whether others had these fields taken since each of these failed at them first, which is noted. */
export function areTheirOwn(
  fields: readonly FieldName[],
  doubts: readonly Doubt[],
  { runtime, unpaid: { fieldRest } }: WorkContext,
): boolean {
  const now = runtime.now();
  for (const { job, facts } of doubts) fieldRest.noteFailing(job.id, fields, facts.items ?? []);
  const own = doubts.filter(({ job }) =>
    // Each is to be noted.
    fields.map((field) => fieldRest.isItsOwn(job.id, field, now)).includes(true)
  );
  return own.length === doubts.length;
}

/**
 * One that might be late, or unlucky, has its attempts before it ends.
 * @param shown Fields that others hear of
 */
function fail(
  { job, error, facts }: Doubt,
  { isCertain, shown }: { isCertain: boolean; shown: readonly FieldName[] },
  ledger: Ledger,
  { settings, unpaid }: WorkContext,
): void {
  const isLast = isCertain || job.retry_count >= settings.maxRetries;
  const { message, hint } = error;
  ledger.fail(
    job,
    isLast ? error : new PlexsyncError("PlexTemporaryError", message, { hint, cause: error }),
    [],
    facts,
  );
  // The next one that does not hear is alone again, and others are asked.
  if (isLast) unpaid.fieldRest.endFailing(job.id, shown);
}

/** Others have it done, and whether these have is not to be told: they alone wait, and nobody pays. */
export function waitAlone(
  doubts: readonly Doubt[],
  ledger: Ledger,
  { runtime, unpaid }: WorkContext,
): void {
  for (const doubt of doubts) {
    const pause = unpaid.again(doubt.job.id);
    ledger.giveBack(doubt, runtime.now() + (pause === 0 ? 0 : SOME_REST_MS));
  }
}

/** Edits of some fields are taken of no item: said once; all else of these scenes is written. */
export function restFields(
  fields: readonly FieldName[],
  doubts: readonly Doubt[],
  ledger: Ledger,
  { runtime, unpaid: { fieldRest }, log }: WorkContext,
  { why, hint }: { why: string; hint: string },
): void {
  const now = runtime.now();
  const { until, unsaid } = fieldRest.begin(fields, now, why);
  for (const doubt of doubts) {
    fieldRest.wait(doubt.job.id, fields, now);
    ledger.giveBack(doubt, until);
  }
  if (unsaid.length === 0) return;
  const areOptional = fields.every((field) => fieldOf(field).setting !== null);
  log.warning(`${why}; all else is written`, {
    event: "fields_rest",
    fields,
    hint: `${hint}; they are tried again every ten minutes` +
      (areOptional ? ", or leave them out with the field's setting" : ""),
    said: ["fields"],
  });
}
