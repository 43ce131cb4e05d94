import { createHash } from "node:crypto";
import { nameKey, pathKey } from "../core/path.ts";
import type { EntityRef, Scene } from "../core/scene.ts";
import { sceneHash } from "../core/scene_hash.ts";
import { type Database, transaction } from "./database.ts";

/**
 * What is known of Stash's scenes: each that was read, with its files and whom it names. It tells
 * which scenes a new file concerns, and which scenes named a performer, studio or tag that is gone.
 */
export class Scenes {
  constructor(private readonly database: Database) {}

  /** Keeps these scenes as they were just read. Of a scene that is as it was nothing is written. */
  note(scenes: readonly Scene[], now: number): void {
    const changed = this.#changed(scenes);
    if (changed.length === 0) return;
    transaction(this.database, () => {
      for (const { scene, fingerprint } of changed) {
        this.database.prepare(
          `INSERT INTO scenes (scene_id, fingerprint, seen_at) VALUES (?, ?, ?)
           ON CONFLICT (scene_id) DO UPDATE
             SET fingerprint = excluded.fingerprint, seen_at = excluded.seen_at, gone_at = NULL`,
        ).run(scene.id, fingerprint, now);
        this.#putFiles(scene);
        this.#putLinks(scene);
      }
    });
  }

  /**
   * Stash has these scenes no longer. One for which something was written is kept, since that is
   * in its items still; what is known of any other is forgotten. For a caller that holds the
   * transaction.
   */
  gone(sceneIds: readonly string[], now: number): void {
    for (const id of sceneIds) {
      this.database.prepare("DELETE FROM scene_links WHERE scene_id = ?").run(id);
      this.database.prepare(
        `INSERT INTO scenes (scene_id, fingerprint, gone_at, seen_at) VALUES (?1, '', ?2, ?2)
         ON CONFLICT (scene_id) DO UPDATE SET gone_at = coalesce(gone_at, excluded.gone_at)`,
      ).run(id, now);
      this.database.prepare(
        `DELETE FROM scenes WHERE scene_id = ?1
           AND NOT EXISTS (SELECT 1 FROM written WHERE scene_id = ?1)`,
      ).run(id);
    }
  }

  /** Whether plexsync ever had to do with a scene: it is queued, was dealt with, or was given up. */
  hadJob(sceneId: string): boolean {
    return this.database.prepare(
      `SELECT 1 FROM jobs WHERE scene_id = ?1
       UNION ALL SELECT 1 FROM written WHERE scene_id = ?1
       UNION ALL SELECT 1 FROM dead_letters WHERE scene_id = ?1
       UNION ALL SELECT 1 FROM outcomes WHERE scene_id = ?1 LIMIT 1`,
    ).get(sceneId) !== undefined;
  }

  /**
   * Scenes that were written and named the entity when they were last read, by id, after `after`.
   * One that was only seen is none of them: whether to sync it is its owner's decision.
   */
  scenesOf({ kind, id }: EntityRef, after: number, limit: number): string[] {
    return this.database.prepare(
      `SELECT scene_id FROM scene_links AS link
       WHERE kind = ? AND entity_id = ? AND CAST(scene_id AS INTEGER) > ?
         AND EXISTS (SELECT 1 FROM written WHERE scene_id = link.scene_id)
       ORDER BY CAST(scene_id AS INTEGER) LIMIT ?`,
    ).all<{ scene_id: string }>(kind, id, after, limit).map((row) => row.scene_id);
  }

  #changed(scenes: readonly Scene[]): { scene: Scene; fingerprint: string }[] {
    const rows = this.database.prepare(
      `SELECT scene_id, fingerprint FROM scenes
       WHERE scene_id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL`,
    ).all<{ scene_id: string; fingerprint: string }>(JSON.stringify(scenes.map(({ id }) => id)));
    const known = new Map(rows.map((row) => [row.scene_id, row.fingerprint]));
    return scenes.map((scene) => ({ scene, fingerprint: fingerprintOf(scene) }))
      .filter(({ scene, fingerprint }) => known.get(scene.id) !== fingerprint);
  }

  #putFiles({ id, files }: Scene): void {
    this.database.prepare("DELETE FROM scene_files WHERE scene_id = ?").run(id);
    const add = this.database.prepare(
      `INSERT OR REPLACE INTO scene_files (scene_id, path_key, name_key, size, duration_ms)
       VALUES (?, ?, ?, ?, ?)`,
    );
    for (const { path, size, durationMs } of files) {
      const duration = durationMs === null ? null : Math.round(durationMs);
      add.run(id, pathKey(path), nameKey(path), size, duration);
    }
  }

  #putLinks({ id, links }: Scene): void {
    // One that is on its way to its scenes still has to find this one, which may have been read
    // just to be looked at.
    this.database.prepare(
      `DELETE FROM scene_links WHERE scene_id = ? AND NOT EXISTS (
         SELECT 1 FROM fanouts
         WHERE kind = scene_links.kind AND entity_id = scene_links.entity_id
       )`,
    ).run(id);
    const add = this.database.prepare(
      "INSERT OR IGNORE INTO scene_links (kind, entity_id, scene_id) VALUES (?, ?, ?)",
    );
    for (const link of links) add.run(link.kind, link.id, id);
  }
}

/** Digest of all that is kept of a scene, and of all of it that is synced. */
function fingerprintOf(scene: Scene): string {
  const { files, links } = scene;
  return createHash("sha256").update(JSON.stringify([sceneHash(scene), files, links]))
    .digest("hex");
}
