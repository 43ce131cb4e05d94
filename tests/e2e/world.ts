/**
 * What an end-to-end test starts from: both simulated servers over one made-up library, a data
 * directory with its config file, and the real program as a child process.
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { type Program, type ProgramResult, runProgram, startProgram } from "../program.ts";
import { generateLibrary, type Library, type LibraryOptions } from "../sim/library.ts";
import { type SimPlex, type SimPlexOptions, startSimPlex } from "../sim/plex/server.ts";
import { type SimStash, type SimStashOptions, startSimStash } from "../sim/stash/server.ts";
import { assertCareful, assertNoStackTrace } from "./care.ts";
import { type Added, differences } from "./sameness.ts";

export const PLEX_LIBRARY = "Scenes";

type ConfigValue = string | number | boolean | readonly string[];

export interface WorldOptions extends Partial<LibraryOptions> {
  /** Instead of a generated one. */
  library?: Library;
  plex?: SimPlexOptions;
  stash?: SimStashOptions;
  /** Settings added to the addresses and secrets of the servers; undefined leaves one out. */
  config?: Readonly<Record<string, ConfigValue | undefined>>;
}

export interface RunOptions {
  env?: Readonly<Record<string, string>>;
  stdin?: string;
}

/**
 * Opens a world for the time of one test. At its end no program may have shown a stack trace,
 * and Plex may have got no request that a careful client does not send.
 */
export async function withWorld(
  options: WorldOptions,
  use: (world: World) => Promise<void>,
): Promise<void> {
  const world = await World.open(options);
  try {
    await use(world);
    for (const text of world.outputs) assertNoStackTrace(text);
    assertCareful(world.plex);
  } finally {
    await world.close();
  }
}

export class World {
  /** All that the programs of this world wrote, standard output and error apart. */
  readonly outputs: string[] = [];

  private constructor(
    readonly library: Library,
    private readonly options: WorldOptions,
    readonly dataDir: string,
    public plex: SimPlex,
    public stash: SimStash,
  ) {}

  static async open(options: WorldOptions): Promise<World> {
    const library = options.library ?? generateLibrary({ scenes: 0, seed: 1, ...options });
    const plex = await startPlex(library, options);
    const stash = await startStash(library, options);
    const dataDir = await Deno.makeTempDir({ prefix: "plexsync-data-" });
    const world = new World(library, options, dataDir, plex, stash);
    await world.configure();
    return world;
  }

  async close(): Promise<void> {
    await Promise.all([this.plex.close(), this.stash.close()]);
    await Deno.remove(this.dataDir, { recursive: true });
  }

  path(name: string): string {
    return join(this.dataDir, name);
  }

  /** Writes `plexsync.toml` anew: the world's settings, and these over them. */
  async configure(
    settings: Readonly<Record<string, ConfigValue | undefined>> = {},
  ): Promise<void> {
    const all = {
      plex_url: this.plex.url,
      plex_token: this.plex.token,
      plex_library: PLEX_LIBRARY,
      stash_url: this.stash.url,
      stash_api_key: this.stash.apiKey,
      ...this.options.config,
      ...settings,
    };
    // JSON's strings, numbers, booleans and lists of strings are TOML's too.
    const lines = Object.entries(all).filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    await Deno.writeTextFile(this.path("plexsync.toml"), lines.join(""), { mode: 0o600 });
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    const result = await runProgram([...args, "--data-dir", this.dataDir], options);
    this.outputs.push(result.stdout, result.stderr);
    return result;
  }

  /** Runs the program and throws unless its exit code is `code`. */
  async expect(code: number, ...args: string[]): Promise<ProgramResult> {
    const result = await this.run(args);
    if (result.code === code) return result;
    throw new Error(
      `plexsync ${args.join(" ")} ended with ${result.code} instead of ${code}\n` +
        result.stdout + result.stderr,
    );
  }

  /** Runs a command that succeeds, and parses what it prints. */
  async json<T>(...args: string[]): Promise<T> {
    const { stdout } = await this.expect(0, ...args, "--json");
    return JSON.parse(stdout) as T;
  }

  async start(args: readonly string[], options: RunOptions = {}): Promise<Program> {
    const program = await startProgram([...args, "--data-dir", this.dataDir], options);
    program.result.then(({ stdout, stderr }) => this.outputs.push(stdout, stderr));
    return program;
  }

  /** Queues all scenes and works through the queue. */
  async syncAll(): Promise<void> {
    await this.expect(0, "sync", "--all", "--yes");
    await this.expect(0, "run", "--once");
  }

  /** Agrees to a sync of all scenes, and takes back what that queued. */
  async agree(): Promise<void> {
    await this.expect(0, "sync", "--all", "--yes");
    await this.expect(0, "queue", "clear", "--yes");
  }

  /** What a person does once a fault is mended: all that is left is due at once. */
  async resume(): Promise<void> {
    await this.expect(0, "dead", "retry", "--all");
    const left = this.query<{ scene_id: string }>("SELECT scene_id FROM jobs");
    const ids = left.map(({ scene_id }) => scene_id).join();
    if (ids !== "") await this.expect(0, "sync", "--scene", ids);
    await this.expect(0, "run", "--once");
  }

  /**
   * Where Plex differs from Stash, in words; empty when every matched item is equal. An image
   * that was uploaded by now gets the time that this Plex takes to show it.
   */
  async differences(added?: Added): Promise<string[]> {
    const found = await differences(this.stash, this.plex, this.options, added);
    if (!found.some((line) => /: (poster|background) /.test(line))) return found;
    await new Promise((resolve) => setTimeout(resolve, this.plex.switches.imageLagMs));
    return await differences(this.stash, this.plex, this.options, added);
  }

  /** Asks the database, which must be there. */
  query<Row>(sql: string, ...values: (string | number)[]): Row[] {
    const database = new DatabaseSync(this.path("plexsync.db"), { readOnly: true });
    try {
      // The program may hold the lock for a moment.
      database.exec("PRAGMA busy_timeout = 10000");
      return database.prepare(sql).all(...values) as Row[];
    } finally {
      database.close();
    }
  }

  /** A fresh Plex with the same library under the same address. */
  async reopenPlex(): Promise<void> {
    const { url, machineIdentifier } = this.plex;
    this.plex = await startPlex(this.library, this.options, Number(new URL(url).port));
    this.plex.setServerIdentity(machineIdentifier);
  }

  /** A fresh Stash with the same library under the same address. */
  async reopenStash(): Promise<void> {
    const port = Number(new URL(this.stash.url).port);
    this.stash = await startStash(this.library, this.options, port);
  }
}

function startPlex(library: Library, options: WorldOptions, port = 0): Promise<SimPlex> {
  const root = options.plexRoot ?? options.stashRoot ?? "/data/scenes";
  const sections = [{ key: "1", title: PLEX_LIBRARY, type: "movie" as const, locations: [root] }];
  return startSimPlex({ port, sections, items: library.plexItems, ...options.plex });
}

function startStash(library: Library, options: WorldOptions, port = 0): Promise<SimStash> {
  return startSimStash({ port, scenes: library.scenes, ...options.stash });
}

/** Resolves when `look` gives something; looks again every few milliseconds. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 20_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`In vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
