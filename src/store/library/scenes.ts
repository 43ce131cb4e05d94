import { foldedKey, nameKey } from "../../core/match/path.ts";
import type { EntityRef, SceneFile } from "../../core/sync/scene.ts";
import { type Database, transaction } from "../database/database.ts";
import { byKey, rowsFor } from "../database/each_key.ts";
import { likeLengths } from "./like_lengths.ts";

/** More scenes than this with the same file part nothing any more. */
const MAX_RIVALS = 1_000;
/** A scene `s` that has no job and once had one; ?1 is the target. */
const DEALT_WITH = `NOT EXISTS (SELECT 1 FROM jobs WHERE scene_id = s.scene_id AND target = ?1)
  AND (EXISTS (SELECT 1 FROM written WHERE scene_id = s.scene_id)
    OR EXISTS (SELECT 1 FROM dead_letters WHERE scene_id = s.scene_id)
    OR EXISTS (SELECT 1 FROM outcomes WHERE scene_id = s.scene_id))`;

/** An item of a target, and when its files were last seen to be other than before, epoch ms. */
export interface ChangedItem {
  item: string;
  at: number;
}

/** A scene that has a file of some size and length, and that file's name. */
export interface LikeFile {
  sceneId: string;
  /** In the form that finds candidates. */
  nameKey: string;
}

/** A file of a scene that Stash still has: whether that is synced does not matter. */
const LIVE = `NOT EXISTS (
  SELECT 1 FROM scenes WHERE scene_id = scene_files.scene_id AND gone_at IS NOT NULL)`;

/**
 * What is known of Stash's scenes: each that was read, with its files and whom it names. It tells
 * which scenes a new file concerns, and which scenes named a performer, studio or tag that is gone.
 */
export class Scenes {
  constructor(private readonly database: Database) {}

