import { delimiter, join } from "node:path";
import { absolute } from "./plugins_folder.ts";

/**
 * The path by which this program was called, absolute: an upgrade may move what a link leads to.
 * @param executable What the system says that runs, links followed
 * @param env Of the process: `PATH` and the shell's `_`
 * @returns `executable` where the other cannot be told
 */
export function pathCalledBy(
  executable: string,
  { PATH = "", _: byShell }: Readonly<Record<string, string | undefined>>,
): string {
  const name = firstArgument() ?? byShell;
  if (!name) return executable;
  const candidates = /[\\/]/.test(name)
    ? [absolute(name)]
    : PATH.split(delimiter).filter((folder) => folder !== "").map((folder) =>
      absolute(join(folder, name))
    );
  const real = realPath(executable);
  return candidates.find((each) => realPath(each) === real) ?? executable;
}

/** The name that the caller gave; undefined where the system does not tell. */
function firstArgument(): string | undefined {
  try {
    return Deno.readTextFileSync("/proc/self/cmdline").split("\0")[0];
  } catch {
    return undefined;
  }
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}
