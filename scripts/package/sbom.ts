/** The list of all that an executable holds, as CycloneDX 1.5 in JSON. */
import { basename, join } from "node:path";
import { askExecutable } from "./ask_executable.ts";
import type { Licence } from "../compile/licences.ts";

type Part = Omit<Licence, "text">;

/** The parts of `deno.lock` that matter here. */
interface Lock {
  npm?: Record<string, { integrity: string }>;
  jsr?: Record<string, { integrity: string }>;
}

interface Component {
  type: "application" | "library" | "platform";
  "bom-ref": string;
  name: string;
  version?: string;
  purl?: string;
  licenses: { license: { id: string } }[];
  hashes?: { alg: "SHA-256" | "SHA-512"; content: string }[];
}

/**
 * @param bin Absolute path of an executable that starts on this machine: it tells what is in it
 * @returns path of `<name>.cdx.json`
 */
export async function makeSbom(
  { root, bin, folder }: { root: string; bin: string; folder: string },
): Promise<string[]> {
  const parts: Part[] = JSON.parse(await askExecutable(bin, "version", "--licences", "--json"));
  const lock: Lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await Deno.readFile(bin)),
  ).toHex();
  const path = join(folder, `${basename(bin)}.cdx.json`);
  await Deno.writeTextFile(path, JSON.stringify(sbomOf(parts, lock, digest), null, 2) + "\n");
  return [path];
}

/**
 * The same executable has the same list, to the byte: no time, and a number that follows from it.
 * @param parts The program itself first
 * @param sha256 Of the executable, in hexadecimal
 */
export function sbomOf(parts: readonly Part[], lock: Lock, sha256: string) {
  const [program, ...others] = parts.map((part) => componentOf(part, lock));
  const { hashes: _, ...own } = program!;
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${uuidOf(sha256)}`,
    version: 1,
    metadata: {
      component: {
        ...own,
        type: "application",
        hashes: [{ alg: "SHA-256", content: sha256 }],
      },
    },
    components: others,
    dependencies: [
      { ref: own["bom-ref"], dependsOn: others.map((each) => each["bom-ref"]) },
      ...others.map((each) => ({ ref: each["bom-ref"] })),
    ],
  };
}

/** What is no package has a name of its own. */
const PLATFORM = ["Deno", "V8", "SQLite"];

function componentOf({ name, version, licence }: Part, lock: Lock): Component {
  const id = `${name}@${version}`;
  const fromNpm = lock.npm?.[id];
  const origin = fromNpm !== undefined
    ? "npm"
    : name.startsWith("@") && version !== null
    ? "jsr"
    : "generic";
  const [, algorithm, hash] = /^(sha512)-(.+)$/.exec(fromNpm?.integrity ?? "") ??
    [null, "sha256", btoaOfHex(lock.jsr?.[id]?.integrity)];
  return {
    type: PLATFORM.includes(name) ? "platform" : "library",
    "bom-ref": version === null ? name : id,
    name,
    ...(version === null ? {} : { version, purl: purlOf(origin, name, version) }),
    licenses: [{ license: { id: licence } }],
    ...(hash === undefined ? {} : {
      hashes: [{
        alg: algorithm === "sha512" ? "SHA-512" : "SHA-256",
        content: Uint8Array.fromBase64(hash).toHex(),
      }],
    }),
  };
}

/** JSR's digests are in hexadecimal already. */
function btoaOfHex(hex: string | undefined): string | undefined {
  return hex === undefined ? undefined : Uint8Array.fromHex(hex).toBase64();
}

function purlOf(origin: string, name: string, version: string): string {
  const path = name.split("/").map(encodeURIComponent).join("/");
  return `pkg:${origin}/${path}@${encodeURIComponent(version)}`;
}

/** A number of the form of version 8, which is for such. */
function uuidOf(sha256: string): string {
  const [a, b, c, d, e] = [[0, 8], [8, 12], [13, 16], [17, 20], [20, 32]]
    .map(([from, to]) => sha256.slice(from, to));
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
