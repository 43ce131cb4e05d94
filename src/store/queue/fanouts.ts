import type { EntityKind, EntityRef } from "../../core/sync/scene.ts";
import { type Database, transaction } from "../database/database.ts";
import type { Jobs } from "./jobs.ts";

/** A change of a performer, studio or tag on its way to the scenes that name it. */
export interface Fanout {
  id: number;
  kind: EntityKind;
  entity_id: string;
  /** 1 when it is gone in Stash, so that only our own record knows its scenes. */
  gone: 0 | 1;
  /** Greatest scene id that was put into the queue for it; the fan-out goes on behind it. */
  last_scene: number;
  /** Scenes put into the queue so far. */
  queued: number;
  /** Epoch ms. */
  created_at: number;
}

/** What is left to fan out; survives restarts in the middle of one. */
export class Fanouts {
  constructor(private readonly database: Database, private readonly jobs: Jobs) {}

  /** For a caller that holds the transaction. A second change begins it anew. */
  add({ kind, id }: EntityRef, gone: boolean, now: number): void {
    this.database.prepare(
      `INSERT INTO fanouts (kind, entity_id, gone, created_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, entity_id) DO UPDATE
         SET last_scene = 0, gone = max(gone, excluded.gone), created_at = excluded.created_at`,
    ).run(kind, id, gone ? 1 : 0, now);
  }

  /** The oldest, or undefined when nothing is left. */
  next(): Fanout | undefined {
    return this.database.prepare("SELECT * FROM fanouts ORDER BY created_at, id LIMIT 1").get();
  }

  /** Puts one page of scenes into the queue and remembers how far it is, at once. */
  advance(fanout: Fanout, sceneIds: readonly string[], now: number): void {
    transaction(this.database, () => {
      this.jobs.enqueueInTransaction(sceneIds, "rename", now);
      this.database.prepare(
        `UPDATE fanouts SET last_scene = ?, queued = queued + ?
         WHERE id = ? AND created_at = ?`,
      ).run(Number(sceneIds.at(-1)), sceneIds.length, fanout.id, fanout.created_at);
    });
  }

  /** It is through, unless a newer change has begun it anew. */
  done(fanout: Fanout): void {
    this.database.prepare("DELETE FROM fanouts WHERE id = ? AND created_at = ?")
      .run(fanout.id, fanout.created_at);
  }

  list(): Fanout[] {
    return this.database.prepare("SELECT * FROM fanouts ORDER BY created_at, id").all();
  }
}
