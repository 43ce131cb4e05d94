import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { inSlices } from "../../core/in_slices.ts";
import { isOfSource } from "../../core/jobs/doubt.ts";
import { type FieldName, fieldOf, FIELDS, sameValues } from "../../core/sync/fields.ts";
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
import { readItems } from "./shared_read.ts";
import { failWriting, type Writing } from "./write.ts";
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
    await lane.take(async () => {
      for (const { writing, rest } of short) {
        try {
          const again = round === 0 ? rest : without(rest, NOT_REPEATED);
          if (again !== null && await target.repair(writing.ready.item, again, round)) {
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
  const { job, ready, durationMs, failed, restsUntil } = writing;
  const { sent, refused } = writing;
  const error = failure ?? refused?.error ?? writing.imageFailure;
  const isAllButRated = failure !== null && isUnrated(writing) &&
    sent !== null && editedFields(sent).length > 1;
  if (sent !== null && (failure === null || isAllButRated)) {
    ledger.noteTaken(editedFields(sent), failure === null && sent.rating !== undefined);
  }
  // Of an item that could not be read again, or sent again, nothing more is known than before.
  const isSeen = failure === null || failed.length > 0;
  if (isLost(ready)) return endTakingBack(writing, error, isSeen, ledger, context);
  const facts = factsOf(
    writing,
    { isSeen, isWhole: error === null && restsUntil === null },
    context,
  );
  if (failure !== null) {
    const at = isSilent(writing) ? "silence" : isUnrated(writing) ? "unrated" : "edit";
    return failWriting(writing, at, failure, durationMs, ledger, facts);
  }
  if (refused !== null) {
    const meant = { ...writing, edit: refused.edit };
    return failWriting(meant, "edit", refused.error, durationMs, ledger, facts);
  }
  if (error !== null) {
    const at = isOfSource(error) ? "cover" : writing.isChoice ? "choice" : "image";
    const settle = writing.withoutCover === null
      ? undefined
      : () => endWell(withoutCover(writing), ledger, context);
    return failWriting(writing, at, error, durationMs, ledger, facts, settle);
  }
  if (restsUntil !== null) {
    const { imageRest, unpaid } = context;
    const { type, message } = writing.resting.length > 0
      ? unpaid.fieldRest.reason
      : imageRest.reason;
    return ledger.end(job, { to: "back", at: restsUntil }, {
      ...facts,
      durationMs,
      errorType: type,
      errorMessage: message,
    });
  }
  endWell(writing, ledger, context);
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

/** Whether nothing at all stands there of what was sent, as if nobody had heard it. */
function isSilent({ sent, failed, after, ready: { item } }: Writing): boolean {
  if (sent === null || failed.length === 0) return false;
  // A rating is sent by itself.
  const edited = editedFields(sent).filter((name) => name !== "rating");
  return edited.length > 0 && edited.every((name) => failed.includes(name)) &&
    failed.every((name) => sameValues(fieldOf(name).kind, after.values[name], item.values[name])) &&
    sent.lock.every((name) => after.locked.includes(name) === item.locked.includes(name));
}
