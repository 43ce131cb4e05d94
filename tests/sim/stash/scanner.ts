/** Scan, Clean and Identify as jobs, with the hooks that they run. */
import { Broadcast } from "./broadcast.ts";
import { parseId } from "./criteria.ts";
import { sceneDestroyInput, sceneUpdateInput } from "./hook_inputs.ts";
import type { Hooks } from "./hooks.ts";
import type { Jobs, JobWork } from "./jobs.ts";
import * as changes from "./scan_changes.ts";
import { type CheckedScan, checkScan, type Identified, type ScanInput } from "./scan_input.ts";
import { patchOf } from "./scene_patch.ts";
import type { World } from "./world.ts";

const UPDATE = "Scene.Update.Post";

/** One file of a scan, and what is to be done about it. */
interface ScanStep {
  path: string;
  /** @returns which hook runs for which scene, and whether a cover is due then */
  apply: () => { trigger: string; id: number; fresh?: boolean } | undefined;
}

export class Scanner {
  /** One event after each scan or clean that was not stopped. */
  readonly completed = new Broadcast<{ scanCompleteSubscribe: true }>();
  readonly #world: World;
  readonly #hooks: Hooks;
  readonly #jobs: Jobs;
  readonly #workers: number;

  /** @param workers How many files are scanned at a time, and so how many hooks run side by side */
  constructor(world: World, hooks: Hooks, jobs: Jobs, workers: number) {
    this.#world = world;
    this.#hooks = hooks;
    this.#jobs = jobs;
    this.#workers = workers;
  }

  /**
   * @returns id of the job
   * @throws {BadInput}
   */
  scan(input: ScanInput): string {
    const found = checkScan(input);
    return this.#jobs.add("Scanning...", async (job) => {
      for (const { from, to } of found.renamed_folders) {
        changes.renameFolder(this.#world, from, to);
      }
      await this.#scanFiles(this.#stepsOf(found), found.covers, job);
      this.#complete(job);
    });
  }

  /** @returns id of the job */
  clean(paths: readonly string[]): string {
    return this.#jobs.add("Cleaning...", async (job) => {
      for (const path of paths) {
        if (job.signal.aborted) return;
        const gone = changes.dropFile(this.#world, path);
        if (gone === undefined) continue;
        // The manual promises no input at all here, and is wrong.
        const input = sceneDestroyInput({ id: "" }, {}, gone.traces);
        const event = { trigger: "Scene.Destroy.Post", id: gone.id, input };
        await this.#hooks.run(event, { signal: job.signal, visits: [] });
      }
      this.#complete(job);
    });
  }

  /** @returns id of the job */
  identify(scenes: Identified): string {
    return this.#jobs.add("Identifying...", async (job) => {
      for (const changed of scenes) {
        const fields = Object.keys(changed);
        if (job.signal.aborted) return;
        if (fields.length < 2) continue;
        const id = parseId(changed.id);
        const at = this.#world.stamp();
        this.#world.change(() => this.#world.scenes.change(id, patchOf(this.#world, changed), at));
        const event = { trigger: UPDATE, id, input: sceneUpdateInput(changed), fields };
        await this.#hooks.run(event, { signal: job.signal, visits: [] });
      }
    });
  }

  #stepsOf({ files, moved, changed }: CheckedScan): ScanStep[] {
    const world = this.#world;
    return [
      ...files.map(({ scene_id, ...file }): ScanStep => ({
        path: file.path,
        apply: () => {
          if (changes.isKnownFile(world, file.path)) return undefined;
          if (scene_id === undefined) {
            const id = changes.addScene(world, file);
            return { trigger: "Scene.Create.Post", id, fresh: true };
          }
          changes.addCopy(world, scene_id, file);
          return { trigger: UPDATE, id: scene_id };
        },
      })),
      ...moved.map(({ from, to }): ScanStep => ({
        path: to,
        apply: () => ({ trigger: UPDATE, id: changes.moveFile(world, from, to) }),
      })),
      ...changed.map((file): ScanStep => ({
        path: file.path,
        apply: () => ({ trigger: UPDATE, id: changes.rewriteFile(world, file) }),
      })),
    ];
  }

  async #scanFiles(steps: ScanStep[], covers: boolean, job: JobWork): Promise<void> {
    const left = steps.entries();
    const coversDue: Promise<void>[] = [];
    const worker = async () => {
      for (const [index, step] of left) {
        if (job.signal.aborted) return;
        await job.subTask(`Scanning ${step.path}`, async () => {
          const event = step.apply();
          if (event === undefined) return;
          await this.#hooks.run(event, { signal: job.signal, visits: [] });
          // Registered behind the hook: its process ended before anybody thinks of the cover.
          if (event.fresh && covers) coversDue.push(this.#cover(event.id, step.path, job));
        });
        job.progress((index + 1) / steps.length);
      }
    };
    await Promise.all(Array.from({ length: this.#workers }, worker));
    await Promise.all(coversDue);
  }

  #cover(id: number, path: string, job: JobWork): Promise<void> {
    return job.subTask(`Generating cover for ${path}`, async () => {
      await Promise.resolve();
      if (!job.signal.aborted && this.#world.scenes.exists(id)) {
        changes.makeCover(this.#world, id);
      }
    });
  }

  #complete({ signal }: JobWork): void {
    if (!signal.aborted) this.completed.send({ scanCompleteSubscribe: true });
  }
}
