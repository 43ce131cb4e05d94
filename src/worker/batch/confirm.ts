import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { inSlices } from "../../core/in_slices.ts";
import { isOfSource } from "../../core/jobs/doubt.ts";
import { type FieldName, FIELDS, sameValues } from "../../core/sync/fields.ts";
import { editedFields } from "../../core/sync/item.ts";
import { isAnother } from "../../core/journal/item_files.ts";
import { type Shortfall, shortfall, without } from "../../core/sync/verify.ts";
import type { UnseenImage } from "../../store/library/written_values.ts";
import type { WorkContext } from "../context.ts";
import { isLost } from "./gathered.ts";
import { itemFacts } from "./item_facts.ts";
import type { AttemptFacts, Ledger } from "./ledger.ts";
import { meetOthers } from "../index/other_films.ts";
import { becameAnother, notTaken, wentAway } from "./not_taken.ts";
import { asBefore, isUnheard, Resending } from "./resend.ts";
import { readItems } from "./shared_read.ts";
import { failRefused, failWriting, type Writing } from "./write.ts";
import type { WriteLane } from "./write_lane.ts";
import { changedFields, factsOf, seen } from "./written_facts.ts";

/** Scenes: of fifty, each held up the writes of the next batch by 10 ms. */
const AT_ONCE = 10;

/**
 * The third stage of a batch: makes sure that what was written stands, and ends the jobs.
 * @param lane What did not take is written again when nobody else writes
 * @returns images that were sent, and are to be seen later
 */
export async function confirmStage(
  writings: readonly Writing[],
  ledger: Ledger,
  context: WorkContext,
  lane: WriteLane,
): Promise<UnseenImage[]> {
  let failures: Map<Writing, PlexsyncError>;
  try {
    failures = await confirm(writings, context, lane);
  } catch (thrown) {
    // What was written cannot be proven now: those jobs come back and find it done.
    const unproven = writings.filter(({ wrote }) => wrote);
    ledger.failShared(thrown, unproven.map(({ job }) => job));
    writings = writings.filter(({ wrote }) => !wrote);
    failures = new Map();
  }
  await inSlices(writings, AT_ONCE, context.runtime, (some) => {
    for (const writing of some) end(writing, failures.get(writing) ?? null, ledger, context);
  });
  return writings.filter((writing) =>
    !isLost(writing.ready) &&
    (failures.get(writing) === undefined || writing.failed.length > 0)
  )
    .flatMap(({ ready: { scene, item }, images }) =>
      images.steps.map(({ field, look: { digest } }) => ({
        sceneId: scene.id,
        item: item.id,
        field,
        digest,
      }))
    );
}

/**
 * Reads all written items once and mends what did not take, in another way each round.
 * @returns per scene the error of what still did not take
 */
async function confirm(
  writings: readonly Writing[],
  context: WorkContext,
  lane: WriteLane,
): Promise<Map<Writing, PlexsyncError>> {
  const { target, settings } = context;
  const failures = new Map<Writing, PlexsyncError>();
  let open = writings.filter((writing) => writing.wrote);
  const resending = new Resending(context);
  for (let round = 0; open.length > 0; round++) {
    const ids = [...new Set(open.map(({ after }) => after.id))];
    const { found: items, failed } = await readItems(ids, context);
    const short: { writing: Writing; rest: Shortfall }[] = [];
    const others: Writing[] = [];
    for (const writing of open) {
      const after = items.get(writing.after.id);
      if (after === undefined) {
        failures.set(writing, failed.get(writing.after.id) ?? wentAway(writing));
        continue;
      }
      if (isAnother(writing.ready.item.files, after.files)) {
        failures.set(writing, becameAnother(writing, target.title));
        others.push({ ...writing, after });
        continue;
      }
      writing.after = after;
      const rest = restOf(writing, settings.preservePlexEdits, target);
      if (rest !== null) short.push({ writing, rest });
      else if (round > 0) target.repaired(writing.ready.item);
    }
    meetOthers(others.map(({ after }) => after), context);
    open = [];
    if (short.length === 0) break;
    if (round > 0) resending.note(short);
    await lane.take(async () => {
      for (const { writing, rest } of short) {
        try {
          const spared = round === 0 ? [] : [...NOT_REPEATED, ...resending.unheard];
          const again = without(rest, spared);
          if (again !== null && await resending.again(writing, again, round)) {
            open.push(writing);
          } else {
            writing.failed = rest.fields;
            failures.set(writing, notTaken(writing, rest, target.title));
          }
        } catch (thrown) {
          failures.set(writing, asPlexsyncError(thrown));
        }
      }
    });
  }
  return failures;
}

/** Written again but once: whoever changes them a second time is to be told of, not fought. */
const NOT_REPEATED: readonly FieldName[] = FIELDS
  .filter(({ kind }) => kind !== "names").map(({ name }) => name);

/** What did not take; what a person wrote meanwhile is theirs, where such edits are kept. */
function restOf(
  writing: Writing,
  preserve: boolean,
  ways: WorkContext["target"],
): Shortfall | null {
  const { sent, after, ready: { item, memory } } = writing;
  if (sent === null) return null;
  const rest = shortfall(sent, item, after, { ways, memory });
  if (rest === null || !preserve) return rest;
  writing.theirs = rest.foreign;
  return without(rest, rest.foreign);
}

