import { asPlexsyncError, PlexsyncError } from "../core/errors.ts";
import type { ItemEdit } from "../core/edit.ts";
import type { ImageKind, PlexItem, TagKind } from "../core/item.ts";
import type { Plan } from "../core/plan.ts";
import { type Shortfall, shortfall } from "../core/verify.ts";
import type { WorkContext } from "./context.ts";
import type { Gathered } from "./gather.ts";
import { applyImage, type ImagePlan, planImages } from "./images.ts";

export type Ready = Extract<Gathered, { kind: "ready" }>;

/** One scene on its way through the batch. */
export interface Writing {
  ready: Ready;
  plan: Plan;
  images: ImagePlan;
  /** What the PUT changed, or null when none was needed. */
  sent: ItemEdit | null;
  /** True when anything at all was written to Plex. */
  wrote: boolean;
  /** The item after the write; the one read before it until it was read again. */
  after: PlexItem;
}

/** Writes what one scene's plan says: one PUT for all text and tags, then images. */
export async function writeScene(
  ready: Ready,
  plan: Plan,
  context: WorkContext,
): Promise<Writing> {
  const { item, scene, written } = ready;
  const { plex } = context;
  const images = await planImages(scene, item, written, context);
  const sent = withImageLocks(plan.edit, images.steps.map((step) => step.kind), item);
  const writing = { ready, plan, images, sent, wrote: false, after: item };
  if (sent !== null) {
    await plex.edit(item, sent);
    writing.wrote = true;
  }
  if (plan.rating !== undefined) {
    await plex.setRating(item.ratingKey, plan.rating);
    writing.wrote = true;
  }
  for (const step of images.steps) {
    await applyImage(item, step, context);
    writing.wrote = true;
  }
  return writing;
}

/** Adds the locks of new images to the PUT: unlocked, an agent would choose again (plex-api 9). */
function withImageLocks(
  edit: ItemEdit | null,
  kinds: readonly ImageKind[],
  item: PlexItem,
): ItemEdit | null {
  const open = kinds.filter((kind) => !item.locked.includes(kind));
  if (open.length === 0) return edit;
  const base = edit ?? { text: {}, tags: {}, lock: [] };
  return { ...base, lock: [...base.lock, ...open] };
}

/**
 * Reads all written items once and mends what did not take: the rest of the edit again,
 * removals one name at a time, in the other encoding at the second try (plex-api 7).
 * @returns per scene the error of what still did not take
 */
export async function confirm(
  writings: readonly Writing[],
  context: WorkContext,
): Promise<Map<Writing, PlexsyncError>> {
  const failures = new Map<Writing, PlexsyncError>();
  let open = writings.filter((writing) => writing.wrote);
  for (const encoding of ["double", "single", null] as const) {
    if (open.length === 0) break;
    const items = await context.plex.items([...new Set(open.map((w) => w.after.ratingKey))]);
    const short: { writing: Writing; rest: Shortfall }[] = [];
    for (const writing of open) {
      const after = items.get(writing.after.ratingKey);
      if (after === undefined) {
        failures.set(writing, wentAway(writing));
        continue;
      }
      writing.after = after;
      const rest = writing.sent === null
        ? null
        : shortfall(writing.sent, writing.ready.item, after);
      if (rest !== null) short.push({ writing, rest });
    }
    open = [];
    for (const { writing, rest } of short) {
      if (encoding === null) {
        failures.set(writing, notTaken(writing, rest));
        continue;
      }
      try {
        await mend(writing, rest, encoding, context);
        open.push(writing);
      } catch (thrown) {
        failures.set(writing, asPlexsyncError(thrown));
      }
    }
  }
  return failures;
}

async function mend(
  writing: Writing,
  rest: Shortfall,
  encoding: "double" | "single",
  context: WorkContext,
): Promise<void> {
  const { item } = writing.ready;
  for (const kind of Object.keys(rest.surplus) as TagKind[]) {
    await context.plex.removeTags(item, kind, rest.surplus[kind]!, encoding);
  }
  // The removals have had their own requests; what is left is to set what is missing.
  const tags = Object.fromEntries(
    Object.entries(rest.edit.tags).map(([kind, tag]) => [kind, { ...tag, remove: [] }]),
  );
  await context.plex.edit(item, { ...rest.edit, tags }, { removalEncoding: encoding });
}

function wentAway(writing: Writing): PlexsyncError {
  const { ratingKey } = writing.ready.item;
  return new PlexsyncError(
    "PlexTemporaryError",
    `Item ${ratingKey} went away while it was written`,
  );
}

function notTaken(writing: Writing, rest: Shortfall): PlexsyncError {
  const { ratingKey } = writing.ready.item;
  return new PlexsyncError(
    "PlexTemporaryError",
    `Plex answered 200 but did not change ${rest.fields.join(", ")} of item ${ratingKey}`,
  );
}
