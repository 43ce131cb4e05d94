/** The query half of the root object. */
import { EVERYTHING, parseId } from "./criteria.ts";
import type { Row } from "./database.ts";
import type { EntityKind } from "./entities.ts";
import { entityClause, type EntityFilter } from "./entity_filter.ts";
import {
  find,
  type Findable,
  findByIds,
  type FindFilter,
  type Found,
  PERFORMERS,
  SCENES,
  STUDIOS,
  TAGS,
} from "./find.ts";
import { EntityNode, PerformerNode, SceneNode, StudioNode, TagNode } from "./nodes.ts";
import type { Plugins } from "./plugins.ts";
import { sceneClause, type SceneFilter } from "./scene_filter.ts";
import { atLeast, type StashVersion } from "./schema.ts";
import type { LogLevel } from "./server_log.ts";
import type { World } from "./world.ts";

interface FindArgs {
  filter?: FindFilter | null;
  ids?: string[] | null;
}
interface FindScenesArgs extends FindArgs {
  scene_filter?: SceneFilter | null;
  scene_ids?: number[] | null;
}

/** Of these, only schema 75 is a known number; clients may compare, not know them. */
const RELEASES: Record<StashVersion, { version: string; schema: number }> = {
  "0.27": { version: "v0.27.2", schema: 67 },
  "0.30": { version: "v0.30.1", schema: 75 },
  "0.31": { version: "v0.31.1", schema: 80 },
};
const MAX_SESSION_AGE_S = 3600;

export function queries(world: World, settings: Settings) {
  const ready = () => world.mustBeReady();
  const refuseTwice = atLeast(world.version, "0.30");
  const entitiesOf = <T>(
    what: Findable,
    args: FindArgs & { old?: number[] | null | undefined },
    filter: EntityFilter | null | undefined,
    plural: string,
    node: (row: Row) => T,
  ) => {
    ready();
    const ids = args.ids ?? args.old;
    const found = ids != null && ids.length > 0
      ? findByIds(world.db, what, ids, refuseTwice)
      : find(
        world.db,
        what,
        filter == null ? EVERYTHING : entityClause(what.table, filter, world.tomorrow()),
        args.filter ?? {},
      );
    return { count: () => found.count(), [plural]: () => found.rows.map(node) };
  };
  const one = <T>(kind: EntityKind, id: string, node: (row: Row) => T): T | null => {
    ready();
    const row = world.entities.get(kind, parseId(id));
    return row === undefined ? null : node(row);
  };
  const performer = (row: Row) => new PerformerNode(world, row);
  const studio = (row: Row) => new StudioNode(world, row);
  const tag = (row: Row) => new TagNode(world, row);

  return {
    findScene: ({ id }: { id?: string | null }) => {
      ready();
      return id == null ? null : world.scene(parseId(id));
    },
    findScenes: (args: FindScenesArgs) => {
      ready();
      return scenesFound(world, args, refuseTwice);
    },
    findPerformer: ({ id }: { id: string }) => one("performer", id, performer),
    findPerformers: (
      args: FindArgs & { performer_filter?: EntityFilter; performer_ids?: number[] },
    ) =>
      entitiesOf(
        PERFORMERS,
        { ...args, old: args.performer_ids },
        args.performer_filter,
        "performers",
        performer,
      ),
    findGroup: ({ id }: { id: string }) =>
      one("group", id, (row: Row) => new EntityNode(world, row)),
    findStudio: ({ id }: { id: string }) => one("studio", id, studio),
    findStudios: (args: FindArgs & { studio_filter?: EntityFilter }) =>
      entitiesOf(STUDIOS, args, args.studio_filter, "studios", studio),
    findTag: ({ id }: { id: string }) => one("tag", id, tag),
    findTags: (args: FindArgs & { tag_filter?: EntityFilter }) =>
      entitiesOf(TAGS, args, args.tag_filter, "tags", tag),
    version: () => ({
      version: RELEASES[world.version].version,
      hash: "0a1b2c3d",
      build_time: "2026-01-11 09:00:00",
    }),
    systemStatus: () => systemStatus(world),
    configuration: () => configuration(world, settings),
  };
}

function scenesFound(world: World, args: FindScenesArgs, refuseTwice: boolean) {
  const ids = args.ids ?? args.scene_ids;
  const found: Found = ids != null && ids.length > 0
    ? findByIds(world.db, SCENES, ids, refuseTwice)
    : find(
      world.db,
      SCENES,
      args.scene_filter == null
        ? EVERYTHING
        : sceneClause(world.db, args.scene_filter, world.tomorrow()),
      args.filter ?? {},
    );
  return {
    count: () => found.count(),
    duration: () => found.sum("duration"),
    filesize: () => found.sum("size"),
    scenes: () => found.rows.map((row) => new SceneNode(world, row)),
  };
}

function systemStatus(world: World) {
  const { schema } = RELEASES[world.version];
  return {
    databaseSchema: world.systemState === "NEEDS_MIGRATION" ? schema - 1 : schema,
    databasePath: "/root/.stash/stash-go.sqlite",
    configPath: "/root/.stash/config.yml",
    appSchema: schema,
    status: world.systemState,
    os: "linux",
    workingDir: "/",
    homeDir: "/root",
    ffmpegPath: "/usr/bin/ffmpeg",
    ffprobePath: "/usr/bin/ffprobe",
  };
}

/** What `configuration` shows beside what the world knows. */
export interface Settings {
  plugins: Plugins;
  parallelTasks: number;
  logLevel: LogLevel;
}

function configuration(world: World, { plugins, parallelTasks, logLevel }: Settings) {
  return {
    general: {
      databasePath: "/root/.stash/stash-go.sqlite",
      configFilePath: "/root/.stash/config.yml",
      pluginsPath: plugins.folder ?? "/root/.stash/plugins",
      parallelTasks,
      apiKey: world.apiKey,
      username: "",
      password: "",
      maxSessionAge: MAX_SESSION_AGE_S,
      logLevel: logLevel.slice(0, 1).toUpperCase() + logLevel.slice(1),
    },
    ui: {},
    plugins: ({ include }: { include?: string[] | null }) => plugins.settings(include),
  };
}
