/** What helps to find out why a promise is broken. */
import { join } from "node:path";
import type { World } from "../../tests/e2e/world.ts";
import type { Stage } from "./stage.ts";

const OUTCOMES_SHOWN = 8;

interface Step {
  at: number;
  outcome: string;
  error_message: string | null;
  changed_fields: string;
}

/** Scenes that lines such as "scene 11: title is …" speak of. */
export function scenesOf(lines: readonly string[]): string[] {
  return [...new Set(lines.flatMap((line) => /^scene (\d+)/.exec(line)?.[1] ?? []))];
}

/** The last outcomes of one scene, oldest first, in one line. */
export function trailOf(world: World, sceneId: string): string {
  const steps = world.query<Step>(
    `SELECT at, outcome, error_message, changed_fields FROM outcomes WHERE scene_id = ?
     ORDER BY id DESC LIMIT ${OUTCOMES_SHOWN}`,
    sceneId,
  ).reverse().map(({ at, outcome, error_message, changed_fields }) =>
    `${new Date(at).toISOString()} ${outcome} ${error_message ?? changed_fields}`
  );
  return `what became of scene ${sceneId}: ${steps.join("; ") || "no outcome"}`;
}

/** Copies the data directory, and all that was printed. @returns path of the copy */
export async function keep({ world, writes }: Stage): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-soak-kept-" });
  for await (const { name, isFile } of Deno.readDir(world.dataDir)) {
    if (isFile) await Deno.copyFile(world.path(name), join(folder, name));
  }
  await Deno.writeTextFile(join(folder, "outputs.txt"), world.outputs.join("\n----\n"));
  const lines = writes.list.map((write) => JSON.stringify(write) + "\n");
  await Deno.writeTextFile(join(folder, "writes.jsonl"), lines.join(""));
  return folder;
}
