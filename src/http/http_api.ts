import type { Config } from "../config/config.ts";
import { secretsOf } from "../config/secrets.ts";
import { PlexsyncError, UserError } from "../core/errors.ts";
import { actionOf } from "../core/hook.ts";
import { metricsOf } from "../core/metrics.ts";
import { exposition } from "../core/prometheus.ts";
import { createRedactor } from "../core/redact.ts";
import { redactDeep } from "../core/redact_deep.ts";
import type { Runtime } from "../core/runtime.ts";
import { hookOutput, takeHook } from "../intake/hook.ts";
import type { Log } from "../log/logger.ts";
import { parsePluginInput, type PluginInput } from "../stash/plugin_protocol.ts";
import { readFigures } from "../store/read_figures.ts";
import type { Store } from "../store/store.ts";
import type { Files } from "../app/data_files.ts";
import type { DaemonTasks } from "../daemon/plugin_tasks.ts";
import { NOT_ASKED } from "../app/server_check.ts";
import { statsReport } from "../app/stats_report.ts";
import { statusReport } from "../app/status_report.ts";
import { jsonAnswer, metricsAnswer } from "./answer.ts";
import { HOOK_BODY, readBody, SYNC_BODY } from "./body.ts";
import { HealthCheck } from "../app/daemon_health.ts";
import { Refusal } from "./refusal.ts";
import type { Route } from "./router.ts";
import { readSyncRequest } from "./sync_request.ts";

export interface HttpApiParts {
  config: Config;
  files: Files;
  store: Store;
  log: Log;
  runtime: Runtime;
  /** Runs tasks of Stash; without it only hooks are taken. */
  tasks?: DaemonTasks;
  worker: {
    /** When its loop took its last step, epoch ms. */
    readonly turnedAt: number;
    /** There are new jobs. */
    wake(): void;
  };
}

/** What each endpoint does, once a request was found to be in order. */
export class HttpApi {
  readonly #health: HealthCheck;
  readonly #redact: <T>(value: T) => T;

  constructor(private readonly parts: HttpApiParts) {
    const { config, worker, store, runtime } = parts;
    this.#health = new HealthCheck(() => worker.turnedAt, store.meta, runtime);
    const redact = createRedactor(secretsOf(config));
    this.#redact = (value) => redactDeep(value, redact);
  }

  /**
   * @param closing Aborted when the server closes
   * @throws {Refusal} it cannot be carried out as it was sent
   */
  async answer(route: Route, request: Request, closing: AbortSignal): Promise<Response> {
    switch (route) {
      case "hook":
        return await this.#hook(request, closing);
      case "sync":
        return await this.#sync(request, closing);
      case "live":
        return this.#healthAnswer("live");
      case "ready":
        return this.#healthAnswer("ready");
      case "status":
        return jsonAnswer(200, this.#redact(this.#status()));
      case "stats":
        return jsonAnswer(200, this.#redact(this.#stats()));
      case "metrics":
        return metricsAnswer(this.#metrics());
    }
  }

  /** On the answer the change outlives a power cut. */
  async #hook(request: Request, closing: AbortSignal): Promise<Response> {
    const { store, runtime, worker, log } = this.parts;
    const body = await readBody(request, HOOK_BODY, runtime, closing);
    const input = readHook(body);
    const { hook } = input;
    if (hook === null) {
      if (input.args.mode !== undefined && this.parts.tasks !== undefined) {
        return await this.#task(input, this.parts.tasks);
      }
      throw new Refusal(
        400,
        "The document is of no hook: args.hookContext is missing",
        "POST /api/sync queues scenes by their ids",
      );
    }
    const action = actionOf(hook);
    takeHook(action, store, runtime.now());
    const output = hookOutput(action);
    if (action.kind !== "nothing") worker.wake();
    log.debug(`Hook: ${output}`, {
      event: "hook",
      scene_id: action.kind === "scenes" ? action.ids.join() : undefined,
    });
    return jsonAnswer(200, { output });
  }

  /** Always 200: of any other answer busybox's wget shows Stash nothing but the number. */
  async #task(input: PluginInput, tasks: DaemonTasks): Promise<Response> {
    try {
      return jsonAnswer(200, { output: this.#redact(await tasks.run(input)) });
    } catch (thrown) {
      if (!(thrown instanceof UserError || thrown instanceof PlexsyncError)) throw thrown;
      const { message, hint } = thrown;
      const error = hint === undefined ? message : `${message} (${hint})`;
      return jsonAnswer(200, { error: this.#redact(error) });
    }
  }

  async #sync(request: Request, closing: AbortSignal): Promise<Response> {
    const { store, runtime, worker, log } = this.parts;
    const ids = readSyncRequest(await readBody(request, SYNC_BODY, runtime, closing));
    const { added, merged } = store.jobs.enqueue(ids, "poke", runtime.now());
    if (ids.length > 0) worker.wake();
    log.debug(`Poke: ${ids.length} scenes queued`, { event: "poke", count: ids.length });
    return jsonAnswer(200, { queued: ids.length, added, merged });
  }

  #healthAnswer(question: "live" | "ready"): Response {
    const { ok, problem } = this.#health[question]();
    return jsonAnswer(ok ? 200 : 503, this.#redact({ [question]: ok, problem }));
  }

  #status() {
    const { store, runtime } = this.parts;
    const servers = { plex: NOT_ASKED, stash: NOT_ASKED };
    return statusReport({ ...this.parts, servers, driver: store.driver, now: runtime.now() });
  }

  #stats() {
    const { store, files, runtime } = this.parts;
    const now = runtime.now();
    const figures = readFigures(store, null, now);
    return statsReport({ figures, store, files, sinceAt: null, now });
  }

  #metrics(): string {
    const { store, runtime } = this.parts;
    const now = runtime.now();
    return exposition(metricsOf(readFigures(store, null, now), true, now));
  }
}

function readHook(body: Uint8Array): PluginInput {
  try {
    return parsePluginInput(body);
  } catch (error) {
    throw new Refusal(
      400,
      (error as Error).message,
      "Send the document as Stash hands it to the plugin",
    );
  }
}
