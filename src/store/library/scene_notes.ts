import { createHash } from "node:crypto";
import { foldedKey, nameKey } from "../../core/match/path.ts";
import type { EntityRef, Scene } from "../../core/sync/scene.ts";
import { sceneHash } from "../../core/sync/scene_hash.ts";
import { type Database, transaction } from "../database/database.ts";
import { wholeMs } from "./like_lengths.ts";

// Apart from the reading of them: what digests takes long to load, and a process that only looks at
// figures has no use for it.

/** Keeps these scenes as they were just read. Of a scene that is as it was nothing is written. */
export function noteScenes(database: Database, scenes: readonly Scene[], now: number): void {
  const changed = changedOf(database, scenes);
  if (changed.length === 0) return;
  transaction(database, () => {
    for (const { scene, fingerprint } of changed) {
      if (noteNew(database, scene, fingerprint, now)) {
        addFiles(database, scene);
        addLinks(database, scene.id, scene.links);
        continue;
      }
      database.prepare(
        `UPDATE scenes SET fingerprint = ?, title = ?, seen_at = ?, gone_at = NULL
         WHERE scene_id = ?`,
      ).run(fingerprint, scene.title, now, scene.id);
      putFiles(database, scene);
      putLinks(database, scene);
    }
  });
}

/** @returns false when the scene is known: nothing was written then */
function noteNew(
  database: Database,
  { id, title }: Scene,
  fingerprint: string,
  now: number,
): boolean {
  return database.prepare(
    `INSERT INTO scenes (scene_id, fingerprint, title, seen_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (scene_id) DO NOTHING`,
  ).run(id, fingerprint, title, now) > 0;
}

function changedOf(
  database: Database,
  scenes: readonly Scene[],
): { scene: Scene; fingerprint: string }[] {
  const rows = database.prepare(
    `SELECT scene_id, fingerprint FROM scenes
     WHERE scene_id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL`,
  ).all<{ scene_id: string; fingerprint: string }>(JSON.stringify(scenes.map(({ id }) => id)));
  const known = new Map(rows.map((row) => [row.scene_id, row.fingerprint]));
  return scenes.map((scene) => ({ scene, fingerprint: fingerprintOf(scene) }))
    .filter(({ scene, fingerprint }) => known.get(scene.id) !== fingerprint);
}

/** Keeps the files of scenes of which nothing else could be read; what else is known stays. */
export function noteFiles(
  database: Database,
  scenes: readonly Pick<Scene, "id" | "files">[],
  now: number,
): void {
  transaction(database, () => {
    for (const scene of scenes) {
      // No fingerprint: the next reading of the whole scene is written in any case.
      database.prepare(
        `INSERT INTO scenes (scene_id, fingerprint, title, seen_at) VALUES (?, '', '', ?)
         ON CONFLICT (scene_id) DO UPDATE SET fingerprint = '', gone_at = NULL`,
      ).run(scene.id, now);
      putFiles(database, scene);
    }
  });
}

/** Of files that are as they were nothing is written: each has three entries in indexes. */
function putFiles(database: Database, scene: Pick<Scene, "id" | "files">): void {
  const rows = database.prepare(
    "SELECT path, size, duration_ms FROM scene_files WHERE scene_id = ?",
  ).all<{ path: string; size: number; duration_ms: number | null }>(scene.id);
  const kept = new Map(rows.map(({ path, size, duration_ms }) => [path, [size, duration_ms]]));
  const same = rows.length === scene.files.length && scene.files.every((file) => {
    const [size, duration] = kept.get(file.path) ?? [];
    return size === file.size && duration === wholeMs(file);
  });
  if (same) return;
  database.prepare("DELETE FROM scene_files WHERE scene_id = ?").run(scene.id);
  addFiles(database, scene);
}

function addFiles(database: Database, { id, files }: Pick<Scene, "id" | "files">): void {
  const add = database.prepare(
    `INSERT OR REPLACE INTO scene_files
       (scene_id, path, folded_key, name_key, size, duration_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  for (const file of files) {
    const { path, size } = file;
    add.run(id, path, foldedKey(path), nameKey(path), size, wholeMs(file));
  }
}

function putLinks(database: Database, { id, links }: Scene): void {
  const rows = database.prepare(
    "SELECT kind, entity_id AS id FROM scene_links WHERE scene_id = ?",
  ).all<EntityRef>(id);
  const kept = new Set(rows.map(nameOf));
  const named = new Set(links.map(nameOf));
  // One that is on its way to its scenes still has to find this one, which may have been read
  // just to be looked at.
  const remove = database.prepare(
    `DELETE FROM scene_links WHERE kind = ?1 AND entity_id = ?2 AND scene_id = ?3
       AND NOT EXISTS (SELECT 1 FROM fanouts WHERE kind = ?1 AND entity_id = ?2)`,
  );
  for (const link of rows) if (!named.has(nameOf(link))) remove.run(link.kind, link.id, id);
  addLinks(database, id, links.filter((link) => !kept.has(nameOf(link))));
}

const nameOf = ({ kind, id }: EntityRef) => `${kind} ${id}`;

function addLinks(database: Database, sceneId: string, links: readonly EntityRef[]): void {
  // Row by row: a statement of many keeps a journal of its own, to be taken back alone, which was
  // three quarters of all writes of a walk over 10,000 scenes.
  const add = database.prepare(
    "INSERT OR IGNORE INTO scene_links (kind, entity_id, scene_id) VALUES (?, ?, ?)",
  );
  for (const link of links) add.run(link.kind, link.id, sceneId);
}

/** Digest of all that is kept of a scene, and of all of it that is synced. */
function fingerprintOf(scene: Scene): string {
  const { files, links } = scene;
  return createHash("sha256").update(JSON.stringify([sceneHash(scene), files, links]))
    .digest("hex");
}
