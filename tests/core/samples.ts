import type { PlexItem } from "../../src/core/item.ts";
import type { SyncRules } from "../../src/core/plan.ts";
import type { Scene } from "../../src/core/scene.ts";
import type { Written } from "../../src/core/written.ts";

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

/** The item as Plex makes it of a new file. */
export function item(changes: Partial<PlexItem> = {}): PlexItem {
  return {
    ratingKey: "10",
    sectionId: "1",
    typeNumber: 1,
    title: "a",
    studio: "",
    summary: "",
    tagline: "",
    date: "",
    userRating: null,
    tags: [],
    performers: [],
    collection: [],
    locked: [],
    poster: "",
    background: "",
    files: [{ path: "/data/scenes/a.mp4", size: 1_000, durationMs: 60_000 }],
    ...changes,
  };
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

export function written(changes: Partial<Written> = {}): Written {
  return {
    sceneId: "7",
    ratingKey: "10",
    text: {},
    tags: {},
    images: {},
    rating: null,
    sceneHash: "",
    writtenAt: 0,
    ...changes,
  };
}
