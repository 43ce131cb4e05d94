/** What scan, clean and generate do to the data: a move or other content bumps the file alone, a cover the scene. */
import { type SceneTraces, tracesOf } from "./hook_inputs.ts";
import { BadInput } from "./input.ts";
import { baseName } from "./scene_parts.ts";
import type { World } from "./world.ts";

export interface FoundFile {
  /** Absolute. */
  path: string;
  /** Bytes. */
  size: number;
  /** Seconds. */
  duration: number;
}

export function isKnownFile(world: World, path: string): boolean {
  return world.db.get("SELECT 1 FROM files WHERE path = ?", path) !== undefined;
}

/** A scene of its own, without title and still without a cover. @returns its id */
export function addScene(world: World, file: FoundFile): number {
  const at = world.stamp();
  return world.change(() => world.scenes.create({ columns: {}, files: [file] }, at));
}

/** Another copy joins: the scene is bumped. */
export function addCopy(world: World, sceneId: number, file: FoundFile): void {
  const had = world.scene(sceneId)?.files() ?? [];
  const files = [...had, file].map(({ path, size, duration }) => ({ path, size, duration }));
  world.change(() => world.scenes.change(sceneId, { columns: {}, files }, world.stamp()));
}

/** Only the file is bumped. @returns id of its scene @throws {BadInput} no such file */
export function moveFile(world: World, from: string, to: string): number {
  const { id, sceneId } = fileAt(world, from);
  world.db.run(
    "UPDATE files SET path = ?, basename = ?, updated_at = ? WHERE id = ?",
    to,
    baseName(to),
    world.stamp(),
    id,
  );
  return sceneId;
}

/** Other content under the same path: only the file is bumped. @returns id of its scene */
export function rewriteFile(
  world: World,
  file: { path: string; size?: number | undefined; duration?: number | undefined },
): number {
  const { id, sceneId } = fileAt(world, file.path);
  const at = world.stamp();
  world.db.run(
    `UPDATE files SET size = COALESCE(?, size), duration = COALESCE(?, duration), mod_time = ?,
       updated_at = ? WHERE id = ?`,
    file.size ?? null,
    file.duration ?? null,
    at,
    at,
    id,
  );
  return sceneId;
}

/** No timestamp moves at all. Paths are without a slash at the end. */
export function renameFolder(world: World, from: string, to: string): void {
  world.db.run(
    "UPDATE files SET path = ? || substr(path, ?) WHERE substr(path, 1, ?) = ?",
    to,
    from.length + 1,
    from.length + 1,
    `${from}/`,
  );
}

/** Bumps the scene, and no hook tells of it. */
export function makeCover(world: World, sceneId: number): void {
  world.scenes.change(sceneId, { columns: { cover: "generated" } }, world.stamp());
}

/**
 * A file that is missing on disk leaves its scene, which is bumped; the last one takes the
 * scene along.
 * @returns the scene if it is gone, else undefined
 * @throws {BadInput} no such file
 */
export function dropFile(
  world: World,
  path: string,
): { id: number; traces: SceneTraces } | undefined {
  const { sceneId } = fileAt(world, path);
  const files = world.scene(sceneId)?.files() ?? [];
  const left = files.filter((file) => file.path !== path);
  if (left.length === 0) {
    const traces = tracesOf(world, sceneId);
    world.destroy([sceneId]);
    return { id: sceneId, traces };
  }
  world.change(() => {
    world.db.run("DELETE FROM files WHERE scene_id = ? AND path = ?", sceneId, path);
    world.scenes.change(sceneId, { columns: {} }, world.stamp());
  });
  return undefined;
}

function fileAt(world: World, path: string): { id: number; sceneId: number } {
  const row = world.db.get("SELECT id, scene_id FROM files WHERE path = ?", path);
  if (row === undefined) throw new BadInput(`no file "${path}"`);
  return { id: Number(row.id), sceneId: Number(row.scene_id) };
}
