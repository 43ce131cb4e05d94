/** What a figure depends on beside the program: versions, the machine, what else it does. */
import { VERSION } from "../../src/core/version.ts";
import { openDriver } from "../../src/store/database/driver.ts";
import { ROOT } from "../../tests/program.ts";

const isLinux = Deno.build.os === "linux";

/** What a process has used so far. */
export interface Usage {
  /** Processor time of all its threads, in ms; the system counts in steps of 10. */
  readonly cpuMs: number;
  /** MiB in memory now, and at most so far. */
  readonly rssMib: number;
  readonly peakMib: number;
  /** How often its main thread went to sleep of its own will. */
  readonly sleeps: number;
}

/** Linux tells it in files that Deno reads with all permissions only, and `cat` without. */
export const knowsUsage = isLinux;

/** Ticks of the clock that the kernel counts processor time in: 100 a second everywhere by now. */
const TICK_MS = 10;

/** @throws {Error} there is no such process, or this is no Linux */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    shown("cat", `/proc/${pid}/stat`),
    shown("cat", `/proc/${pid}/status`),
  ]);
  const fields = fieldsOf(stat);
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssMib: number("VmRSS") / 1024,
    peakMib: number("VmHWM") / 1024,
    sleeps: number("voluntary_ctxt_switches"),
  };
}

/** The name of the program may hold blanks and brackets: what counts stands behind it. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * Processor time in ms of all children of this process that have ended, `cat` included. Counted in
 * steps of 10 ms: for the mean of many.
 */
export async function childrenCpuMs(): Promise<number> {
  const fields = fieldsOf(await shown("cat", `/proc/${Deno.pid}/stat`));
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/** Runnable processes of the last minute; null where the system does not say. */
export async function load(): Promise<number | null> {
  if (!isLinux) return null;
  return Number((await shown("cat", "/proc/loadavg")).split(" ")[0]);
}

/** What was measured, with what, on what. */
export interface Versions {
  readonly plexsync: string;
  /** Short id of the commit, with "+" where files were changed; null outside of a clone. */
  readonly commit: string | null;
  readonly deno: string;
  /** Driver and SQLite version. */
  readonly driver: string;
  readonly machine: string;
  readonly processors: number;
}

export async function versions(): Promise<Versions> {
  const named = Deno.env.get("DENO_SQLITE_PATH");
  const database = await openDriver(":memory:", named ? { named } : undefined);
  database.close();
  return {
    plexsync: VERSION,
    commit: await commit(),
    deno: Deno.version.deno,
    driver: database.driver,
    machine: `${Deno.build.target}${await processor()}`,
    processors: navigator.hardwareConcurrency,
  };
}

async function processor(): Promise<string> {
  if (!isLinux) return "";
  const name = /^model name\s*: (.*)$/m.exec(await shown("cat", "/proc/cpuinfo"))?.[1];
  return name === undefined ? "" : `, ${name}`;
}

async function commit(): Promise<string | null> {
  try {
    const id = await shown("git", "-C", ROOT, "rev-parse", "--short", "HEAD");
    const changed = await shown("git", "-C", ROOT, "status", "--porcelain", "-uno");
    return id.trim() + (changed.trim() === "" ? "" : "+");
  } catch {
    return null;
  }
}

/** What a program prints. @throws {Error} it failed, or is not there */
async function shown(name: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(name, { args, stdin: "null" })
    .output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${name} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
