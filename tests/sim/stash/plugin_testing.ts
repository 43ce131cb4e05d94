/** Plugins for tests: shell scripts with a manifest, in a plugins folder of their own. */
import { join } from "node:path";
import { type SimStash, type SimStashOptions } from "./server.ts";
import { withStash } from "./testing.ts";

export interface TestPlugin {
  /** Lines of a POSIX shell script; stdin is the plugin's. */
  script: string;
  /** What the manifest says beside name, exec and hooks. */
  manifest?: string;
  /** Default: all of scenes and entities. */
  triggers?: string[];
}

/** Every hook type that a test here may fire. */
const TRIGGERS = ["Scene", "Performer", "Studio", "Tag", "Group", "Movie", "SceneMarker"]
  .flatMap((type) => ["Create", "Update", "Destroy"].map((op) => `${type}.${op}.Post`))
  .concat("Tag.Merge.Post");

/** Answers with the document it was given. */
export const ECHO = `printf '{"output":'; cat; printf '}'`;
/** Logs one line at info and answers at once. */
export const log = (text: string) => `printf '\\001i\\002${text}\\n' >&2`;
/** Runs until it is killed, and leaves no child behind then. */
export const FOREVER = "exec sleep 60";

/** A plugins folder that holds these, in the order of their ids. */
export async function withFolder(
  plugins: Record<string, TestPlugin>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sim-stash-" });
  try {
    for (const [id, plugin] of Object.entries(plugins)) writePlugin(folder, id, plugin);
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A server that has loaded these plugins. */
export function withPlugins(
  plugins: Record<string, TestPlugin>,
  options: SimStashOptions,
  body: (stash: SimStash, folder: string) => Promise<void>,
): Promise<void> {
  return withFolder(plugins, (folder) =>
    withStash(options, async (stash) => {
      stash.loadPlugins(folder);
      await body(stash, folder);
    }));
}

export function writePlugin(
  folder: string,
  id: string,
  { script, manifest = "", triggers = TRIGGERS }: TestPlugin,
): void {
  const dir = join(folder, id);
  Deno.mkdirSync(dir, { recursive: true });
  const hooks = triggers.length === 0
    ? ""
    : `hooks:\n  - name: hook\n    triggeredBy: [${triggers.join(", ")}]\n`;
  const text = `name: ${id} plugin\nexec: [run.sh]\n${hooks}${manifest}`;
  Deno.writeTextFileSync(join(dir, `${id}.yml`), text);
  Deno.writeTextFileSync(join(dir, "run.sh"), `#!/bin/sh\n${script}\n`);
  Deno.chmodSync(join(dir, "run.sh"), 0o755);
}
