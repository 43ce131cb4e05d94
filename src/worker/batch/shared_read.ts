import { COURSE, type Course } from "../../core/jobs/course.ts";
import { asItemsOwn } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import { isTimeOut, isTooLarge } from "../../core/failures/transport_failures.ts";
import type { Item } from "../../core/sync/item.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { WorkContext } from "../context.ts";
import { assertReady } from "../../stash/ready.ts";
import { noteScenes } from "../../store/library/scene_notes.ts";

/** So many others are read, one by one, to see whether any can be. */
const LOOKED_AT = 10;
/** Fewer that can be read prove nothing. */
const FEWEST_PROOFS = 3;
/** So many failures of single things, and not one success, raise the question. */
const HOPELESS = 4;

/** A refusal as well: a proxy, or a single damaged item, can answer anything. */
const OWN_FAULTS: readonly Course[] = ["retry", "outage", "dead"];

/** So few things take no time-out for their number. */
const FEW = 5;
/** Statuses of a request that names too many. */
const TOO_LONG: readonly number[] = [413, 414, 431];

/** So many things fit one request. Learnt, and kept for the session. */
export interface Fitting {
  most: number;
}

/** What was read, and what could not be read. */
export interface SharedRead<T> {
  found: Map<string, T>;
  failed: Map<string, PlexsyncError>;
  /** Whether others were read, so that what failed did for its own fault. */
  isProven: boolean;
}

/**
 * Scenes by id; one that Stash answers with an error fails alone. Those in neither map are gone.
 * @throws {PlexsyncError} Stash is not well, or shows nothing at all of what it has
 */
export async function readScenes(
  ids: readonly string[],
  { stash, store, runtime, fitting }: Pick<WorkContext, "stash" | "store" | "runtime" | "fitting">,
): Promise<SharedRead<Scene>> {
  const read = await readShared(
    ids,
    async (part) => {
      const scenes = await stash.scenes(part);
      noteScenes(store.database, [...scenes.values()], runtime.now());
      return scenes;
    },
    (error) => error.type === "StashUnavailable",
    async (failed) => {
      await assertReady(stash);
      const known = store.scenes.some(LOOKED_AT + failed.size);
      return await areRead(known.filter((id) => !failed.has(id)), (id) => stash.scenes([id]));
    },
    fitting.scenes,
  );
  if (isAllGone(ids, read)) await assertShown(stash);
  return read;
}

/**
 * Items by id; one that the target answers with an error fails alone. Those in neither map are
 * gone.
 * @throws {PlexsyncError} the target is not well, or shows nothing at all of what it lists
 * @throws {NeedsAttention} the target is another server than before
 */
export async function readItems(
  ids: readonly string[],
  { target, keeper, fitting }: Pick<WorkContext, "target" | "keeper" | "fitting">,
): Promise<SharedRead<Item>> {
  const read = await readShared(
    ids,
    (part) => target.read(part),
    (error) => OWN_FAULTS.includes(COURSE[error.type]),
    async (failed) => {
      await target.sections();
      const known = keeper.index.some(LOOKED_AT + failed.size);
      return await areRead(known.filter((id) => !failed.has(id)), (id) => target.read([id]));
    },
    fitting.items,
  );
  await keeper.server.assertOf(read.found.values());
  if (isAllGone(ids, read)) await assertUnlisted(ids, target, keeper);
  return read;
}

/** That one thing is gone can be believed where another is there; that all are, needs a look. */
function isAllGone<T>(ids: readonly string[], { found, failed }: SharedRead<T>): boolean {
  return ids.length > 0 && found.size === 0 && failed.size < ids.length;
}

/**
 * All that was asked for is gone, in the target's words. A proxy that answers 404 says the same.
 * @throws {PlexsyncError} PlexServerDown: it lists what it does not show
 */
async function assertUnlisted(
  ids: readonly string[],
  target: WorkContext["target"],
  keeper: WorkContext["keeper"],
): Promise<void> {
  const known = keeper.index.some(LOOKED_AT + ids.length).filter((id) => !ids.includes(id));
  if (known.length > 0 && (await target.read(known.slice(0, LOOKED_AT))).size > 0) return;
  const [listed] = await keeper.listed(ids);
  if (listed === undefined) return;
  throw new PlexsyncError(
    "PlexServerDown",
    `${target.title} lists item ${listed}, and answers that neither it nor any other exists`,
    {
      status: 404,
      hint:
        `Look for a proxy before ${target.title} that refuses /library/metadata; work resumes ` +
        "by itself",
    },
  );
}