  /** As `gone`, in a transaction of its own. */
  noteGone(sceneIds: readonly string[], now: number): void {
    transaction(this.database, () => this.gone(sceneIds, now));
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

  /** How many scenes of Stash are known that it still has. */
  count(): number {
    return this.database.prepare(
      `SELECT (SELECT count(*) FROM scenes)
            - (SELECT count(*) FROM scenes WHERE gone_at IS NOT NULL) AS n`,
    ).get<{ n: number }>()!.n;
  }

  /** Ids of some scenes that Stash still has, any of them. */
  some(limit: number): string[] {
    return this.database.prepare("SELECT scene_id FROM scenes WHERE gone_at IS NULL LIMIT ?")
      .all<{ scene_id: string }>(limit).map(({ scene_id }) => scene_id);
  }

  /** The files of a scene that Stash still has, as last read; [] for any other. */
  filesOf(sceneId: string): SceneFile[] {
    return this.database.prepare(
      `SELECT path, size, duration_ms AS durationMs FROM scene_files
       WHERE scene_id = ? AND NOT EXISTS (
         SELECT 1 FROM scenes WHERE scene_id = scene_files.scene_id AND gone_at IS NOT NULL
       ) ORDER BY path`,
    ).all<SceneFile>(sceneId);
  }

  /** What people call these scenes, by id, as last read; "" for one without a title. */
  titles(sceneIds: readonly string[]): Map<string, string> {
    const rows = this.database.prepare(
      "SELECT scene_id, title FROM scenes WHERE scene_id IN (SELECT value FROM json_each(?))",
    ).all<{ scene_id: string; title: string }>(JSON.stringify(sceneIds));
    return new Map(rows.map(({ scene_id, title }) => [scene_id, title]));
  }

  /** A page of all files of the scenes that Stash still has, in an order that stays. */
  files(
    after: { sceneId: string; path: string } | null,
    limit: number,
  ): (SceneFile & { sceneId: string })[] {
    return this.database.prepare(
      `SELECT scene_id AS sceneId, path, size, duration_ms AS durationMs FROM scene_files
       WHERE (scene_id, path) > (?, ?) AND ${LIVE} ORDER BY scene_id, path LIMIT ?`,
    ).all<SceneFile & { sceneId: string }>(after?.sceneId ?? "", after?.path ?? "", limit);
  }

  /**
   * Scenes that Stash still has with a file at one of these paths (in any letter case), or of the
   * size and length of one of these files. Ids in no order.
   */
  withFiles(paths: readonly string[], files: readonly Omit<SceneFile, "path">[]): string[] {
    const byPath = this.database.prepare(
      `SELECT scene_id FROM scene_files WHERE folded_key = ? AND ${LIVE} LIMIT ${MAX_RIVALS}`,
    );
    const found = new Set<string>();
    const take = (rows: { scene_id: string }[]) => rows.forEach((row) => found.add(row.scene_id));
    for (const path of paths) take(byPath.all(foldedKey(path)));
    for (const file of files) this.#ofBytes(file).forEach((like) => found.add(like.sceneId));
    return [...found];
  }

  /** For each path the scenes that Stash still has with a file there, in any letter case. */
  atPaths(paths: readonly string[]): string[][] {
    const limit = rowsFor(paths.length);
    const rows = this.database.prepare(
      `SELECT k.key AS at, scene_id FROM json_each(?) k
         CROSS JOIN scene_files ON folded_key = k.value WHERE ${LIVE} LIMIT ?`,
    ).all<{ at: number; scene_id: string }>(JSON.stringify(paths.map(foldedKey)), limit);
    if (rows.length === limit) return paths.map((path) => this.withFiles([path], []));
    return byKey(rows, paths.length, ({ at }) => at, ({ scene_id }) => scene_id);
  }

  /** For each file the scenes that Stash still has with one of its size and length. */
  ofBytes(files: readonly SceneFile[]): LikeFile[][] {
    const limit = rowsFor(files.length);
    const sought = files.map(({ size, durationMs }) =>
      size === 0 || durationMs === null ? [] : [size, ...likeLengths(durationMs)]
    );
    const rows = this.database.prepare(
      `SELECT k.key AS at, scene_id AS sceneId, name_key AS nameKey FROM json_each(?) k
         CROSS JOIN scene_files ON size = k.value->>0
           AND (duration_ms BETWEEN k.value->>1 AND k.value->>2 OR duration_ms IS NULL)
       WHERE ${LIVE} LIMIT ?`,
    ).all<LikeFile & { at: number }>(JSON.stringify(sought), limit);
    if (rows.length === limit) {
      // Those of the same name too, however many others come before them.
      return files.map((
        file,
      ) => [...this.#ofBytes(file, nameKey(file.path)), ...this.#ofBytes(file)]);
    }
    return byKey(rows, files.length, ({ at }) => at, ({ sceneId, nameKey }) => ({
      sceneId,
      nameKey,
    }));
  }

  /** For each scene its files, as `filesOf` has them. */
  filesOfAll(sceneIds: readonly string[]): SceneFile[][] {
    const rows = this.database.prepare(
      `SELECT k.key AS at, scene_files.path, size, duration_ms AS durationMs FROM json_each(?) k
         CROSS JOIN scene_files ON scene_id = k.value WHERE ${LIVE}`,
    ).all<SceneFile & { at: number }>(JSON.stringify(sceneIds));
    return byKey(rows, sceneIds.length, ({ at }) => at, ({ path, size, durationMs }) => ({
      path,
      size,
      durationMs,
    }));
  }

  /**
   * Scenes without a job that the next items whose files changed concern, and that plexsync had to do
   * with before: the files may be theirs, or the item was written for them. Ids in no order.
   * @param after The last item that was looked at, and when it changed, epoch ms
   * @param limit Number of items
   * @returns next: as `after`; null when there are no more items
   */
  concernedBy(
    target: string,
    after: ChangedItem,
    limit: number,
  ): { scenes: string[]; next: ChangedItem | null } {
    const items = this.database.prepare(
      `SELECT item, changed_at AS at FROM index_items
       WHERE target = ? AND (changed_at, item) > (?, ?) ORDER BY changed_at, item LIMIT ?`,
    ).all<ChangedItem>(target, after.at, after.item, limit);
    const scenes = this.database.prepare(
      `SELECT DISTINCT s.scene_id FROM (
         SELECT s.scene_id FROM json_each(?2) i
           CROSS JOIN index_files f ON f.target = ?1 AND f.item = i.value
           CROSS JOIN scene_files s ON s.name_key = f.name_key
             OR (s.size = f.size AND s.size > 0
               AND s.duration_ms BETWEEN f.duration_ms - 1000 AND f.duration_ms + 1000)
         UNION ALL
         SELECT w.scene_id FROM json_each(?2) i
           CROSS JOIN written w ON w.target = ?1 AND w.item = i.value
       ) s WHERE ${DEALT_WITH}`,
    ).all<{ scene_id: string }>(target, JSON.stringify(items.map(({ item }) => item)));
    return {
      scenes: scenes.map(({ scene_id }) => scene_id),
      next: items.length < limit ? null : items.at(-1)!,
    };
  }

  /** All scenes without a job that plexsync had to do with, in the order of their ids. */
  dealtWith(target: string, after: number, limit: number): string[] {
    return this.database.prepare(
      `SELECT s.scene_id FROM scenes s
       WHERE s.gone_at IS NULL AND CAST(s.scene_id AS INTEGER) > ?2 AND ${DEALT_WITH}
       ORDER BY CAST(s.scene_id AS INTEGER) LIMIT ?3`,
    ).all<{ scene_id: string }>(target, after, limit).map(({ scene_id }) => scene_id);
  }

  /** Other scenes that have a file of this name, size and length. */
  alike(sceneId: string, file: SceneFile): string[] {
    return this.#ofBytes(file, nameKey(file.path)).map((like) => like.sceneId)
      .filter((id) => id !== sceneId);
  }

  /** @param name Only files of this name key */
  #ofBytes(
    { size, durationMs }: Omit<SceneFile, "path">,
    name: string | null = null,
  ): LikeFile[] {
    if (size === 0 || durationMs === null) return [];
    return this.database.prepare(
      `SELECT scene_id AS sceneId, name_key AS nameKey FROM scene_files
       WHERE size = ?1 AND (duration_ms BETWEEN ?2 AND ?3 OR duration_ms IS NULL) AND (?4 IS NULL OR name_key = ?4) AND ${LIVE}
       LIMIT ${MAX_RIVALS}`,
    ).all<LikeFile>(
      size,
      ...likeLengths(durationMs),
      name,
    );
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
}
