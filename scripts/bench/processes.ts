/** What a short-lived process costs over the bare runtime, of which it is made. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { denoDir, ROOT, sourceCommand } from "../../tests/program.ts";
import { sceneHook } from "../../tests/http/http_rig.ts";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { openForBulk } from "./long_store.ts";
import { interleave, leastFigure, leastSurplus } from "./measure.ts";
import { childrenCpuMs, knowsUsage } from "./machine.ts";
import { Home } from "./place.ts";

const ROUNDS: Readonly<Record<Scale, number>> = { tiny: 1, small: 15, full: 40 };

/** What each may take over the bare runtime, in ms. */
const MOST = { version: 15, stats: 35, hook: 10 } as const;

type Command = readonly [string, ...string[]];

/** One kind of the program, with a data directory of its own. */
interface Kind {
  name: string;
  /** The side that it is compared with. */
  bare: string;
  home: Home;
  /** How many hooks it has taken. */
  hooks: number;
}

async function run(scale: Scale, { folder, say, stop }: Tools) {
  const empty = join(folder, "empty.ts");
  await Deno.writeTextFile(empty, "");
  const env = await environment(folder);
  const sides: Record<string, () => Promise<number>> = {
    "bare runtime": () => timeOf(sourceCommand(empty), [], env),
  };
  const main = sourceCommand(join(ROOT, "main.ts"));
  const kinds: Kind[] = [await kindOf("source", "bare runtime", folder, main)];
  const skipped: string[] = [];
  const bin = Deno.env.get("PLEXSYNC_BIN");
  if (bin) {
    const bare = await compiled(empty, join(folder, "bare"), env);
    if (bare === null) {
      skipped.push(
        "an empty executable: deno compile makes none that starts here, so that the " +
          "executable is compared with the bare runtime too",
      );
    } else sides["bare executable"] = () => timeOf([bare], [], env);
    const beside = bare === null ? "bare runtime" : "bare executable";
    kinds.push(await kindOf("compiled", beside, folder, [await Deno.realPath(bin)]));
  } else skipped.push("the executable: PLEXSYNC_BIN is not set");
  // As a daemon would: without one each hook is the last to close the file, and copies its log.
  using all = new DisposableStack();
  for (const { home } of kinds) {
    const open = all.adopt(new DatabaseSync(home.database), (database) => database.close());
    open.exec("SELECT count(*) FROM jobs");
  }
  for (const kind of kinds) {
    const { name, home: { command, folder: data } } = kind;
    const at = ["--data-dir", data];
    sides[`${name} version`] = () => timeOf(command, ["--version"], env);
    sides[`${name} stats`] = () => timeOf(command, ["--stats", ...at], env);
    sides[`${name} hook`] = () => timeOf(command, ["plugin", ...at], env, sceneHook(++kind.hooks));
  }
  const cpu = new Map(Object.keys(sides).map((name) => [name, [] as number[]]));
  for (const [name, side] of Object.entries(sides)) {
    if (!knowsUsage) break;
    sides[name] = async () => {
      const before = await childrenCpuMs();
      const ms = await side();
      cpu.get(name)!.push(await childrenCpuMs() - before);
      return ms;
    };
  }
  say(`${ROUNDS[scale]} rounds of ${Object.keys(sides).join(", ")}`);
  const times = await interleave(ROUNDS[scale], sides, stop);
  for (const { name, home, hooks } of kinds) {
    const { n } = home.ask<{ n: number }>("SELECT count(*) AS n FROM jobs");
    check(n === hooks, `${hooks} hooks of ${name} left ${n} jobs`);
  }
  const figures: Figure[] = Object.entries(times).filter(([name]) => name.startsWith("bare"))
    .map(([name, ms]) => leastFigure(`${name}, whole process`, "ms", ms));
  for (const { name, bare } of kinds) {
    for (const [what, atMost] of Object.entries(MOST)) {
      const own = times[`${name} ${what}`]!;
      figures.push(leastFigure(`${what} from ${name}, whole process`, "ms", own));
      const more = leastSurplus(own, times[bare]!);
      figures.push(leastFigure(`${what} from ${name}, over the ${bare}`, "ms", more, { atMost }));
      if (!knowsUsage) continue;
      const worked = [meanOf(cpu.get(`${name} ${what}`)!) - meanOf(cpu.get(bare)!)];
      figures.push(
        leastFigure(`${what} from ${name}, work over the ${bare}`, "ms of processor", worked, {
          atMost,
        }),
      );
    }
  }
  return { parameters: { rounds: ROUNDS[scale], bare: "an empty file" }, figures, skipped };
}

/** Without the first, which warmed up. */
function meanOf([, ...runs]: readonly number[]): number {
  return runs.reduce((sum, ms) => sum + ms, 0) / runs.length;
}

/** The file as an executable; null where none can be made that starts. */
async function compiled(
  file: string,
  output: string,
  env: Record<string, string>,
): Promise<string | null> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "-q", "--no-check", "--no-config", "--output", output, file],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) return null;
  return await timeOf([output], [], env).then(() => output, () => null);
}

async function kindOf(
  name: string,
  bare: string,
  folder: string,
  command: [string, ...string[]],
): Promise<Kind> {
  const home = await Home.make(join(folder, name), null, {}, command);
  // The database is there when people use it.
  (await openForBulk(home.database)).close();
  return { name, bare, home, hooks: 0 };
}

/** Milliseconds from start to end of one process. @throws {Error} it failed */
async function timeOf(
  [file, ...flags]: Command,
  args: readonly string[],
  env: Record<string, string>,
  input = "",
): Promise<number> {
  const bytes = new TextEncoder().encode(input);
  const start = performance.now();
  const child = new Deno.Command(file, {
    args: [...flags, ...args],
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A process may end without having read its input.
  await writer.write(bytes).then(() => writer.close()).catch(() => {});
  const { success, stderr } = await child.output();
  const ms = performance.now() - start;
  if (success) return ms;
  throw new Error(`${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
}

/** Nothing of this process's environment but what the runtime needs. */
async function environment(home: string): Promise<Record<string, string>> {
  const library = Deno.env.get("DENO_SQLITE_PATH");
  return {
    HOME: home,
    DENO_DIR: await denoDir(),
    DENO_NO_UPDATE_CHECK: "1",
    ...(library ? { DENO_SQLITE_PATH: library } : {}),
  };
}

export const processes: BenchCase = {
  question: "what --version, --stats and a hook cost over the bare runtime",
  run,
};
