/** What the demo counts, and whether it is what the made-up library asks for. Pure. */
import type { Library } from "../../tests/sim/library.ts";
import type { SimItemView } from "../../tests/sim/plex/server.ts";
import type { SceneView } from "../../tests/sim/stash/server.ts";

/** The figures of the last line; `stats` is what `plexsync --stats --json` says. */
export interface Figures {
  scenes: number;
  /** Scenes whose item in the simulated Plex was written and now says what Stash says. */
  synced: number;
  waiting: number;
  dead: number;
  stats: Record<string, unknown>;
}

/** A scene and its item in Plex. */
export interface Synced {
  scene: SceneView;
  item: SimItemView;
}

/** Scenes that Plex shows as Stash has them, judged by the servers' own data alone. */
export function syncedOf(
  scenes: readonly SceneView[],
  items: readonly SimItemView[],
): Synced[] {
  return scenes.flatMap((scene) => {
    const paths = new Set(scene.files.map((file) => file.path));
    const item = items.find(({ files }) => files.some((path) => paths.has(path)));
    return item !== undefined && agrees(scene, item) ? [{ scene, item }] : [];
  });
}

/** Whether somebody wrote to the item: an untouched one of the simulated Plex has no locks. */
export function isWritten(item: SimItemView): boolean {
  return item.locked.length > 0;
}

function agrees(scene: SceneView, item: SimItemView): boolean {
  const name = scene.files[0]!.basename.replace(/\.[^.]+$/, "");
  return isWritten(item) && item.title === (scene.title || name) &&
    (item.studio ?? "") === (scene.studio?.name ?? "") &&
    sameNames(item.actors, scene.performers) && sameNames(item.genres, scene.tags) &&
    item.poster !== null;
}

/** Plex gives a new tag a capital letter, and orders them itself. */
function sameNames(plex: readonly string[], stash: readonly { name: string }[]): boolean {
  const key = (name: string) => name.trim().toLowerCase();
  const stands = new Set(plex.map(key));
  return stands.size === stash.length && stash.every(({ name }) => stands.has(key(name)));
}

/** What is wrong with the figures, or undefined. */
export function problemOf(figures: Figures, library: Library): string | undefined {
  const waiting = library.missingIds.length;
  const dead = library.ambiguousIds.length;
  const scenes = library.scenes.length;
  const wanted = { scenes, synced: scenes - waiting - dead, waiting, dead };
  const { stats: _stats, ...found } = figures;
  if (JSON.stringify(found) === JSON.stringify(wanted)) return undefined;
  return `The figures must be ${JSON.stringify(wanted)}: they are ${JSON.stringify(found)}`;
}
