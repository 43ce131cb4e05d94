import { HealthCheck } from "../app/checks/daemon_health.ts";
import { enqueueHook, enqueuePoke } from "../app/queue/enqueue.ts";
import type { Installation } from "../app/installation.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { PluginDocument, PluginDocuments } from "../app/queue/plugin_documents.ts";
import { redactorOf } from "../app/redactor.ts";
import { metricsText, statsReport } from "../app/reports/stats_report.ts";
import type { RecentLines } from "../log/recent_lines.ts";
import { statusReport } from "../app/reports/status_report.ts";
import { jsonAnswer, metricsAnswer, textAnswer } from "./answer.ts";
import { COMMAND_BODY, HOOK_BODY, readBody, SYNC_BODY } from "./body.ts";
import { type Commands, readCommandCall } from "./command_request.ts";
import type { Asked } from "./listener.ts";
import { Refusal } from "./refusal.ts";
import type { Route } from "./router.ts";
import { readSyncRequest } from "./sync_request.ts";

/** An installation, with where its settings come from. */
export interface ListenerInstallation extends Installation {
  loaded: LoadedConfig;
  /** Has the settings read again; unset where nobody can. */
  settingsWatch?: { ask(): void } | undefined;
  /** What the log said last. */
  recent: RecentLines;
}

export interface HttpApiParts extends ListenerInstallation {
  /** What takes the documents of Stash's plugin. */
  documents: PluginDocuments;
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

  /** @param commands What carries commands out; only on the service's own socket */
  constructor(private readonly parts: HttpApiParts, private readonly commands: Commands | null) {
    const { config, worker, store, runtime } = parts;
    this.#health = new HealthCheck(() => worker.turnedAt, store.meta, runtime);
    this.#redact = redactorOf({ config });
  }

  /**
   * @param closing Aborted when the server closes
   * @throws {Refusal} it cannot be carried out as it was sent
   */
  async answer(route: Route, request: Asked, closing: AbortSignal): Promise<Response> {
    switch (route) {
      case "hook":
        return await this.#hook(request, closing);
      case "sync":
        return await this.#sync(request, closing);
      case "command":
        return await this.#command(request, closing);
      case "live":
        return this.#healthAnswer("live");
      case "ready":
        return this.#healthAnswer("ready");
      case "status":
        return jsonAnswer(200, this.#redact(statusReport(this.parts).report));
      case "stats":
        return jsonAnswer(200, this.#redact(statsReport(this.parts)));
      case "metrics":
        return metricsAnswer(this.#metrics());
    }
  }

  /** On the answer the change outlives a power cut. */
  async #hook(request: Asked, closing: AbortSignal): Promise<Response> {
    const { runtime, worker, log } = this.parts;
    const document = this.#read(await readBody(request, HOOK_BODY, runtime, closing));
    if (document.kind === "task") return await this.#task(document, wantsLog(request));
    if (document.kind === "neither") {
      throw new Refusal(
        400,
        "The document is of no hook: args.hookContext is missing",
        "POST /api/sync queues scenes by their ids",
      );
    }
    const { action, output } = document;
    enqueueHook(action, this.parts);
    if (action.kind !== "nothing") worker.wake();
    log.debug(`Hook: ${output}`, {
      event: "hook",
      scene_id: action.kind === "scenes" ? action.ids.join() : undefined,
    });
    return jsonAnswer(200, { output });
  }

  /** @throws {Refusal} it is no document of Stash */
  #read(body: Uint8Array): PluginDocument {
    try {
      return this.parts.documents.read(body);
    } catch (error) {
      throw new Refusal(
        400,
        (error as Error).message,
        "Send the document as Stash hands it to the plugin",
      );
    }
  }

  /** Always 200: of any other answer busybox's wget shows Stash nothing but the number. */
  async #task(task: PluginDocument & { kind: "task" }, asLog: boolean): Promise<Response> {
    const { result, log } = await task.run();
    return asLog ? textAnswer(log) : jsonAnswer(200, result);
  }

  async #sync(request: Asked, closing: AbortSignal): Promise<Response> {
    const { runtime, worker, log } = this.parts;
    const ids = readSyncRequest(await readBody(request, SYNC_BODY, runtime, closing));
    const { added, merged } = enqueuePoke(ids, this.parts);
    if (ids.length > 0) worker.wake();
    log.debug(`Poke: ${ids.length} scenes queued`, { event: "poke", count: ids.length });
    return jsonAnswer(200, { queued: ids.length, added, merged });
  }

  async #command(request: Asked, closing: AbortSignal): Promise<Response> {
    const { runtime, log } = this.parts;
    const call = readCommandCall(await readBody(request, COMMAND_BODY, runtime, closing));
    log.debug(`Command: ${call.args.join(" ")}`, { event: "command" });
    return this.commands!.answer(call);
  }

  #healthAnswer(question: "live" | "ready"): Response {
    const { ok, problem } = this.#health[question]();
    return jsonAnswer(ok ? 200 : 503, this.#redact({ [question]: ok, problem }));
  }

  #metrics(): string {
    const report = statsReport(this.parts);
    return metricsText(report, true, report.now_at);
  }
}

/** What Stash is to take from stderr: only there it knows levels, and shows lines at all. */
function wantsLog({ query }: Asked): boolean {
  return query.get("answer") === "log";
}
