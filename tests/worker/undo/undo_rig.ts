import { assertEquals } from "@std/assert";
import {
  previewOn,
  requestUndo,
  type UndoPreview,
  undoTasks,
} from "../../../src/app/scenes/undo.ts";
import type { UndoScope } from "../../../src/core/journal/undo_scope.ts";
import { Rig, type RigOptions } from "../rig.ts";

/** What Stash has for the first scene. */
export const OURS = {
  id: "1",
  title: "Ours",
  code: "",
  details: "Known",
  date: "2020-02-03",
  tags: ["one", "two"],
  performers: ["Ann"],
  studio: "Works",
};

/** No image is written: that saves time where none is asked for. */
export const NO_IMAGES = { settings: { syncPoster: false, syncBackground: false } };

/** A rig with one scene that is known in Plex. */
export async function withOne(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open({ ...options, library: { scenes: 1, ...options.library } });
  rig.stash.upsert([OURS]);
  return rig;
}

/** Syncs scene 1, changed in Stash before. */
export async function sync(rig: Rig, changes: Record<string, unknown> = {}): Promise<void> {
  if (Object.keys(changes).length > 0) rig.stash.upsert([{ id: "1", ...changes }]);
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals([rig.store.jobs.count(), rig.errors()], [0, []]);
}

/** Asks to take back what a scope means. @returns the undo's run */
export async function request(rig: Rig, scope: UndoScope = { kind: "all" }): Promise<number> {
  return await requestUndo(scope, undoTasks(scope, rig), "undo", rig);
}

/** What came of an undo: fields that came back, and what was left or failed, in words. */
export function resultOf(rig: Rig, run: number) {
  const results = rig.store.of("plex").undos.results(run);
  return {
    run,
    restored: results.flatMap(({ result }) => result.restored),
    locks: results.flatMap(({ result }) => result.locks),
    left: results.flatMap(({ result }) => result.left.map(({ field, why }) => `${field}: ${why}`)),
    errors: results.flatMap(({ result }) => result.error ?? []),
  };
}

/** Takes back what a scope means. */
export async function undo(rig: Rig, scope: UndoScope = { kind: "all" }) {
  const run = await request(rig, scope);
  await rig.once();
  return resultOf(rig, run);
}

/** What `undo --dry-run` says. */
export async function preview(rig: Rig, scope: UndoScope = { kind: "all" }) {
  const all: UndoPreview[] = [];
  for (const task of undoTasks(scope, rig)) {
    for await (const each of previewOn(rig.context.target, task, rig)) all.push(each);
  }
  return {
    restored: all.flatMap(({ changes }) => changes.map(({ field }) => field)),
    locks: all.flatMap(({ locks }) => locks),
    left: all.flatMap(({ left }) => left.map(({ field, why }) => `${field}: ${why}`)),
    errors: all.flatMap(({ error }) => error ?? []),
  };
}

/** Somebody's request to Plex. */
export async function ask(rig: Rig, method: string, path: string, body?: Uint8Array<ArrayBuffer>) {
  const answer = await fetch(rig.plex.url + path, {
    method,
    headers: { "X-Plex-Token": "sim-plex-token", "Accept": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  assertEquals(answer.ok, true, `${method} ${path}: ${answer.status}`);
  return text === "" ? {} : JSON.parse(text).MediaContainer;
}

/** Somebody's edit of an item in Plex, by default of the first. */
export async function edit(
  rig: Rig,
  query: string,
  ratingKey = rig.plex.items()[0]!.ratingKey,
): Promise<void> {
  await ask(rig, "PUT", `/library/metadata/${ratingKey}?${query}`);
}

/** What Plex shows of the first item. */
export function state(rig: Rig) {
  return rig.plex.items()[0]!;
}
