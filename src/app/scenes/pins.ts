import { UserError } from "../../core/failures/errors.ts";
import type { IndexedFile } from "../../core/sync/item.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import { areFilesKnown } from "../../intake/scene_files.ts";
import type { StashClient } from "../../stash/client.ts";
import { transaction } from "../../store/database/database.ts";
import type { KeptPin, Pin } from "../../store/library/pins.ts";
import type { Store } from "../../store/store.ts";
import type { WorkContext } from "../../worker/context.ts";
import { matcherBy } from "../../worker/match/matcher.ts";
import type { Installation } from "../installation.ts";
import { pinsNow } from "./pins_now.ts";
import { connect } from "../connections/servers.ts";
import { noteScenes } from "../../store/library/scene_notes.ts";

type WithMatches = Pick<Installation, "store" | "config" | "runtime">;

/** The owner's decisions about which scene is which item, by scene id, with the target where there are several. */
export function listPins(
  { store }: Pick<Installation, "store">,
): (Pin & { target?: string })[] {
  const { targets } = store;
  return targets.flatMap((target) =>
    pinsNow(store, target).map(({ id: _, ...pin }) => targets.length > 1 ? { target, ...pin } : pin)
  );
}

/**
 * Pins a scene to an item, or to none, in place of an earlier pin of it, and queues every scene
 * that is matched otherwise by that.
 * @param item null for none
 * @param target Its key
 * @returns the pin, and the other scenes whose item it was until now
 * @throws {UserError} the scene or the item is not there, or has no file to be known again by
 * @throws {PlexsyncError} a server did not answer
 */
export async function pinScene(
  sceneId: string,
  item: string | null,
  target: string,
  installation: Installation,
): Promise<{ pin: Pin; owners: string[] }> {
  const { store, runtime } = installation;
  const { stash, contexts } = connect(installation);
  const context = contexts.find((each) => each.target.id === target)!;
  const files = await filesOfScene(sceneId, stash, context);
  const held = item === null ? [] : await filesOfItem(item, context);
  const paths = held.map(({ path }) => path);
  const pin = { scene_id: sceneId, item, paths, files, made_at: runtime.now() };
  const { pins, written } = store.of(target);
  const owners = written.ofItems(item === null ? [] : [item]).map(({ scene_id }) => scene_id)
    .filter((id) => id !== sceneId);
  change(pin, target, installation, () => {
    const earlier = pinsNow(store, target).filter(({ scene_id }) => scene_id === sceneId);
    for (const { id } of earlier) pins.remove(id);
    pins.put(pin);
  });
  return { pin, owners };
}

/**
 * Takes a pin back: the scene is matched by evidence again.
 * @throws {UserError} there is none
 */
export function unpinScene(sceneId: string, installation: WithMatches): void {
  const { store } = installation;
  const found = store.targets.flatMap((target) => {
    const pin = pinOf(sceneId, store, target);
    return pin === undefined ? [] : [{ target, pin }];
  });
  if (found.length === 0) {
    throw new UserError(
      `Cannot unpin scene ${sceneId}: it is not pinned`,
      "failed",
      "plexsync match list shows the pins",
    );
  }
  for (const { target, pin } of found) {
    change(pin, target, installation, () => store.of(target).pins.remove(pin.id));
  }
}

/** The pin of the scene that has this id now. */
export function pinOf(sceneId: string, store: Store, target: string): KeptPin | undefined {
  return pinsNow(store, target).find(({ scene_id }) => scene_id === sceneId);
}

/** Makes a change of a pin, and queues whom it concerns: both or neither. */
function change(
  pin: Pin,
  target: string,
  installation: WithMatches,
  make: () => void,
): void {
  const { store, runtime } = installation;
  const concerned = concernedBy(pin, target, installation);
  transaction(store.database, () => {
    make();
    store.jobs.enqueueInTransaction(concerned, "poke", runtime.now(), { targets: [target] });
  });
}

/**
 * The scene, by whatever id, and the others that have to do with an item that it gains or loses.
 * One that plexsync never had to do with is not brought in by it.
 */
function concernedBy(pin: Pin, target: string, { store, config }: WithMatches): string[] {
  const { scene_id, item, files } = pin;
  const known = store.of(target);
  const matcher = matcherBy(config, store, target, areFilesKnown(store));
  const before = pinOf(scene_id, store, target)?.item ?? null;
  const items = new Set([
    ...[item, before].filter((each) => each !== null),
    ...known.written.ofScene(scene_id).map((memory) => memory.item),
  ]);
  const others = [
    ...store.scenes.withFiles(files.map(({ path }) => path), files),
    ...[...items].flatMap((each) => matcher.claimants(each)),
  ].filter((id) => store.scenes.hadJob(id));
  return [...new Set([scene_id, ...others])];
}

async function filesOfScene(
  sceneId: string,
  stash: StashClient,
  { store, runtime }: WorkContext,
): Promise<readonly SceneFile[]> {
  const scene = (await stash.scenes([sceneId])).get(sceneId);
  if (scene === undefined) {
    throw new UserError(
      `Cannot pin scene ${sceneId}: Stash has no such scene`,
      "failed",
      "The number of a scene stands in its address in Stash: /scenes/NUMBER",
    );
  }
  if (scene.files.length === 0) {
    throw new UserError(
      `Cannot pin scene ${sceneId}: it has no file`,
      "failed",
      "Give the scene a file in Stash; a pin knows it again by its files",
    );
  }
  // Other scenes that are matched before this one have to see its claim.
  noteScenes(store.database, [scene], runtime.now());
  return scene.files;
}

async function filesOfItem(
  item: string,
  { target, keeper }: WorkContext,
): Promise<readonly IndexedFile[]> {
  // Refuses another server, where the number would mean another item.
  await keeper.refresh(0);
  if (!(await target.read([item])).has(item)) {
    throw new UserError(
      `Cannot pin to item ${item}: ${target.title} has no such item`,
      "failed",
      "ITEM is the ratingKey: it stands in the item's address in Plex, after metadata%2F",
    );
  }
  const files = keeper.index.ofItem(item);
  if (files.length === 0) {
    throw new UserError(
      `Cannot pin to item ${item}: it has no file in a library that is synced`,
      "failed",
      "Name its library in plex_library; a whole show or collection cannot be pinned to",
    );
  }
  return files;
}
