import { asItemsOwn, asRefusal, isNotFound, isRefused } from "../../core/jobs/doubt.ts";
import type { PlexsyncError } from "../../core/failures/errors.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { Doubt, Ledger } from "../batch/ledger.ts";
import { readItems } from "../batch/shared_read.ts";
import type { WorkContext } from "../context.ts";
import { restFields, settleUnheard, waitAlone } from "./field_doubts.ts";
import { giveBack, isOfImages, letOthersTell, tryInParts } from "./give_back.ts";
import type { Heard } from "./hearing.ts";
import { type Failures, judge, type Verdict } from "./judge.ts";
import { ratingHeard } from "./ratings_rest.ts";
import { asOutage, sicknessOf } from "./sickness.ts";

/**
 * Decides whose fault the failures of a batch were. Where others get done what these jobs failed
 * at, each pays for its own; where they do not, or where nobody can be asked, none does.
 */
export async function settleDoubts(ledger: Ledger, context: WorkContext): Promise<void> {
  const { target } = context;
  const covers = ledger.takeDoubts(({ at }) => at === "cover");
  if (covers.length > 0) {
    await settle({ work: "cover", doubts: covers, inAll: covers.length }, ledger, context);
  }
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
      await settle({ work, doubts: alike, inAll: doubts.length }, ledger, context);
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
    // Where a number is another film's by now, the item is gone all the same.
    const otherFilms = context.keeper.takeUp([...found.values()]);
    shown = new Set([...found.keys(), ...failed.keys()]).difference(new Set(otherFilms));
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

/** Judges failures at the same work, and ends the attempts. */
async function settle(failures: Failures, ledger: Ledger, context: WorkContext): Promise<void> {
  const { work, doubts } = failures;
  const verdict = await judge(failures, ledger, context);
  switch (verdict.kind) {
    case "own":
      return payOwn(failures, verdict, ledger, context);
    case "nobody's":
      return giveBack(work, doubts, ledger, context);
    case "early":
      return letOthersTell(doubts, ledger, context);
    case "some":
      return waitAlone(doubts, ledger, context);
    case "parts":
      return tryInParts(work, doubts, ledger, context);
    case "unheard":
      return doubtFields(doubts, ledger, verdict.heard);
    case "fields": {
      const { fields } = verdict;
      return restFields(fields, doubts, ledger, context, refusalOf(fields, doubts[0]!, context));
    }
  }
}

/** Each pays for its own. */
function payOwn(
  { work, doubts }: Failures,
  { isProven, fields }: Extract<Verdict, { kind: "own" }>,
  ledger: Ledger,
  context: WorkContext,
): void {
  const { unpaid, imageRest } = context;
  if (work === "edit") {
    unpaid.refusals.taken();
    if (isProven) {
      ledger.noteBack(fields);
      unpaid.answered();
    }
  }
  if (work === "unrated" && isProven) ratingHeard(context);
  unpaid.refusedToAll.delete(work);
  if (isOfImages(work)) imageRest.succeeded("write");
  for (const doubt of doubts) {
    if (doubt.settle === undefined) fail(ledger, doubt, asItemsOwn(doubt.error));
    else doubt.settle();
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

/** Others are heard, so that it is about the fields of these. */
function doubtFields(doubts: readonly Doubt[], ledger: Ledger, heard?: Heard): void {
  for (const { job, error, facts, fields } of doubts) {
    ledger.doubt(job, "unheard", error, facts, { fields, heard });
  }
}

function fail(ledger: Ledger, { job, facts }: Doubt, error: PlexsyncError): void {
  ledger.fail(job, error, [], facts);
}
