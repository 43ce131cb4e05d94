import type { Config } from "../../config/config.ts";
import type { Fetch } from "../../core/http/bounded_fetch.ts";
import type { PlexsyncError } from "../../core/failures/errors.ts";
import { CLIENT_IDENTIFIER } from "../../core/meta_keys.ts";
import { VERSION } from "../../core/version.ts";
import type { Log } from "../../log/logger.ts";
import { createStashClient, type StashClient } from "../../stash/client.ts";
import type { Store } from "../../store/store.ts";
import { areFilesKnown, learnSceneFiles } from "../../intake/scene_files.ts";
import type { Others, WorkContext } from "../../worker/context.ts";
import { ImageRest } from "../../worker/images/image_rest.ts";
import { IndexKeeper } from "../../worker/index/index_keeper.ts";
import { Unpaid } from "../../worker/doubts/unpaid.ts";
import { PathLearning } from "../../worker/match/path_rules.ts";
import { FieldRest } from "../../worker/doubts/field_rest.ts";
import { createPlexTarget } from "../../target/plex/plex_target.ts";
import type { Target } from "../../target/target.ts";
import type { Installation } from "../installation.ts";
import { stashOptions } from "../settings/stash_options.ts";
import { transportTo } from "./transport.ts";
import type { TargetSettings } from "../targets.ts";

const LIST_HINT =
  "All else that it lists is used; look into Stash's log, and at what stands before Stash";

/** Looks at requests as they pass. */
export type Watched = (fetch: Fetch) => Fetch;

/** A configured Plex as a target. */
export function plexOf(
  { key: id, title, url, token }: TargetSettings,
  { config, store, runtime, stop, log }:
    & Pick<Installation, "config" | "store" | "runtime" | "stop">
    & Partial<Pick<Installation, "log">>,
  signal = stop,
  watched: Watched = (fetch) => fetch,
): Target {
  const transport = transportTo(url, config, signal);
  return createPlexTarget({
    id,
    title,
    url,
    token,
    ...transport,
    fetch: watched(transport.fetch),
    runtime,
    connectTimeoutMs: config.connectTimeoutMs,
    readTimeoutMs: config.readTimeoutMs,
    manners: {
      polite: config.polite,
      writeFloorMs: config.writeFloorMs,
      onUnknown: (error) => sayUnknown(title, error, log),
    },
    clientIdentifier: clientIdentifier(store),
    version: VERSION,
    signal,
  });
}

/** Whoever set `polite` is to know that it is of no effect. */
function sayUnknown(title: string, { message, hint }: PlexsyncError, log: Log | undefined): void {
  log?.child(title).warning(
    `polite: ${title} does not tell whether somebody watches, it is written to at full speed: ` +
      message,
    { event: "audience_unknown", hint },
  );
}

/**
 * A client of the configured Stash.
 * @param log Told of what its lists have that nobody can go by
 */
export function stashOf(
  config: Config,
  signal?: AbortSignal,
  { watched = (fetch) => fetch, log }: { watched?: Watched; log?: Log } = {},
): StashClient {
  const options = stashOptions(config, signal);
  const told = log?.child("Watcher");
  return createStashClient({
    ...options,
    fetch: watched(options.fetch),
    odd: (line) => told?.warning(line, { event: "stash_list", hint: LIST_HINT }),
  });
}

/**
 * The last stage of an opened installation: its servers, and what the worker works with, for each target.
 * @param stop Ends what is under way
 */
export function connect(
  installation: Pick<Installation, "config" | "store" | "log" | "runtime" | "targets" | "stop">,
  stop = installation.stop,
): { stash: StashClient; contexts: WorkContext[] } {
  const { config, log } = installation;
  const stash = stashOf(config, stop, { log });
  const contexts = installation.targets.map((settings) =>
    workContext(installation, settings, plexOf(settings, installation, stop), stash)
  );
  return { stash, contexts };
}

/**
 * What the worker works with, also for those who plan without writing.
 * @param sweeps Something else sweeps over all scenes, so that nobody else has to
 */
export function workContext(
  { config, store, log, runtime }: Pick<Installation, "config" | "store" | "log" | "runtime">,
  { libraries }: Pick<TargetSettings, "libraries">,
  target: Target,
  stash: StashClient,
  sweeps = false,
): WorkContext {
  const learning = pathLearning({ config, store, log, runtime }, target);
  const others: Others = {
    areKnown: () => areFilesKnown(store),
    async learn() {
      if (sweeps) return false;
      log.info("Reading the files of all scenes in Stash, once", { event: "scene_files" });
      await learnSceneFiles({ stash, store, runtime });
      return true;
    },
    async learnRules() {
      if (!sweeps && learning.isDue()) await learning.learn(() => Promise.resolve());
    },
  };
  const keeper = new IndexKeeper(target, store, runtime, log.child("Index"), libraries);
  const workerLog = log.child("Worker");
  return {
    store,
    target,
    stash,
    keeper,
    others,
    unpaid: new Unpaid(new FieldRest(store.meta, target.id)),
    fitting: { scenes: { most: Infinity }, items: { most: Infinity } },
    imageRest: new ImageRest(runtime, workerLog),
    log: workerLog,
    runtime,
    settings: config,
    once: new Set(),
  };
}

/** What learns the rules for paths where none are given. */
export function pathLearning(
  { config, store, log, runtime }: Pick<Installation, "config" | "store" | "log" | "runtime">,
  target: Target,
): PathLearning {
  const given = config.pathMap;
  return new PathLearning({ store, target, given, log: log.child("Paths"), now: runtime.now });
}

/** One id for the life of the data directory: a new one each time fills Plex's device list. */
export function clientIdentifier(store: Pick<Store, "meta">): string {
  const known = store.meta.get(CLIENT_IDENTIFIER);
  if (known !== undefined) return known;
  const fresh = crypto.randomUUID();
  store.meta.set(CLIENT_IDENTIFIER, fresh);
  return fresh;
}
