import type { EntityRef, Scene } from "../core/sync/scene.ts";
import { type Capabilities, readCapabilities } from "./capabilities.ts";
import { type ChangeAsk, type Changes, walkChanges } from "./changes.ts";
import { contentError, graphqlError } from "./classify.ts";
import { createStashHttp, type StashHttp, type StashHttpOptions } from "./http.ts";
import { isId } from "./id_walk.ts";
import { PassedScenes } from "./passed_scenes.ts";
import { OddRows } from "./odd_rows.ts";
import { assertReady } from "./ready.ts";
import { runningScan } from "./scan.ts";
import { text } from "../core/text/json.ts";
import { type Fields, fields, readScene, SCENE_FIELDS } from "./read_scene.ts";
import { readScreenshot, type Screenshot } from "./screenshot.ts";
import type { ListSource } from "./spared_page.ts";
import {
  newestUpdatedAt,
  sceneCount,
  type ScenePage,
  scenesAfter,
  scenesOf,
  type SceneStamp,
  walkScenes,
  type WholePage,
} from "./walk.ts";

export interface StashVersion {
  /** Such as `v0.30.1`; "" when the build does not say. */
  version: string;
  hash: string;
  buildTime: string;
  /** Stash's own clock, epoch ms; null where it does not tell. */
  now: number | null;
}

export interface StashStatus {
  /** `OK`, `SETUP` or `NEEDS_MIGRATION`; data means nothing unless it is `OK`. */
  status: string;
  /** null before set-up. */
  databaseSchema: number | null;
  appSchema: number;
}

/**
 * One Stash. Every method rejects with a `PlexsyncError`: `StashUnavailable` for all
 * that may pass, `PermanentError` when Stash does not know a field that is asked for.
 */
