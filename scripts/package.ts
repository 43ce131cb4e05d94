/**
 * What goes with a release, made of an executable that starts on this machine:
 *
 *   scripts/package.ts deb --bin FILE [--output FOLDER]       package for Debian and Ubuntu
 *   scripts/package.ts sbom --bin FILE [--output FOLDER]      what is inside, as CycloneDX
 *   scripts/package.ts plugin-index [--output FOLDER]         source of plugins for Stash
 */
import { join, resolve } from "node:path";
import { makeDeb } from "./package/deb.ts";
import { makePluginIndex } from "./package/plugin_index.ts";
import { makeSbom } from "./package/sbom.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** @returns paths of what was made */
type Make = (wanted: { root: string; bin: string; folder: string }) => Promise<string[]>;

const KINDS: Readonly<Record<string, { make: Make; needsBin: boolean }>> = {
  deb: { make: makeDeb, needsBin: true },
  sbom: { make: makeSbom, needsBin: true },
  "plugin-index": { make: makePluginIndex, needsBin: false },
};

async function main([kind = "", ...args]: readonly string[]): Promise<number> {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known === undefined) {
    throw new RangeError(`Say what: ${Object.keys(KINDS).join(", ")}, not "${kind}"`);
  }
  const cwd = Deno.env.get("INIT_CWD") ?? ROOT;
  const values = readFlags(args);
  if (known.needsBin && values.bin === undefined) throw new RangeError(`${kind} needs --bin FILE`);
  const folder = resolve(cwd, values.output ?? join(ROOT, ".build"));
  await Deno.mkdir(folder, { recursive: true });
  const made = await known.make({ root: ROOT, bin: resolve(cwd, values.bin ?? ""), folder });
  for (const path of made) console.log(path);
  return 0;
}

function readFlags(args: readonly string[]): { bin?: string; output?: string } {
  const values: Partial<Record<"bin" | "output", string>> = {};
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at] === "--bin" ? "bin" : args[at] === "--output" ? "output" : undefined;
    const value = args[at + 1];
    if (name === undefined || !value) {
      throw new RangeError(`It takes --bin FILE and --output FOLDER, not "${args[at]}"`);
    }
    values[name] = value;
  }
  return values;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
