/** The parts of one simulated Stash, wired together. */
import { dirname } from "node:path";
import { FaultRules } from "../faults.ts";
import { RequestLog } from "../request_log.ts";
import { Auth } from "./auth.ts";
import { Changes } from "./changes.ts";
import { entityMutations } from "./entity_mutations.ts";
import type { GraphqlHost } from "./graphql_http.ts";
import { Hooks } from "./hooks.ts";
import { Jobs } from "./jobs.ts";
import { sceneMutations } from "./mutations.ts";
import type { SimStashOptions } from "./options.ts";
import { pluginMutations } from "./plugin_mutations.ts";
import { pluginQueries } from "./plugin_queries.ts";
import { PluginRunner } from "./plugin_runner.ts";
import { PluginTasks } from "./plugin_tasks.ts";
import { Plugins } from "./plugins.ts";
import { queries } from "./queries.ts";
import { Scanner } from "./scanner.ts";
import { buildStashSchema } from "./schema.ts";
import { ServerLog } from "./server_log.ts";
import { World } from "./world.ts";

const DEFAULT_KEY = "sim-stash-key";
const CONFIG_DIR = "/root/.stash";

/** The server's own clock, which may jump. */
class Clock {
  #jumpedMs = 0;

  constructor(private readonly base: () => number) {}

  now(): number {
    return this.base() + this.#jumpedMs;
  }

  jump(ms: number): void {
    this.#jumpedMs += ms;
  }
}

// deno-lint-ignore no-explicit-any -- whatever the resolvers take is passed on
type Resolver = (...args: any[]) => unknown;

/** The same resolvers, which refuse while the database cannot be used. */
function whileReady(world: World, resolvers: Record<string, Resolver>): Record<string, Resolver> {
  return Object.fromEntries(
    Object.entries(resolvers).map(([name, resolve]) => [name, (...args: unknown[]) => {
      world.mustBeReady();
      return resolve(...args);
    }]),
  );
}

export type Parts = ReturnType<typeof buildParts>;

/**
 * @param port Tells the port once it is known
 * @throws {RangeError} bad zone
 */
export function buildParts(options: SimStashOptions, port: () => number) {
  const clock = new Clock(options.now ?? Date.now);
  const now = () => clock.now();
  const password = options.password ?? true;
  const apiKey = options.apiKey ?? (password ? DEFAULT_KEY : "");
  const version = options.version ?? "0.30";
  const level = options.logLevel ?? "info";
  const host = options.pluginHost ?? {};
  const parallelTasks = options.parallelTasks ?? 0;

  const world = new World({ version, zone: options.zone ?? "Z", now, apiKey });
  const stamp = () => world.stamp();
  const changes = new Changes();
  const onChange = () => changes.notify();
  const auth = new Auth({ apiKey, password, now });
  const log = new ServerLog({ level, stamp, onLine: onChange });
  const plugins = new Plugins(log, options.plugins ?? {});
  const runner = new PluginRunner({
    log,
    // Looked at only when a plugin runs: without one the server needs no right to its environment.
    surroundings: () => ({ env: host.env ?? Deno.env.toObject(), cwd: host.cwd ?? "/" }),
    longLines: host.longLines ?? "close",
    lostTailMs: host.lostTailMs ?? 0,
    connection: () => ({
      version,
      host: host.host ?? "0.0.0.0",
      port: port(),
      dir: plugins.folder === undefined ? CONFIG_DIR : dirname(plugins.folder),
    }),
    cookie: (visits) => host.sessionCookie === false ? null : auth.issueCookie(visits),
  });
  const hooks = new Hooks(plugins, runner, log, onChange);
  const jobs = new Jobs(stamp, onChange);
  const tasks = new PluginTasks(plugins, runner, jobs, log);
  const workers = parallelTasks || Math.floor(navigator.hardwareConcurrency / 4) + 1;
  const scanner = new Scanner(world, hooks, jobs, workers);
  const graphql: GraphqlHost = {
    schema: buildStashSchema(version),
    version,
    root: {
      ...queries(world, { plugins, parallelTasks, logLevel: level }),
      ...pluginQueries({ plugins, jobs, log }),
      ...whileReady(world, sceneMutations(world, hooks)),
      ...whileReady(world, entityMutations(world, hooks)),
      ...pluginMutations({ plugins, tasks, jobs, scanner }),
      jobsSubscribe: () => jobs.feed.listen(),
      loggingSubscribe: () => log.feed.listen(),
      scanCompleteSubscribe: () => scanner.completed.listen(),
    },
  };
  const faults = new FaultRules();
  const requests = new RequestLog();
  return {
    world,
    clock,
    changes,
    auth,
    log,
    plugins,
    runner,
    hooks,
    jobs,
    tasks,
    scanner,
    graphql,
    faults,
    requests,
    /** Ends jobs, processes and subscriptions; the data stays readable. */
    close: async () => {
      await Promise.all([jobs.close(), runner.close()]);
      log.feed.close();
      scanner.completed.close();
      changes.close();
    },
  };
}
