/** What `hookContext.input` looks like for each mutation. */
import type { World } from "./world.ts";

type Members = Record<string, unknown>;

/** Every member of Stash's SceneUpdateInput, in its order. */
const SCENE = [
  "clientMutationId",
  "id",
  "title",
  "code",
  "details",
  "director",
  "url",
  "urls",
  "date",
  "rating100",
  "o_counter",
  "organized",
  "studio_id",
  "gallery_ids",
  "performer_ids",
  "groups",
  "movies",
  "tag_ids",
  "cover_image",
  "stash_ids",
  "resume_time",
  "play_duration",
  "play_count",
  "primary_file_id",
];

/** `sceneUpdate`, `scenesUpdate` and Identify: what was not sent is there as null. */
export function sceneUpdateInput(sent: Members): Members {
  return {
    ...Object.fromEntries(SCENE.map((name) => [name, null])),
    ...sent,
  };
}

/** Bulk updates and most entity updates: members that are null are left out. */
export function withoutNulls(sent: Members): Members {
  return Object.fromEntries(Object.entries(sent).filter(([, value]) => value != null));
}

/** What hooks are told of a scene that is gone. */
export interface SceneTraces {
  /** "" when Stash computes no MD5. */
  checksum: string;
  /** Of the primary file; "" without one. */
  oshash: string;
  path: string;
}

/** To be taken before the scene is destroyed. */
export function tracesOf(world: World, sceneId: number): SceneTraces {
  const file = world.scene(sceneId)?.files()[0];
  const oshash = file?.fingerprint({ type: "oshash" }) ?? "";
  return { checksum: "", oshash, path: file?.path ?? "" };
}

export interface DestroyFlags {
  delete_file?: boolean | null;
  delete_generated?: boolean | null;
}

/**
 * `sceneDestroy`, `scenesDestroy` and Clean.
 * @param which `{id}` or `{ids}`; Clean names no scene: `{id: ""}`
 */
export function sceneDestroyInput(
  which: { id: string } | { ids: string[] },
  { delete_file, delete_generated }: DestroyFlags,
  traces: SceneTraces | undefined,
): Members {
  return {
    ...which,
    delete_file: delete_file ?? null,
    delete_generated: delete_generated ?? null,
    ...traces,
  };
}
