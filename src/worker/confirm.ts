import { asPlexsyncError, PlexsyncError } from "../core/errors.ts";
import { emptyMemory, endWrite, type Memory, noteImage } from "../core/memory.ts";
import { wantedOf } from "../core/plan.ts";
import { sceneHash } from "../core/scene_hash.ts";
import { type Shortfall, shortfall } from "../core/verify.ts";
import type { WorkContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { readItems } from "./shared_read.ts";
import { failWriting, type Writing } from "./write.ts";

/** The third stage of a batch: makes sure that what was written stands, and ends the jobs. */
export async function confirmStage(
  writings: readonly Writing[],
  ledger: Ledger,
  context: WorkContext,
): Promise<void> {
  let failures: Map<Writing, PlexsyncError>;
  try {
    failures = await confirm(writings, context);
  } catch (thrown) {
    // What was written cannot be proven now: those jobs come back and find it done.
    const error = asPlexsyncError(thrown);
    failures = new Map(writings.filter((w) => w.wrote).map((writing) => [writing, error]));
  }
  for (const writing of writings) {
    const failure = failures.get(writing);
    if (failure === undefined) succeed(writing, ledger, context);
    else failWriting(writing, failure, writing.durationMs, ledger);
  }
}

/**
 * Reads all written items once and mends what did not take, in another way each round.
 * @returns per scene the error of what still did not take
 */
async function confirm(
  writings: readonly Writing[],
  context: WorkContext,
): Promise<Map<Writing, PlexsyncError>> {
  const { target } = context;
  const failures = new Map<Writing, PlexsyncError>();
  let open = writings.filter((writing) => writing.wrote);
  for (let round = 0; open.length > 0; round++) {
    const ids = [...new Set(open.map(({ after }) => after.id))];
    const { found: items, failed } = await readItems(ids, context);
    const short: { writing: Writing; rest: Shortfall }[] = [];
    for (const writing of open) {
      const after = items.get(writing.after.id);
      if (after === undefined) {
        failures.set(writing, failed.get(writing.after.id) ?? wentAway(writing));
        continue;
      }
      writing.after = after;
      const { sent, ready } = writing;
      const rest = sent === null ? null : shortfall(sent, ready.item, after);
      if (rest !== null) short.push({ writing, rest });
    }
    open = [];
    for (const { writing, rest } of short) {
      try {
        if (await target.repair(writing.ready.item, rest, round)) open.push(writing);
        else failures.set(writing, notTaken(writing, rest, target.title));
      } catch (thrown) {
        failures.set(writing, asPlexsyncError(thrown));
      }
    }
  }
  return failures;
}

function wentAway({ ready }: Writing): PlexsyncError {
  return new PlexsyncError(
    "PlexTemporaryError",
    `Item ${ready.item.id} went away while it was written`,
  );
}

function notTaken({ ready }: Writing, rest: Shortfall, target: string): PlexsyncError {
  return new PlexsyncError(
    "PlexTemporaryError",
    `${target} answered 200 but did not change ${rest.fields.join(", ")} of item ${ready.item.id}`,
    { status: 200 },
  );
}

function succeed(writing: Writing, ledger: Ledger, context: WorkContext): void {
  const { job, ready, plan, images, wrote, durationMs } = writing;
  ledger.end(job, { to: "done", outcome: wrote ? "written" : "unchanged" }, {
    confidence: ready.confidence,
    items: [ready.item.id],
    path: ready.item.files[0]?.path ?? null,
    changedFields: [
      ...plan.changes.map(({ field }) => field),
      ...images.steps.map(({ field }) => field),
    ],
    durationMs,
    written: [remembered(writing, context)],
  });
}

function remembered(writing: Writing, { runtime, settings }: WorkContext): Memory {
  const { ready: { scene, item, memory, match }, plan, images, after } = writing;
  const seen = { wanted: wantedOf(scene, settings), edit: plan.edit, before: item, after };
  const ended = endWrite(memory ?? emptyMemory(scene.id, item.id), seen, {
    sceneHash: sceneHash(scene),
    writtenAt: runtime.now(),
  });
  const shown = [
    ...images.settled,
    ...images.steps.map(({ field, image, look }) => ({ field, digest: image.digest, look })),
  ];
  return shown.reduce(
    (known: Memory, { field, digest, look }) => noteImage(known, field, digest, look, after),
    { ...ended, match },
  );
}
