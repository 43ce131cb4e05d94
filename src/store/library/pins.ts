import { isRecord, parseJson } from "../../core/text/json.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import type { Database } from "../database/database.ts";

/** An owner's decision that a scene belongs to an item of a target, or to none. */
export interface Pin {
  scene_id: string;
  /** null: to none. */
  item: string | null;
  /** The item's files then: it is known again by them when the target gives it a new id. */
  paths: readonly string[];
  /** The scene's files then: by them it is known again, whatever its id is. */
  files: readonly SceneFile[];
  /** Epoch ms. */
  made_at: number;
}

/** A pin as it is kept. */
export interface KeptPin extends Pin {
  id: number;
}

/** What the owner decided for one target; kept until the owner takes it back. */
export class Pins {
  /** What was listed last, with what it is known again by. */
  #listed: { mark: string; pins: readonly KeptPin[] } | null = null;

  constructor(private readonly database: Database, private readonly target: string) {}

  /** Beside an earlier pin of the same scene. For a caller that holds the transaction. */
  put(pin: Pin): void {
    const { scene_id, item, paths, files, made_at } = pin;
    this.database.prepare(
      "INSERT INTO pins (scene_id, target, item, files, made_at) VALUES (?, ?, ?, ?, ?)",
    ).run(scene_id, this.target, item, JSON.stringify({ paths, files }), made_at);
  }

  remove(id: number): void {
    this.database.prepare("DELETE FROM pins WHERE id = ? AND target = ?").run(id, this.target);
  }

  /**
   * All of them: they are as few as a person can make. By scene id. The same list as long as it is
   * the same: to read thousands takes tens of ms, and each batch and each screen asks for them.
   */
  list(): readonly KeptPin[] {
    // Rows come and go and are never changed. No id is given twice, but after a rollback.
    const { mark } = this.database.prepare(
      `SELECT count(*) || ' ' || total(id) || ' ' || total(made_at) AS mark
       FROM pins WHERE target = ?`,
    ).get<{ mark: string }>(this.target)!;
    if (this.#listed?.mark !== mark) this.#listed = { mark, pins: this.#read() };
    return this.#listed.pins;
  }

  #read(): KeptPin[] {
    return this.database.prepare(
      `SELECT id, scene_id, item, files, made_at FROM pins
       WHERE target = ? ORDER BY CAST(scene_id AS INTEGER)`,
    ).all<Row>(this.target).map(fromRow);
  }

  /** Ids mean nothing on another server. For a caller that holds the transaction. */
  clear(): void {
    this.database.prepare("DELETE FROM pins WHERE target = ?").run(this.target);
  }
}

type Row = Pick<KeptPin, "id" | "scene_id" | "item" | "made_at"> & { files: string };

function fromRow({ files: json, ...row }: Row): KeptPin {
  const kept = parseJson(json);
  const { paths, files } = isRecord(kept) ? kept : {};
  return {
    ...row,
    paths: Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [],
    files: Array.isArray(files) ? files.filter(isRecord) as unknown as SceneFile[] : [],
  };
}
