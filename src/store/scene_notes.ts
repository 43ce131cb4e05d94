import { createHash } from "node:crypto";
import { foldedKey, nameKey } from "../core/match/path.ts";
import type { Scene } from "../core/sync/scene.ts";
import { sceneHash } from "../core/sync/scene_hash.ts";
import { type Database, transaction } from "./database.ts";

// Apart from the reading of them: what digests takes long to load, and a process that only looks at
// figures has no use for it.

/** Keeps these scenes as they were just read. Of a scene that is as it was nothing is written. */
export function noteScenes(database: Database, scenes: readonly Scene[], now: number): void {
  const changed = changedOf(database, scenes);
  if (changed.length === 0) return;
  transaction(database, () => {
    for (const { scene, fingerprint } of changed) {
      database.prepare(
        `INSERT INTO scenes (scene_id, fingerprint, title, seen_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (scene_id) DO UPDATE
           SET fingerprint = excluded.fingerprint, title = excluded.title,
             seen_at = excluded.seen_at, gone_at = NULL`,
      ).run(scene.id, fingerprint, scene.title, now);
      putFiles(database, scene);
      putLinks(database, scene);
    }
  });
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

function putFiles(database: Database, { id, files }: Pick<Scene, "id" | "files">): void {
  database.prepare("DELETE FROM scene_files WHERE scene_id = ?").run(id);
  const add = database.prepare(
    `INSERT OR REPLACE INTO scene_files
       (scene_id, path, folded_key, name_key, size, duration_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  for (const { path, size, durationMs } of files) {
    const duration = durationMs === null ? null : Math.round(durationMs);
    add.run(id, path, foldedKey(path), nameKey(path), size, duration);
  }
}

function putLinks(database: Database, { id, links }: Scene): void {
  // One that is on its way to its scenes still has to find this one, which may have been read
  // just to be looked at.
  database.prepare(
    `DELETE FROM scene_links WHERE scene_id = ? AND NOT EXISTS (
       SELECT 1 FROM fanouts
       WHERE kind = scene_links.kind AND entity_id = scene_links.entity_id
     )`,
  ).run(id);
  // Row by row: a statement of many keeps a journal of its own, to be taken back alone, which was
  // three quarters of all writes of a walk over 10,000 scenes.
  const add = database.prepare(
    "INSERT OR IGNORE INTO scene_links (kind, entity_id, scene_id) VALUES (?, ?, ?)",
  );
  for (const link of links) add.run(link.kind, link.id, id);
}

/** Digest of all that is kept of a scene, and of all of it that is synced. */
function fingerprintOf(scene: Scene): string {
  const { files, links } = scene;
  return createHash("sha256").update(JSON.stringify([sceneHash(scene), files, links]))
    .digest("hex");
}
