import { areFilesKnown, learnSceneFiles } from "../../src/intake/scene_files.ts";
import { createStashClient, type StashClient } from "../../src/stash/client.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { WorkContext, WorkerSettings } from "../../src/worker/context.ts";
import type { LogPort } from "../../src/core/log_port.ts";
import { STASH } from "../../src/core/jobs/course.ts";
import { FULL_SYNC_AGREED_AT } from "../../src/core/meta_keys.ts";
import { createPlexTarget } from "../../src/target/plex/plex_target.ts";
import { Gate } from "../../src/worker/gates/gate.ts";
import { Gates } from "../../src/worker/gates/gates.ts";
import { ImageRest } from "../../src/worker/images/image_rest.ts";
import { IndexKeeper } from "../../src/worker/index/index_keeper.ts";
import { Unpaid } from "../../src/worker/doubts/unpaid.ts";
import { PathLearning } from "../../src/worker/match/path_rules.ts";
import { FieldRest } from "../../src/worker/doubts/field_rest.ts";
import { type LoopEnd, Worker } from "../../src/worker/worker.ts";
import { CommonEnd } from "../../src/daemon/common_end.ts";
import { rules } from "../core/samples.ts";
import { generateLibrary, type LibraryOptions } from "../sim/library.ts";
import { type LibraryDocument, type LoadedLibrary, readLibrary } from "../sim/library_document.ts";
import { type SimPlex, type SimPlexOptions, startSimPlex } from "../sim/plex/server.ts";
import { type SimStash, startSimStash } from "../sim/stash/server.ts";
import { FakeRuntime } from "./fake_runtime.ts";
import { TARGETS } from "../one_target.ts";

/** One line that was logged. */
export interface Line {
  level: "debug" | "info" | "warning" | "error";
  message: string;
  fields: Record<string, unknown>;
}

export interface RigOptions {
  library?: Partial<LibraryOptions>;
  /** Instead of a made-up one. */
  document?: LibraryDocument;
  plex?: SimPlexOptions;
  settings?: Partial<WorkerSettings>;
  libraries?: string[];
  /** Keys of further targets that the store knows. */
  more?: readonly string[];
  /** Nobody reads the files of all scenes for the worker: they come by `learnSceneFiles`. */
  isWalked?: boolean;
  /** Instead of the real one, for faults on the way. */
  fetch?: typeof fetch;
  /** In ms. */
  timeOuts?: { connectTimeoutMs: number; readTimeoutMs: number };
}

function loaded(
  { library, document }: RigOptions,
): Omit<LoadedLibrary, "sections"> & Partial<Pick<LoadedLibrary, "sections">> {
  if (document !== undefined) return readLibrary(document);
  const { plexItems, scenes } = generateLibrary({ scenes: 20, seed: 1, ...library });
  return { items: plexItems, scenes };
}

/** Nothing that a test waits for takes nearly so long. */
const PATIENCE_MS = 60_000;
/** So much longer it may take until a stop is heard. */
const GRACE_MS = 5_000;

