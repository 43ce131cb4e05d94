/** The copy of the source that is compiled. */
import { dirname, join } from "node:path";

/** All that `main.ts` can lead to, and what the compiler reads besides. */
const PARTS = ["deno.json", "deno.lock", "main.ts", "src", join("scripts", "offline")];

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