/**
 * All that was asked for is gone, in Stash's words.
 * @throws {PlexsyncError} StashUnavailable: it does not show what it lists
 */
async function assertShown(stash: WorkContext["stash"]): Promise<void> {
  if (await stash.sceneCount() === 0) return;
  let failure: unknown;
  for (const { id } of (await stash.scenesAfter(0, LOOKED_AT)).scenes) {
    try {
      if ((await stash.scenes([id])).size > 0) return;
    } catch (error) {
      // One that Stash cannot read says nothing about the others.
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  throw new PlexsyncError(
    "StashUnavailable",
    "Stash has scenes, and answers that none of those that are asked for exists",
    {
      status: 200,
      hint: "Look into Stash's log, and at what stands before Stash; work resumes by itself",
    },
  );
}

/**
 * @returns false when there is nobody to ask
 * @throws {PlexsyncError} they cannot be read either
 */
async function areRead(
  ids: readonly string[],
  read: (id: string) => Promise<unknown>,
): Promise<boolean> {
  const well: string[] = [];
  let failures = 0;
  for (const id of ids.slice(0, LOOKED_AT)) {
    if (well.length === FEWEST_PROOFS) return true;
    try {
      await read(id);
      well.push(id);
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      const isSilent = COURSE[error.type] !== "retry" && isTimeOut(error);
      // Each further silence would take a time-out too.
      if (isSilent || ++failures >= FEWEST_PROOFS && well.length === 0) throw thrown;
    }
  }
  const [one] = well;
  for (let n = well.length; one !== undefined && n < FEWEST_PROOFS; n++) await read(one);
  return one !== undefined;
}

function isTooMuch(error: PlexsyncError): boolean {
  return TOO_LONG.includes(error.status ?? 0) || isTooLarge(error);
}

/**
 * Reads many things in one request, and in ever smaller halves where the request fails
 * in a way that one bad thing among them can cause: the others must not fail with it.
 * @param ownFault tells the failures that may be one thing's own
 * @param probe Whether others than those that failed can be read: false when there are none.
 *   Rejects when the server is not well
 * @param fitting What halving found too large is not asked for at once again
 * @throws {PlexsyncError} any other failure, or that of the probe; and where nothing at all was
 *   read, and no other can be, the failure itself
 */
export async function readShared<T>(
  keys: readonly string[],
  read: (keys: string[]) => Promise<Map<string, T>>,
  ownFault: (error: PlexsyncError) => boolean,
  probe: (failed: ReadonlySet<string>) => Promise<boolean>,
  fitting: Fitting = { most: Infinity },
): Promise<SharedRead<T>> {
  const found = new Map<string, T>();
  const failed = new Map<string, PlexsyncError>();
  let isProven = false;
  let isProbed = false;
  let first: unknown = null;
  /** @returns whether it could be read, all of it */
  const part = async (keys: readonly string[]): Promise<boolean> => {
    try {
      for (const [key, value] of await read([...keys])) found.set(key, value);
      return true;
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!ownFault(error)) throw thrown;
      first ??= thrown;
      // It may be the server's fault unless others can be read: asked once.
      if (!isProbed) {
        isProbed = true;
        isProven = await probe(new Set(keys));
      }
      if (keys.length === 1) {
        failed.set(keys[0]!, asItemsOwn(error));
        // Nothing but failures: perhaps it is no single thing's fault after all.
        if (found.size === 0 && failed.size === HOPELESS) {
          isProven = await probe(new Set(failed.keys()));
          // Silence upon silence would take a time-out for each of the others.
          if (COURSE[error.type] === "outage" && isTimeOut(error)) throw thrown;
        }
        return false;
      }
      const middle = Math.ceil(keys.length / 2);
      const isLeftRead = await part(keys.slice(0, middle));
      const isRightRead = await part(keys.slice(middle));
      if (!isLeftRead || !isRightRead) return false;
      // None was too large by itself, so all of them together were.
      if (isTooMuch(error) || isTimeOut(error) && middle >= FEW) {
        fitting.most = Math.min(fitting.most, middle);
      }
      return true;
    }
  };
  const most = Math.min(fitting.most, Math.max(1, keys.length));
  for (let at = 0; at < keys.length; at += most) await part(keys.slice(at, at + most));
  isProven ||= failed.size === 0 || found.size >= FEWEST_PROOFS ||
    await probe(new Set(failed.keys()));
  if (!isProven && found.size === 0) throw first;
  return { found, failed, isProven };
}
