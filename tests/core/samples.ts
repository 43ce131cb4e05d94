import {
  type FieldName,
  FIELDS,
  type ImageField,
  type ListField,
  type TextField,
} from "../../src/core/sync/fields.ts";
import type { Item, Name } from "../../src/core/sync/item.ts";
import type { FieldMemory, Memory } from "../../src/core/sync/memory.ts";
import type { SyncRules } from "../../src/core/sync/plan.ts";
import type { Scene } from "../../src/core/sync/scene.ts";
import type { Ways } from "../../src/core/sync/ways.ts";
import { isPlexForm } from "../../src/target/plex/forms.ts";

/** Plex's ways, without limits. */
export const WAYS: Ways = {
  isFormOf: isPlexForm,
  fit: (_item, edit) => ({ edit, omitted: [] }),
};

/** A scene with everything in it. */
export function scene(changes: Partial<Scene> = {}): Scene {
  return {
    id: "7",
    title: "New Title",
    code: "",
    details: "A summary",
    date: "2024-05-06",
    rating100: null,
    organized: true,
    updatedAt: "2026-01-10T21:14:03+01:00",
    studio: "Studio",
    performers: ["Ann", "Bob"],
    tags: ["outdoor", "Blue"],
    files: [{ path: "/data/scenes/a.mp4", size: 1_000, durationMs: 60_000 }],
    links: [],
    ...changes,
  };
}

/** Values of an item as they are most easily written down. */
export type FlatValues =
  & Partial<Record<TextField | ImageField, string>>
  & Partial<Record<Exclude<ListField, "performers">, readonly string[]>>
  & { performers?: readonly (string | Name)[]; rating?: number | null };

export type FlatItem = FlatValues & Partial<Omit<Item, "values" | "roles">>;

/** The item as Plex makes it of a new file. */
export function item(changes: FlatItem = {}): Item {
  const values = Object.fromEntries(FIELDS.map(({ name }) => [name, [] as string[]]));
  const fresh: Item = {
    id: "10",
    section: "1",
    type: "movie",
    values: values as Record<FieldName, string[]>,
    roles: {},
    locked: [],
    along: {},
    files: [{ path: "/data/scenes/a.mp4", size: 1_000, durationMs: 60_000 }],
  };
  return changed(fresh, { title: "a", ...changes });
}

/** The item with other values, as an edit of somebody leaves it. */
export function changed(before: Item, changes: FlatItem): Item {
  const values: Record<string, readonly string[]> = { ...before.values };
  const roles = { ...before.roles };
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(changes)) {
    if (!FIELDS.some((field) => field.name === name)) rest[name] = value;
    else if (name === "performers") {
      const names = (value as (string | Name)[]).map((n) =>
        typeof n === "string" ? { name: n } : n
      );
      values.performers = names.map((n) => n.name);
      for (const { name, role } of names) if (role !== undefined) roles[name] = role;
    } else if (Array.isArray(value)) values[name] = value;
    else values[name] = value === "" || value === null ? [] : [String(value)];
  }
  return { ...before, ...rest, values: values as Item["values"], roles };
}

export function rules(changes: Partial<SyncRules> = {}): SyncRules {
  return {
    preservePlexEdits: false,
    tagMode: "merge",
    maxTags: 100,
    syncStudio: true,
    syncSummary: true,
    syncTagline: true,
    syncDate: true,
    syncPerformers: true,
    syncTags: true,
    syncPoster: true,
    syncBackground: true,
    syncCollection: true,
    syncRating: false,
    ...changes,
  };
}

export function memory(changes: Partial<Memory> = {}): Memory {
  return {
    sceneId: "7",
    item: "10",
    match: null,
    fields: {},
    begun: {},
    covers: {},
    sceneHash: "",
    writtenAt: 0,
    ...changes,
  };
}

/** Memory of a field that stands as it was sent, all of it ours. */
export function ours(...values: string[]): FieldMemory {
  return { sent: values, stood: values, ours: values };
}
