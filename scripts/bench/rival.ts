/** `plainjob` on `better-sqlite3`, in a Node process of its own: its driver needs Node. */
import { join } from "node:path";
import { ProgramOutput } from "../../tests/program_output.ts";

/** The versions that are measured; they are installed for the run and are no part of the project. */
export const PACKAGES = ["plainjob@0.0.14", "better-sqlite3@12.11.1"] as const;

/** Building a driver from source takes a minute. */
const INSTALL_LIMIT_MS = 300_000;
/** A registry that cannot be reached is not asked for minutes. */
const IMPATIENT = ["--fetch-retries=0", "--fetch-timeout=10000", "--no-audit", "--no-fund"];

/** Takes one call a line, answers one line: `{"ms": …}` of the work alone, or `{"n": …}`. */
const PROGRAM = `
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import { better, defineQueue } from "plainjob";
const [file, synchronous] = process.argv.slice(2);
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
let connection;
const open = (mode) => {
  connection = better(new Database(file));
  const made = defineQueue({ connection, logger: quiet });
  if (mode !== "") connection.pragma("synchronous = " + mode);
  return made;
};
let at = open(synchronous);
const DAY = 86_400_000;
const calls = {
  wait: ({ count }) => {
    connection.pragma("synchronous = OFF");
    for (let made = 0; made < count; made += 1000) {
      at.addMany("later", Array(Math.min(1000, count - made)).fill({ scene: 1 }), { delay: DAY });
    }
    at.close();
    at = open(synchronous);
    return { n: count };
  },
  add: ({ count }) => {
    const start = performance.now();
    for (let each = 0; each < count; each++) at.add("later", { scene: each });
    return { ms: performance.now() - start };
  },
  fill: ({ count }) => {
    at.addMany("later", Array.from({ length: count }, (_, each) => ({ scene: each })));
    return { n: count };
  },
  work: ({ count }) => {
    const start = performance.now();
    let n = 0;
    for (; n < count; n++) {
      const job = at.getAndMarkJobAsProcessing("later");
      if (job === undefined) break;
      at.getJobById(job.id);
      at.markJobAsDone(job.id);
    }
    return { ms: performance.now() - start, n };
  },
  sqlite: () => ({ n: connection.prepare("SELECT sqlite_version() AS v").get().v }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(calls[call](rest)));
}
process.exit(0);
`;

/**
 * Puts both packages into a folder.
 * @param maybeBuilt Whether the driver may be built from source where none is ready-made
 * @returns why it cannot be, else null
 */
export async function installRival(
  folder: string,
  maybeBuilt: boolean,
  stop: AbortSignal,
): Promise<string | null> {
  await Deno.writeTextFile(join(folder, "rival.mjs"), PROGRAM);
  await Deno.writeTextFile(join(folder, "package.json"), '{"private":true}');
  const signal = AbortSignal.any([stop, AbortSignal.timeout(INSTALL_LIMIT_MS)]);
  /** @returns why it failed, else null */
  const step = async (name: string, args: readonly string[], cwd = folder) => {
    const command = new Deno.Command(name, { args: [...args], cwd, stdin: "null", signal });
    const { success, stderr } = await command.output();
    if (success) return null;
    const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
    return lines.find((line) => /error/i.test(line)) ?? `${name} ${args[0]} failed`;
  };
  const driver = join(folder, "node_modules", "better-sqlite3");
  const load = () => step("node", ["-e", 'new (require("better-sqlite3"))(":memory:")']);
  try {
    const failed = await step("npm", ["install", "--ignore-scripts", ...IMPATIENT, ...PACKAGES]);
    if (failed !== null) return failed;
    await step("node", [join(folder, "node_modules", "prebuild-install", "bin.js")], driver);
    const missing = await load();
    if (missing === null || !maybeBuilt) return missing;
    return await step("npx", ["--yes", "node-gyp", "rebuild", "--release"], driver) ?? await load();
  } catch (error) {
    stop.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

/** One queue of its. */
export class Rival implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #answers: ProgramOutput;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #asked = 0;

  /** @param synchronous "FULL", or "" for its own default */
  constructor(folder: string, file: string, synchronous: "FULL" | "") {
    this.#child = new Deno.Command("node", {
      args: ["rival.mjs", file, synchronous],
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#answers = new ProgramOutput(this.#child.stdout);
    this.#input = this.#child.stdin.getWriter();
  }

  /** @throws {Error} it ended */
  async ask(call: string, count = 0): Promise<{ ms?: number; n?: number }> {
    const wanted = ++this.#asked;
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify({ call, count })}\n`));
    await this.#answers.line(() => this.#answers.lines.length >= wanted, Infinity);
    return JSON.parse(this.#answers.lines[wanted - 1]!);
  }

  async [Symbol.asyncDispose]() {
    await this.#input.close().catch(() => {});
    await this.#child.status;
    await this.#answers.text;
  }
}