export interface StashClient {
  /**
   * Scenes by id, in one request; scenes that do not exist are not in the map. An error
   * for any of them rejects the whole: only a plain null proves that a scene is gone.
   */
  scenes(ids: readonly string[]): Promise<Map<string, Scene>>;
  /**
   * Scenes whose `updated_at` is greater than a `watermark`, in the order of their ids.
   * @param value null for all scenes
   */
  scenesUpdatedAfter(
    value: string | null,
    pageSize: number,
    signal?: AbortSignal,
  ): AsyncGenerator<SceneStamp[]>;
  /**
   * What changed, several kinds in one request; further requests only for full pages.
   * @throws {PlexsyncError} also when Stash does not know a kind: ask `capabilities` first
   */
  changes(
    asks: readonly ChangeAsk[],
    pageSize: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Changes>;
  capabilities(): Promise<Capabilities>;
  /** Names the scan of the library that runs just now; null without one. */
  runningScan(): Promise<string | null>;
  /** Whole scenes in the order of their ids, after the scene `after`; one page. */
  scenesAfter(after: number, pageSize: number, signal?: AbortSignal): Promise<WholePage>;
  /**
   * All scenes in the order of their ids, but for some that Stash lists out of it; when it ends
   * without error it gave all that Stash lists.
   */
  allSceneIds(pageSize: number, signal?: AbortSignal): AsyncGenerator<ScenePage>;
  /** Scenes that name an entity, in the order of their ids, after the scene `after`; one page. */
  scenesOf(entity: EntityRef, after: number, pageSize: number): Promise<string[]>;
  /** The greatest stamp of all scenes, by its text; null without scenes. It may be no time. */
  newestUpdatedAt(): Promise<string | null>;
  sceneCount(): Promise<number>;
  version(): Promise<StashVersion>;
  systemStatus(): Promise<StashStatus>;
  /**
   * A scene's cover.
   * @param etag Of the cover known so far: the answer is then `same` if it still stands
   * @throws {PlexsyncError} also PermanentError for a cover above the size limit
   */
  screenshot(sceneId: string, etag?: string): Promise<Screenshot>;
}

export interface StashClientOptions extends StashHttpOptions {
  /** Told, one line at a time and each once, of what lists of Stash have that nobody can go by. */
  odd?: ((line: string) => void) | undefined;
}

export function createStashClient(options: StashClientOptions): StashClient {
  const http = createStashHttp(options);
  const source: ListSource = {
    http,
    odd: new OddRows(options.odd ?? (() => {})),
    ready: () => assertReady(client),
    fitting: new Map(),
    passed: new PassedScenes(),
  };
  const client: StashClient = {
    scenes: (ids) => readScenes(http, ids),

    async *scenesUpdatedAfter(value, pageSize, signal) {
      const request = { action: "list the changed scenes", signal };
      for await (const { scenes } of walkScenes(source, value, pageSize, request)) {
        yield scenes;
      }
    },

    changes: (asks, pageSize, signal) =>
      walkChanges(source, asks, pageSize, { action: "list what changed", signal }),

    capabilities: () => readCapabilities(http),

    runningScan: () => runningScan(http),

    scenesAfter: (after, pageSize, signal) =>
      scenesAfter(source, after, pageSize, { action: "walk all scenes", signal }),

    allSceneIds: (pageSize, signal) =>
      walkScenes(source, null, pageSize, { action: "list all scenes", signal }),

    scenesOf: (entity, after, pageSize) => scenesOf(source, entity, after, pageSize),

    newestUpdatedAt: () => newestUpdatedAt(source),

    sceneCount: () => sceneCount(http),

    async version() {
      const wanted = "version hash build_time";
      const { found, serverNow } = await one(http, "read Stash's version", "version", wanted);
      return {
        now: serverNow,
        version: text(found.version),
        hash: text(found.hash),
        buildTime: text(found.build_time),
      };
    },

    async systemStatus() {
      const wanted = "status databaseSchema appSchema";
      const { found } = await one(http, "read Stash's status", "systemStatus", wanted);
      return {
        status: text(found.status),
        databaseSchema: typeof found.databaseSchema === "number" ? found.databaseSchema : null,
        appSchema: typeof found.appSchema === "number" ? found.appSchema : 0,
      };
    },

    screenshot: (sceneId, etag) => readScreenshot(http, sceneId, etag),
  };
  return client;
}

async function readScenes(http: StashHttp, ids: readonly string[]): Promise<Map<string, Scene>> {
  // Asking for any other form would fail the whole batch.
  const wanted = [...new Set(ids)].filter(isId);
  const found = new Map<string, Scene>();
  if (wanted.length === 0) return found;
  const action = wanted.length === 1 ? `read scene ${wanted[0]}` : `read ${wanted.length} scenes`;
  // `findScenes(ids:)` fails as a whole for one unknown id; aliases do not.
  const parameters = wanted.map((_, at) => `$i${at}: ID!`).join(", ");
  const aliases = wanted.map((_, at) => `s${at}: findScene(id: $i${at}) { ...Wanted }`).join("\n");
  const { data, errors } = await http.query(
    { action },
    `query (${parameters}) {\n${aliases}\n}\nfragment Wanted on Scene { ${SCENE_FIELDS} }`,
    Object.fromEntries(wanted.map((id, at) => [`i${at}`, id])),
  );
  if (errors.length > 0) throw graphqlError(action, errors);
  for (const [at, id] of wanted.entries()) {
    const value = data[`s${at}`];
    if (value === null) continue;
    const scene = readScene(value);
    if (scene?.id !== id) throw contentError(action, "scenes");
    found.set(id, scene);
  }
  return found;
}

/** A single object of the root query. */
async function one(
  http: StashHttp,
  action: string,
  name: string,
  wanted: string,
): Promise<{ found: Fields; serverNow: number | null }> {
  const { data, errors, serverNow } = await http.query(
    { action },
    `query { ${name} { ${wanted} } }`,
  );
  if (errors.length > 0) throw graphqlError(action, errors);
  const found = fields(data[name]);
  if (found === null) throw contentError(action);
  return { found, serverNow };
}
