import { filesOf } from "../../src/app/data/data_files.ts";
import type { Installation } from "../../src/app/installation.ts";
import { listJobs } from "../../src/app/queue/queued_jobs.ts";
import { reconcile } from "../../src/app/reconcile/reconciliation.ts";
import { workContext } from "../../src/app/connections/servers.ts";
import { type Targets, targetsOf } from "../../src/app/targets.ts";
import { STASH } from "../../src/core/jobs/course.ts";
import { Work } from "../../src/daemon/work.ts";
import { createStashClient, type StashClient } from "../../src/stash/client.ts";
import { FULL_SYNC_AGREED_AT } from "../../src/core/meta_keys.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { Gate } from "../../src/worker/gates/gate.ts";
import { Gates } from "../../src/worker/gates/gates.ts";
import { type RunOptions, Worker } from "../../src/worker/worker.ts";
import { load } from "../config/harness.ts";
import { collect } from "../log/harness.ts";
import { type SimStash, startSimStash } from "../sim/stash/server.ts";
import { assertInvariants } from "../store/invariants.ts";
import { TempFolder } from "../store/temp_store.ts";
import { MemoryTarget } from "../target/memory_target.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";

const KEYS = ["left", "right"];
const SCENES = ["1", "2", "3"];

/** An installation with two targets in memory, and a worker for each. */
export class TwoTargets implements AsyncDisposable {
  readonly works: { context: ReturnType<typeof workContext>; gates: Gates; worker: Worker }[];
  readonly stash: StashClient;

  private constructor(
    readonly server: SimStash,
    readonly left: MemoryTarget,
    readonly right: MemoryTarget,
    readonly installation: Installation,
    readonly runtime: FakeRuntime,
    private readonly folder: TempFolder,
  ) {
    const { store, log } = installation;
    const limits = { connectTimeoutMs: 1_000, readTimeoutMs: 2_000 };
    this.stash = createStashClient({ url: server.url, apiKey: server.apiKey, fetch, ...limits });
    const gate = new Gate(STASH, "Stash", store, log);
    this.works = [left, right].map((target) => {
      const context = workContext(installation, { libraries: [] }, target, this.stash);
      const gates = new Gates(gate, new Gate(target.id, target.title, store, log));
      const reporter = { settled: () => {}, idle: () => {} };
      return { context, gates, worker: new Worker(context, gates, reporter, "me") };
    });
  }

  /** Scenes 1, 2 and 3: the left target has the files of 1 and 2, the right one those of 2 and 3. */
  static async open(): Promise<TwoTargets> {
    const scenes = SCENES.map((id) => {
      const { path, size, durationMs } = fileOf(id);
      const files = [{ path, size, duration: durationMs / 1_000 }];
      return { id: Number(id), title: `Scene ${id}`, details: "From Stash", files };
    });
    const server = await startSimStash({ scenes });
    const folder = new TempFolder();
    const { config } = load();
    const [plex] = targetsOf(config);
    const named = (key: string) => ({ ...plex, key, title: key, url: `http://${key}` });
    const targets: Targets = [named("left"), named("right")];
    const files = filesOf(folder.path);
    const store = await openStore(files.database, KEYS, {
      driver: "builtin",
      sleep: () => Promise.resolve(),
    });
    store.meta.set(FULL_SYNC_AGREED_AT, 1);
    const runtime = new FakeRuntime();
    const installation = { config, files, log: collect().log, runtime, store, targets };
    const [left, right] = [targetWith("left", ["1", "2"]), targetWith("right", ["2", "3"])];
    return new TwoTargets(server, left, right, installation, runtime, folder);
  }

  get store(): Store {
    return this.installation.store;
  }

  get contexts() {
    return this.works.map(({ context }) => context);
  }

  /** Works with a worker for each; in a single pass if nothing else is said. */
  async work(options: RunOptions = { once: true, idleExitMs: null }) {
    const work = new Work(this.works.map(({ worker }) => worker), options);
    return (await work.run(new AbortController().signal))?.kind;
  }

  async syncAll(): Promise<void> {
    this.store.jobs.enqueue(SCENES, "bulk", this.runtime.now());
    await this.work();
  }

  reconcile() {
    const { store, contexts, stash, runtime } = this;
    return reconcile(
      { scope: "all", missing: true, dryRun: false, origin: "command" },
      { store, contexts, stash, runtime },
      {
        stop: new AbortController().signal,
        ready: () => Promise.resolve(),
        done: () => {},
        failed: () => false,
      },
    );
  }

  /** `target scene: state` of each job. */
  jobs(): string[] {
    return listJobs(this.installation, {}, 99)
      .map(({ target, scene_id, state }) => `${target} ${scene_id}: ${state}`).sort();
  }

  /** The scenes that are remembered to be written, by target. */
  remembered(): string[][] {
    return KEYS.map((key) =>
      SCENES.filter((scene) => this.store.of(key).written.ofScene(scene).length > 0)
    );
  }

  async [Symbol.asyncDispose]() {
    assertInvariants(this.store.database);
    this.store.close();
    await this.server.close();
    this.folder[Symbol.dispose]();
  }
}

/** The file of a scene, in Stash and in a target that has it. */
export function fileOf(scene: string) {
  return { path: `/data/${scene}.mp4`, size: Number(scene), durationMs: 9_000 };
}

function targetWith(key: string, scenes: readonly string[]): MemoryTarget {
  const library = { id: "1", title: "Films", type: "movie", folders: ["/data"] } as const;
  const target = new MemoryTarget([{ ...library, folders: [...library.folders] }], key);
  for (const scene of scenes) target.add({ section: "1", files: [fileOf(scene)] });
  return target;
}
