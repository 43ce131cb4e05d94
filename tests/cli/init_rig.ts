/** Both simulated servers, and an empty place for what `init` writes. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { parse } from "smol-toml";
import { type ProgramResult, runProgram } from "../program.ts";
import { generateLibrary } from "../sim/library.ts";
import { type SimPlex, startSimPlex } from "../sim/plex/server.ts";
import { type SimStash, startSimStash } from "../sim/stash/server.ts";

export interface InitRigOptions {
  libraries?: readonly string[];
  /** Whether Stash has one. Default true. */
  password?: boolean;
  /** Default 12. */
  scenes?: number;
  /** Folder of all files as Plex sees it. Default that of Stash. */
  plexRoot?: string;
}

export class InitRig implements AsyncDisposable {
  private constructor(readonly plex: SimPlex, readonly stash: SimStash, readonly folder: string) {}

  static async open(options: InitRigOptions = {}) {
    const { libraries = ["Scenes"], password = true, scenes = 12, plexRoot } = options;
    const root = plexRoot ?? "/data/scenes";
    const library = generateLibrary({ scenes, seed: 7, plexRoot: root });
    const sections = libraries.map((title, at) => ({
      key: String(at + 1),
      title,
      type: "movie" as const,
      locations: [at === 0 ? root : `/data/more${at}`],
    }));
    const plex = await startSimPlex({ sections, items: library.plexItems });
    const stash = await startSimStash({ scenes: library.scenes, password });
    const folder = await Deno.makeTempDir({ prefix: "plexsync-init-" });
    const rig = new InitRig(plex, stash, folder);
    await Deno.writeTextFile(rig.path("key"), `${stash.apiKey}\n`);
    await Deno.writeTextFile(rig.path("token"), `${plex.token}\n`);
    return rig;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  get config(): string {
    return this.path("data/plexsync.toml");
  }

  /** What stands in the config file; null when there is none. */
  settings(): Record<string, unknown> | null {
    try {
      return parse(Deno.readTextFileSync(this.config));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** Puts a config file there. */
  write(text: string): void {
    Deno.mkdirSync(this.path("data"), { recursive: true });
    Deno.writeTextFileSync(this.config, text);
  }

  /** Who plexsync is to Plex, as the database keeps it. */
  clientIdentifier(): unknown {
    const database = new DatabaseSync(this.path("data/plexsync.db"), { readOnly: true });
    try {
      const row = database.prepare("SELECT value FROM meta WHERE key = 'client_identifier'").get();
      return JSON.parse(String(row?.value));
    } finally {
      database.close();
    }
  }

  /** All flags that an unattended `init` needs. */
  flags(): string[] {
    return [
      ...["--stash-url", this.stash.url, "--stash-api-key-file", this.path("key")],
      ...["--plex-url", this.plex.url, "--plex-token-file", this.path("token")],
    ];
  }

  args(...args: string[]): string[] {
    return ["init", "--data-dir", this.path("data"), ...args];
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ProgramResult> {
    return runProgram(this.args(...args), { env });
  }

  /** Another command on the same data directory. */
  program(...args: string[]): Promise<ProgramResult> {
    return runProgram([...args, "--data-dir", this.path("data")]);
  }

  async [Symbol.asyncDispose]() {
    await Promise.all([this.plex.close(), this.stash.close()]);
    await Deno.remove(this.folder, { recursive: true });
  }
}
