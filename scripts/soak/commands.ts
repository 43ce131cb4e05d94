/** Commands that run beside the daemon, as people and hooks run them. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { seededRandom } from "../../tests/sim/random.ts";
import type { World } from "../../tests/e2e/world.ts";
import type { COMMANDS, Planned } from "./plan.ts";

type CommandName = keyof typeof COMMANDS;

/** Scenes that one `sync --scene` names. */
const MOST_NAMED = 5;

export class Commands {
  readonly counts = new Map<string, number>();
  /** Of one that puts something into the queue, its start and end included. */
  longestEnqueueMs = 0;
  #backups = 0;

  constructor(
    private readonly world: World,
    /** Holds the backups. */
    private readonly folder: string,
    private readonly alive: () => readonly string[],
    private readonly failed: (why: string) => void,
  ) {}

  async perform({ what, seed }: Planned): Promise<void> {
    const random = seededRandom(seed);
    switch (what as CommandName) {
      case "sync --scene": {
        const count = random.whole(1, MOST_NAMED);
        const ids = Array.from({ length: count }, () => random.pick(this.alive()));
        return await this.poke(...ids);
      }
      case "sync --recent 1h":
        // It asks Stash, which may be down just now.
        return await this.#run(what, ["sync", "--recent", "1h"], [0, 1]);
      case "backup":
        return await this.#backUp();
      default:
        return await this.#run(what, what.split(" "), [0]);
    }
  }

  /** What a hook does: names scenes that changed. */
  async poke(...ids: string[]): Promise<void> {
    const startedAt = performance.now();
    await this.#run("sync --scene", ["sync", "--scene", ids.join()], [0]);
    this.longestEnqueueMs = Math.max(this.longestEnqueueMs, performance.now() - startedAt);
  }

  async #backUp(): Promise<void> {
    const file = join(this.folder, `${++this.#backups}.db`);
    await this.#run("backup", ["backup", file], [0]);
    try {
      using copy = new DatabaseSync(file, { readOnly: true });
      const row = copy.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
      if (row.integrity_check !== "ok") this.failed(`a backup is damaged: ${row.integrity_check}`);
    } catch (error) {
      this.failed(`a backup cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #run(name: string, args: readonly string[], codes: readonly number[]): Promise<void> {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const { code, stderr } = await this.world.run(args);
    if (!codes.includes(code)) {
      this.failed(`plexsync ${args.join(" ")} ended with exit code ${code}\n${stderr.trimEnd()}`);
    }
  }
}
