/** A source of plugins that Stash can be pointed to: an index, and the archive it names. */
import { join } from "node:path";
import { VERSION } from "../../src/core/version.ts";
import { manifestOf } from "../../src/plugin/plugin_face.ts";
import { PLUGIN_ID } from "../../src/stash/stash_config.ts";
import { zipOf } from "./zip.ts";

const ARCHIVE = `${PLUGIN_ID}.zip`;

/** @returns paths of `index.yml` and the archive */
export async function makePluginIndex({ folder }: { folder: string }): Promise<string[]> {
  const manifest = manifestOf({ kind: "exec", executable: "plexsync", dataDir: null });
  const bytes = new TextEncoder().encode(manifest);
  const archive = zipOf([{ name: `${PLUGIN_ID}.yml`, bytes }]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", archive)).toHex();
  const seconds = Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? Math.floor(Date.now() / 1000));
  const paths = [join(folder, "index.yml"), join(folder, ARCHIVE)];
  await Deno.writeTextFile(paths[0]!, indexText(digest, new Date(seconds * 1000)));
  await Deno.writeFile(paths[1]!, archive);
  return paths;
}

/**
 * @param sha256 Of the archive, in hexadecimal
 * @param date When it was made
 */
export function indexText(sha256: string, date: Date): string {
  const fields = {
    id: PLUGIN_ID,
    name: "plexsync",
    metadata: {
      description:
        "Keeps the metadata of a Plex library equal to Stash. The executable has to be installed " +
        "beside Stash, in the PATH, and its daemon has to run as Stash's user.",
    },
    // Stash offers an update when this differs: by the digest also within one version.
    version: `${VERSION}-${sha256.slice(0, 8)}`,
    date: date.toISOString().slice(0, 19).replace("T", " "),
    path: ARCHIVE,
    sha256,
  };
  const { metadata, ...plain } = fields;
  const lines = Object.entries(plain).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  lines.splice(2, 0, `metadata:\n    description: ${JSON.stringify(metadata.description)}`);
  return `- ${lines.join("\n  ")}\n`;
}