/** Ends the job; what took is remembered, whatever became of the rest. */
function end(
  writing: Writing,
  failure: PlexsyncError | null,
  ledger: Ledger,
  context: WorkContext,
): void {
  const { job, ready, durationMs, failed, resting, restsUntil } = writing;
  const { sent, refused } = writing;
  const error = failure ?? refused?.error ?? writing.imageFailure;
  // Of an item that could not be read again, or sent again, nothing more is known than before.
  const isSeen = failure === null || failed.length > 0;
  // A rating, which is sent by itself, does not show that edits are heard.
  if (sent !== null && isSeen && !isUnheard(writing, failed, writing.after)) {
    const stands = editedFields(sent).filter((name) => !failed.includes(name));
    const isAny = stands.length > 0 || failed.length === 0;
    if (isAny) ledger.noteTaken(stands);
  }
  if (isLost(ready)) return endTakingBack(writing, failure, error, isSeen, ledger, context);
  const facts = factsOf(
    writing,
    { isSeen, isWhole: error === null && restsUntil === null && resting.length === 0 },
    context,
  );
  if (failure !== null) {
    return failUntaken(writing, failure, ledger, facts);
  }
  if (refused !== null) {
    return failRefused(writing, refused, durationMs, ledger, facts);
  }
  if (error !== null) {
    const at = isOfSource(error) ? "cover" : writing.isChoice ? "choice" : "image";
    const settle = writing.withoutCover === null
      ? undefined
      : () => endWell(withoutCover(writing), ledger, context);
    return failWriting(writing, at, error, durationMs, ledger, facts, { settle });
  }
  if (restsUntil !== null || resting.length > 0) {
    const { imageRest, unpaid: { fieldRest }, runtime } = context;
    const at = Math.max(restsUntil ?? 0, fieldRest.wait(job.id, resting, runtime.now()));
    const { type, message } = resting.length > 0 ? fieldRest.reasonOf(resting) : imageRest.reason;
    return ledger.end(job, { to: "back", at }, {
      ...facts,
      durationMs,
      errorType: type,
      errorMessage: message,
    });
  }
  endWell(writing, ledger, context);
}

/** What was sent could not be proven to stand, or does not. */
function failUntaken(
  writing: Writing,
  failure: PlexsyncError,
  ledger: Ledger,
  facts: AttemptFacts,
): void {
  const { failed, after, isUntried, durationMs } = writing;
  const isAsBefore = failed.length > 0 && asBefore(failed, after, writing).length === failed.length;
  const at = isUnheard(writing, failed, after)
    ? "silence"
    : isUnrated(writing)
    ? "unrated"
    : isAsBefore
    ? "unheard"
    : "edit";
  failWriting(writing, at, failure, durationMs, ledger, facts, { fields: failed, isUntried });
}

/** All is done that can be. */
function endWell(writing: Writing, ledger: Ledger, context: WorkContext): void {
  const { job, ready, wrote, durationMs } = writing;
  ledger.end(job, { to: "done", outcome: wrote ? "written" : "unchanged" }, {
    confidence: ready.confidence,
    ...itemFacts(ready),
    durationMs,
    ...factsOf(writing, { isSeen: true, isWhole: true }, context),
  });
}

/** The same of a scene whose cover is refused, which is told of. */
function withoutCover(writing: Writing): Writing {
  const images = writing.withoutCover!;
  return {
    ...writing,
    images,
    imageFailure: null,
    omitted: [...writing.omitted, ...images.omitted],
  };
}

/** An item that is not the scene's any more is forgotten once all is taken back there. */
function endTakingBack(
  writing: Writing,
  failure: PlexsyncError | null,
  error: PlexsyncError | null,
  isSeen: boolean,
  ledger: Ledger,
  context: WorkContext,
): void {
  const { job, ready: { scene, item, memory }, wrote, durationMs, omitted } = writing;
  const facts: AttemptFacts = {
    changedFields: changedFields(writing),
    leftOut: omitted.map(({ field, text }) => `${field} of item ${item.id}: ${text}`),
    seen: isSeen ? seen(writing, context) : [],
    durationMs,
  };
  const path = item.files[0]?.path ?? "no file";
  const text = `Item ${item.id} (${path}) is not scene ${scene.id}'s any more: ` +
    "what was written there for it";
  const fields = { scene_id: scene.id, rating_key: item.id, path };
  const said = ["scene_id", "rating_key", "path"];
  if (error !== null) {
    // The scene may wait for its own file: that would be all that its outcome tells.
    context.log.warning(`${text} cannot be taken back: ${error.message}`, {
      event: "item_not_released",
      ...fields,
      said,
    });
    if (failure !== null) return failUntaken(writing, failure, ledger, facts);
    return failWriting(writing, "edit", error, durationMs, ledger, facts);
  }
  context.log.info(`${text} is taken back`, { event: "item_released", ...fields, said });
  const released = [{ sceneId: memory!.sceneId, item: item.id }];
  ledger.end(job, { to: "done", outcome: wrote ? "written" : "unchanged" }, { ...facts, released });
}

/** Whether all stands there but the rating, as if nobody had heard that. */
function isUnrated({ failed, after, ready: { item } }: Writing): boolean {
  return failed.length > 0 && failed.every((name) => name === "rating") &&
    sameValues("rating", after.values.rating, item.values.rating);
}