/** The worker with a real database and real HTTP, between simulated servers, on a made-up clock. */
export class Rig implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly runtime = new FakeRuntime();
  gates!: Gates;
  worker!: Worker;
  context!: WorkContext & { stash: StashClient };

  private constructor(
    readonly plex: SimPlex,
    readonly stash: SimStash,
    readonly store: Store,
    private readonly folder: string,
    private readonly options: RigOptions,
  ) {
    this.start();
  }

  static async open(options: RigOptions = {}): Promise<Rig> {
    const { sections, items, scenes } = loaded(options);
    const plex = await startSimPlex({
      items,
      ...(sections === undefined ? {} : { sections }),
      ...options.plex,
      // On the made-up clock nothing takes time, on the simulated Plex an upload would.
      switches: { imageLagMs: 0, ...options.plex?.switches },
    });
    const stash = await startSimStash({ scenes });
    const folder = await Deno.makeTempDir();
    const store = await openStore(`${folder}/plexsync.db`, [...TARGETS, ...options.more ?? []], {
      driver: "builtin",
      sleep: () => Promise.resolve(),
    });
    store.meta.set(FULL_SYNC_AGREED_AT, 1);
    return new Rig(plex, stash, store, folder, options);
  }

  /** As `start`, with other settings. */
  restart(settings: Partial<WorkerSettings>): void {
    this.options.settings = { ...this.options.settings, ...settings };
    this.start();
  }

  /** As `start`, with other libraries to look in. */
  withLibraries(libraries: string[]): void {
    this.options.libraries = libraries;
    this.start();
  }

  /** A fresh process on the same data: nothing but the database is kept. */
  start(): void {
    const { store, runtime, plex, stash } = this;
    const send = this.options.fetch ?? fetch;
    const timeOuts = this.options.timeOuts ?? { connectTimeoutMs: 1_000, readTimeoutMs: 2_000 };
    const common = { fetch: send, ...timeOuts };
    const log = this.#log();
    const target = createPlexTarget({
      ...common,
      runtime,
      url: plex.url,
      token: "sim-plex-token",
      clientIdentifier: "rig",
      version: "0",
    });
    this.context = {
      store,
      target,
      stash: createStashClient({ ...common, url: stash.url, apiKey: stash.apiKey }),
      keeper: new IndexKeeper(target, store, runtime, log, this.options.libraries ?? []),
      others: {
        areKnown: () => areFilesKnown(store),
        learn: async () => {
          if (this.options.isWalked) return false;
          await learnSceneFiles({ stash: this.context.stash, store, runtime });
          return true;
        },
        learnRules: async () => {
          const given = this.context.settings.pathMap;
          const learning = new PathLearning({ store, target, given, log, now: runtime.now });
          if (learning.isDue()) await learning.learn(() => Promise.resolve());
        },
      },
      unpaid: new Unpaid(new FieldRest(store.meta, target.id)),
      fitting: { scenes: { most: Infinity }, items: { most: Infinity } },
      imageRest: new ImageRest(runtime, log),
      log,
      runtime,
      once: new Set(),
      settings: {
        ...rules(),
        syncMaster: true,
        onlyOrganized: false,
        ignoreTags: [],
        ignoreStudios: [],
        strictMatching: true,
        skipNotFound: false,
        pathMap: [],
        maxRetries: 5,
        batchSize: 50,
        maxParallelWrites: 4,
        quietHours: null,
        summaryInterval: 10,
        ...this.options.settings,
      },
    };
    const plexGate = new Gate(target.id, target.title, store, log);
    this.gates = new Gates(new Gate(STASH, "Stash", store, log), plexGate);
    const reporter = { settled: () => {}, idle: () => {} };
    this.worker = new Worker(this.context, this.gates, reporter, `rig-${runtime.now()}`);
  }

  /** A client of the same Stash that waits only a moment. */
  impatientStash(): ReturnType<typeof createStashClient> {
    const { url, apiKey } = this.stash;
    return createStashClient({ url, apiKey, fetch, connectTimeoutMs: 10, readTimeoutMs: 50 });
  }

  /** Puts scenes into the queue; all of Stash's by default. */
  enqueue(ids = this.stash.scenes().map((scene) => scene.id)): void {
    this.store.jobs.enqueue(ids, "bulk", this.runtime.now());
  }

  /** The item that has a scene's first file. */
  itemOf(sceneId: string): ReturnType<SimPlex["items"]>[number] {
    const { path } = this.stash.scenes().find(({ id }) => id === sceneId)!.files[0]!;
    return this.plex.items().find(({ files }) => files.includes(path))!;
  }

  /** Syncs all, and changes each scene in Stash afterwards. */
  async syncThenChange(change: (sceneId: string) => Record<string, unknown>): Promise<void> {
    this.enqueue();
    await this.once();
    this.stash.upsert(this.stash.scenes().map(({ id }) => ({ id, ...change(id) })));
  }

  /** Works until nothing is due. */
  once(): ReturnType<Worker["run"]> {
    return this.#bounded(this.worker.run(new AbortController().signal, loopEnd(true)), PATIENCE_MS);
  }

  /**
   * Works like a daemon until `done`, or for `maxMs` of the made-up clock.
   * @param patienceMs Of real time: what is never done shall not keep the other tests waiting
   * @throws {Error} It was not done by then; the message says what was left
   */
  async until(
    done: () => boolean,
    maxMs = 24 * 60 * 60_000,
    patienceMs = PATIENCE_MS,
  ): Promise<void> {
    const stop = new AbortController();
    const began = { at: this.runtime.now(), really: Date.now() };
    const isOver = () =>
      this.runtime.now() > began.at + maxMs || Date.now() > began.really + patienceMs;
    const sleep = this.runtime.sleep;
    this.context.runtime = {
      ...this.context.runtime,
      now: this.runtime.now,
      random: this.runtime.random,
      sleep: async (ms, signal) => {
        await sleep(ms, signal);
        if (done() || isOver()) stop.abort();
      },
    };
    await this.#bounded(this.worker.run(stop.signal, loopEnd(false)), patienceMs + GRACE_MS);
    if (done()) return;
    const minutes = Math.round((this.runtime.now() - began.at) / 60_000);
    const seconds = Math.round((Date.now() - began.really) / 1_000);
    throw new Error(
      `Not done after ${minutes} minutes of the made-up clock, ${seconds} s of real time; ` +
        `left: ${this.#left() || "no job"}`,
    );
  }

  /** A worker that asks and asks never comes to sleep, where it could be stopped. */
  async #bounded<T>(work: Promise<T>, patienceMs: number): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const giveUp = () => {
      const requests = this.plex.requests().length + this.stash.requests().length;
      const left = this.#left() || "no job";
      reject(new Error(`The worker does not come to rest: ${requests} requests; left: ${left}`));
    };
    const timer = setTimeout(giveUp, patienceMs);
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The first jobs in the queue, in words. */
  #left(): string {
    return this.store.queue.list(5).map(({ scene_id, state, retry_count, last_error_message }) =>
      `scene ${scene_id} ${state}, ${retry_count} paid, ${last_error_message ?? "no error"}`
    ).join("; ");
  }

  /** Requests to Plex that change something. */
  writes(): string[] {
    return this.plex.requests().filter(({ method }) => method !== "GET")
      .map(({ method, path }) => `${method} ${path}`);
  }

  errors(): string[] {
    return this.lines.filter(({ level }) => level === "error").map(({ message }) => message);
  }

  /** How many attempts ended each way. */
  outcomes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome } of this.store.outcomes.recent(100_000)) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  }

  async [Symbol.asyncDispose]() {
    this.store.close();
    await this.plex.close();
    await this.stash.close();
    await Deno.remove(this.folder, { recursive: true });
  }

  #log(): LogPort {
    const at = (level: Line["level"]) => (message: string, fields = {}) => {
      this.lines.push({ level, message, fields });
    };
    return { debug: at("debug"), info: at("info"), warning: at("warning"), error: at("error") };
  }
}

/** The end of a loop that works alone, in a single pass or not. */
export function loopEnd(once: boolean): LoopEnd {
  return new CommonEnd({ once, idleExitMs: null }).join();
}
