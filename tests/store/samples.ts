/** Short ways to the values that store tests need. */
import type { FieldName } from "../../src/core/sync/fields.ts";
import type { IndexedFile } from "../../src/core/sync/item.ts";
import type { BegunField, BegunWrite, Entry } from "../../src/core/journal/journal.ts";
import type { Attempt, Disposition, Job } from "../../src/core/jobs/job.ts";
import type { MetaKey } from "../../src/core/meta_keys.ts";
import type { Memory } from "../../src/core/sync/memory.ts";
import type { SceneFile } from "../../src/core/sync/scene.ts";
import type { Store } from "../../src/store/store.ts";
import { scene } from "../core/samples.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

/** A moment that needs more than 32 bits, as every real one does. Epoch ms. */
export const T0 = 1_790_000_000_000;
export const LEASE_MS = 60_000;

export const done = (outcome: "written" | "unchanged" | "skipped" | "gone"): Disposition => ({
  to: "done",
  outcome,
});
export const retry = (at: number): Disposition => ({ to: "retry", at });
export const back = (at: number): Disposition => ({ to: "back", at });
export const dead: Disposition = { to: "dead" };
export const waiting = (at: number, ...files: SceneFile[]): Disposition => ({
  to: "waiting",
  at,
  files,
});

/** A fact of any shape, for tests of the place that keeps them. */
export const anyKey = (name: string): MetaKey<unknown> => ({ name, read: (value) => value });

/** The end of an attempt on a claimed job. */
export function attempt(
  job: Attempt["job"],
  disposition: Disposition,
  more: Partial<Attempt> = {},
): Attempt {
  const failed = ["retry", "dead"].includes(disposition.to);
  return {
    job,
    disposition,
    durationMs: 100,
    confidence: null,
    items: [],
    leftOut: [],
    changedFields: [],
    errorType: failed ? "TransientError" : null,
    errorMessage: failed ? "Plex answered 500" : null,
    path: null,
    hint: null,
    stackTrace: null,
    candidates: [],
    written: [],
    seen: [],
    origins: [],
    released: [],
    ...more,
  };
}

export const sceneFile = (path: string, size = 0): SceneFile => ({ path, size, durationMs: null });

export function indexed(
  item: string,
  path: string,
  more: Partial<IndexedFile> = {},
): IndexedFile {
  return { item, section: "1", path, size: 1_000, durationMs: null, ...more };
}

export function written(sceneId: string, item = "100"): Memory {
  return {
    sceneId,
    item,
    match: {
      evidence: "path",
      confidence: "high",
      stashPath: "/data/a.mp4",
      path: "/media/a.mp4",
      files: [{ path: "/data/a.mp4", size: 1_000, durationMs: 60_000 }],
    },
    fields: {
      title: { sent: ["A  title"], stood: ["A title"], ours: ["A title"] },
      tags: { sent: ["Drama"], stood: ["Drama", "Été"], ours: ["Drama"] },
      poster: { sent: ["ab"], stood: ["/t/1"], ours: ["ab"] },
      rating: { sent: ["7.5"], stood: ["7.5"], ours: ["7.5"] },
    },
    begun: {},
    covers: {
      poster: {
        etag: null,
        digest: "ab",
        sceneUpdatedAt: "2026-01-01",
        key: null,
        sure: true,
        refused: null,
        shown: true,
      },
    },
    sceneHash: "hash",
    writtenAt: T0,
  };
}

/** One field of a write that was begun. */
export function begunField(
  field: FieldName,
  before: readonly Entry[],
  sent: readonly Entry[],
  more: Partial<BegunField> = {},
): BegunField {
  return {
    field,
    before,
    sure: true,
    sent,
    lockedBefore: false,
    lockedAfter: field !== "rating",
    origin: null,
    along: null,
    ...more,
  };
}

/** A write of a title and of tags that was begun. */
export function begunWrite(
  sceneId: string,
  item = "100",
  fields: readonly BegunField[] = [
    begunField("title", ["a"], ["New"]),
    begunField("tags", ["Été"], ["Drama", "Été"]),
  ],
  runId: number | null = null,
): BegunWrite {
  const files = [{ path: `/media/${item}.mp4`, size: 1_000, durationMs: null }];
  return { runId, sceneId, item: { id: item, section: "1", files }, fields };
}

/** Claims everything that is due, for `owner`. */
export function claimAll(store: Store, now = T0, owner = "worker"): Job[] {
  return store.jobs.claim(owner, now, 1_000, LEASE_MS, TARGET);
}

/** Enqueues one scene and claims it: a job as a worker has it in hand. */
export function claimed(store: Store, sceneId = "1", now = T0, owner = "worker"): Job {
  store.jobs.enqueue([sceneId], "hook", now);
  const job = claimAll(store, now, owner).find((job) => job.scene_id === sceneId);
  if (job === undefined) throw new Error(`Scene ${sceneId} was not claimed`);
  return job;
}

/** Brings a job of the scene into the state `waiting`, to be looked at at `at`. */
export function madeWaiting(store: Store, sceneId: string, at: number, ...files: SceneFile[]): Job {
  const job = claimed(store, sceneId);
  noteScenes(store.database, [scene({ id: sceneId, files })], T0);
  store.settlement.settle([attempt(job, waiting(at, ...files))], T0);
  return store.jobs.get(sceneId, TARGET)!;
}

/** Makes a dead letter of the scene. */
export function buried(store: Store, sceneId: string, now = T0, more: Partial<Attempt> = {}): void {
  store.settlement.settle([attempt(claimed(store, sceneId, now), dead, more)], now);
}
