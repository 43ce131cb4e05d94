/** Where a case takes place: simulated servers in a process of their own, and a data directory. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type Program,
  programCommand,
  type ProgramResult,
  ROOT,
  runProgram,
  sourceCommand,
  startProgram,
} from "../../tests/program.ts";
import type { SimPlexSwitches } from "../../tests/sim/plex/switches.ts";

/** One request as a server's log shows it. */
export interface Logged {
  /** When it arrived, epoch ms. */
  readonly at: number;
  /** How long it took. */
  readonly ms: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
}

/** A million scenes take minutes to be made up. */
const START_MS = 15 * 60_000;

/** What `deno task sim` says of itself. */
interface Addresses {
  plex_url: string;
  plex_token: string;
  plex_library: string;
  stash_url: string;
  stash_api_key: string;
}

/** Both simulated servers over one made-up library, beside the process that measures. */
export class Servers implements AsyncDisposable {
  private constructor(readonly at: Addresses, private readonly program: Program) {}

  static async start(scenes: number, seed: number): Promise<Servers> {
    const [deno, run, ...rest] = sourceCommand(join(ROOT, "tests", "sim", "main.ts"));
    // A million scenes take several GB; it is reserved only as it is needed.
    const command = [deno, run!, "--v8-flags=--max-old-space-size=14000", ...rest];
    const args = ["--scenes", String(scenes), "--seed", String(seed)];
    const program = await startProgram(args, {}, command as [string, ...string[]]);
    return new Servers(JSON.parse(await program.stdout.line(/^\{/, START_MS)), program);
  }

  get pid(): number {
    return this.program.pid;
  }

  async switchPlex(switches: Partial<SimPlexSwitches>): Promise<void> {
    await this.#control("plex", "POST", "switches", switches);
  }

  /** What a server was asked since its log was cleared. */
  async requests(name: "plex" | "stash"): Promise<Logged[]> {
    return await this.#control(name, "GET", "requests") as Logged[];
  }

  async clearRequests(): Promise<void> {
    for (const name of ["plex", "stash"] as const) await this.#control(name, "DELETE", "requests");
  }

  /** All items of Plex, as the control shows them. */
  async items(): Promise<Record<string, unknown>[]> {
    return await this.#control("plex", "GET", "items") as Record<string, unknown>[];
  }

  /** Changes scenes of Stash: the members given. */
  async change(scenes: readonly Record<string, unknown>[]): Promise<void> {
    await this.#control("stash", "POST", "scenes", scenes);
  }

  async #control(
    name: "plex" | "stash",
    method: string,
    what: string,
    body?: unknown,
  ): Promise<unknown> {
    const url = name === "plex" ? this.at.plex_url : this.at.stash_url;
    const response = await fetch(`${url}/__sim__/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The simulated ${name} refused ${what}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  async [Symbol.asyncDispose]() {
    await this.program[Symbol.asyncDispose]();
  }
}

/** A data directory with its config file, and the program on it. */
export class Home {
  private constructor(readonly folder: string, readonly command: [string, ...string[]]) {}

  /**
   * @param servers Null where nobody is asked
   * @param settings Beside the addresses
   */
  static async make(
    folder: string,
    servers: Servers | null,
    settings: Readonly<Record<string, string | number | boolean>> = {},
    command = programCommand(),
  ): Promise<Home> {
    await Deno.mkdir(folder, { recursive: true });
    const nowhere = "http://127.0.0.1:9";
    const addresses = servers?.at ??
      { plex_url: nowhere, plex_token: "none", stash_url: nowhere, stash_api_key: "none" };
    const lines = Object.entries({ ...addresses, ...settings })
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    await Deno.writeTextFile(join(folder, "plexsync.toml"), lines.join(""), { mode: 0o600 });
    return new Home(folder, command);
  }

  get database(): string {
    return join(this.folder, "plexsync.db");
  }

  /** @throws {Error} it ended with another exit code than 0 */
  async run(...args: string[]): Promise<ProgramResult> {
    const result = await runProgram([...args, "--data-dir", this.folder], {}, this.command);
    if (result.code === 0) return result;
    throw new Error(
      `plexsync ${args.join(" ")} ended with ${result.code}\n${result.stdout}${result.stderr}`,
    );
  }

  async start(...args: string[]): Promise<Program> {
    return await startProgram([...args, "--data-dir", this.folder], {}, this.command);
  }

  /** The first row of an answer of its database. */
  ask<Row>(sql: string): Row {
    const database = new DatabaseSync(this.database, { readOnly: true });
    try {
      // The program may hold the lock for a moment.
      database.exec("PRAGMA busy_timeout = 10000");
      return database.prepare(sql).get() as Row;
    } finally {
      database.close();
    }
  }

  /** How many scenes ended each way. */
  outcomes(name: string): number {
    return this.ask<{ n: number }>(`SELECT count(*) AS n FROM outcomes WHERE outcome = '${name}'`)
      .n;
  }
}
