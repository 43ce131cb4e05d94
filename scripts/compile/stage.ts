/** The copy of the source that is compiled. */
import { dirname, join, posix } from "node:path";

/** All that `main.ts` can lead to, and what the compiler reads besides. */
const PARTS = ["deno.json", "deno.lock", "main.ts", "src", join("scripts", "offline")];

/**
 * A file of the copy that imports all of the source, and that nobody runs: by it the compiler finds
 * what is loaded by a name that it does not read (`main.ts` tells why there are such).
 */
export const MODULES = "modules.ts";

/**
 * Copies the source to an empty folder. There all files can get the same time: the compiler packs
 * that of each, and the same source has to make the same bytes wherever and whenever it is.
 * @param root Absolute path of the project
 * @returns absolute path of the copy
 */
export async function stageSource(root: string): Promise<string> {
  const stage = join(root, ".build", "source");
  await Deno.remove(stage, { recursive: true }).catch(() => {});
  for (const part of PARTS) await copy(join(root, part), join(stage, part));
  const modules = ["main.ts", ...(await modulesIn(stage, "src")).sort()];
  const text = modules.map((path) => `import "./${path}";\n`).join("");
  await Deno.writeTextFile(join(stage, MODULES), text);
  await levelTime(join(stage, MODULES));
  return stage;
}

/** Gives a file the time that all packed files have. */
export async function levelTime(path: string): Promise<void> {
  await Deno.utime(path, 0, 0);
}

async function copy(from: string, to: string): Promise<void> {
  const info = await Deno.stat(from).catch(() => undefined);
  if (info === undefined) return;
  if (info.isFile) {
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.copyFile(from, to);
    await levelTime(to);
    return;
  }
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}

/** All modules below a folder, as paths from `root` parted by `/`. */
async function modulesIn(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  if (await Deno.stat(join(root, folder)).catch(() => undefined) === undefined) return found;
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = posix.join(folder, name);
    if (isDirectory) found.push(...await modulesIn(root, path));
    else if (/\.tsx?$/.test(name)) found.push(path);
  }
  return found;
}
