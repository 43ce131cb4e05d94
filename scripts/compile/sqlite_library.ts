/** SQLite's native library, which `@db/sqlite` loads: where it comes from when it is embedded. */
import { join } from "node:path";
import { isSame, type Machine, machineOfFile, nameOf } from "./machine.ts";

/** The library's own download, 1.5 MB, on a slow line. */
const DOWNLOAD_LIMIT_MS = 60_000;

const RELEASES = "https://github.com/denodrivers/sqlite3/releases/download/";

/** Where a library may come from. */
export interface Sources {
  /** `--sqlite-lib`. */
  readonly named: string | undefined;
  /** `DENO_SQLITE_PATH`. */
  readonly fromEnvironment: string | undefined;
  /** Version of `@db/sqlite` in use; undefined for one that is no release. */
  readonly version: string | undefined;
  /** Absolute path of Deno's cache. */
  readonly denoDir: string;
}

/** A library, or why there is none; `from` and `why` are for people. */
export type Found =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly from: string }
  | { readonly why: string };

/**
 * Finds the library for a machine: the named one, that of the environment, the one in
 * `@db/sqlite`'s cache, or its release.
 * @throws {Error} A named file cannot be read; that of `--sqlite-lib` is for another machine
 */
export async function findLibrary(sources: Sources, machine: Machine): Promise<Found> {
  if (sources.named !== undefined) return await readNamed(sources.named, machine);
  if (sources.fromEnvironment) {
    // It is for this machine, and the target may be another: then the search goes on.
    const bytes = await read(sources.fromEnvironment);
    if (bytes === undefined) {
      throw new Error(
        `Cannot embed ${sources.fromEnvironment}, which DENO_SQLITE_PATH names: it cannot be read`,
      );
    }
    if (isSame(machineOfFile(bytes), machine)) {
      return { bytes, from: sources.fromEnvironment };
    }
  }
  if (sources.version === undefined) return { why: "this @db/sqlite is no release" };
  const url = releaseUrl(sources.version, machine);
  const cached = await read(await cachePath(sources.denoDir, url));
  if (cached !== undefined) return { bytes: cached, from: "@db/sqlite's cache" };
  return await download(url, machine);
}

async function readNamed(path: string, machine: Machine): Promise<Found> {
  const bytes = await read(path);
  if (bytes === undefined) throw new Error(`Cannot embed ${path}: it cannot be read`);
  const found = machineOfFile(bytes);
  if (!isSame(found, machine)) {
    throw new Error(
      `Cannot embed ${path}: it must be a library for ${nameOf(machine)}, it is for ${
        nameOf(found)
      }`,
    );
  }
  return { bytes, from: path };
}

async function download(url: URL, machine: Machine): Promise<Found> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
    const bytes = await response.bytes();
    if (!response.ok) return { why: `its release answered ${response.status}` };
    if (!isSame(machineOfFile(bytes), machine)) return { why: "its release holds another file" };
    return { bytes, from: "its release" };
  } catch {
    return { why: "its release was not reached" };
  }
}

function read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return Deno.readFile(path).catch(() => undefined);
}

/** How a library is called on a system. */
export function extensionOf({ os }: Machine): string {
  return { linux: "so", darwin: "dylib", windows: "dll" }[os];
}

function releaseUrl(version: string, machine: Machine): URL {
  const prefix = machine.os === "windows" ? "" : "lib";
  const suffix = machine.arch === "aarch64" ? "_aarch64" : "";
  return new URL(`${version}/${prefix}sqlite3${suffix}.${extensionOf(machine)}`, RELEASES);
}

/** Where `@db/sqlite` keeps what it downloaded from `url`. */
async function cachePath(denoDir: string, url: URL): Promise<string> {
  const path = new TextEncoder().encode(url.pathname);
  const name = new Uint8Array(await crypto.subtle.digest("SHA-256", path)).toHex();
  const extension = url.pathname.slice(url.pathname.lastIndexOf("."));
  return join(denoDir, "plug", url.protocol.slice(0, -1), url.hostname, name + extension);
}

/** The library of `@db/sqlite`'s cache for a machine; undefined when it is not there. */
export async function cachedLibrary(
  denoDir: string,
  version: string,
  machine: Machine,
): Promise<string | undefined> {
  const path = await cachePath(denoDir, releaseUrl(version, machine));
  return await read(path) === undefined ? undefined : path;
}

/**
 * The version of SQLite in a library for this machine.
 * @throws {Error} it does not load, or is no SQLite
 */
export async function libraryVersion(path: string): Promise<string> {
  const code = `
    const symbols = { sqlite3_libversion: { parameters: [], result: "pointer" } };
    const library = Deno.dlopen(${JSON.stringify(path)}, symbols);
    const version = library.symbols.sqlite3_libversion();
    console.log(new Deno.UnsafePointerView(version).getCString());
  `;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-config", "--no-lock", "--allow-ffi"]
      .concat(`data:text/javascript,${encodeURIComponent(code)}`),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trim();
  const reason = decoder.decode(stderr).split("\n", 1)[0]!.replace(/^error: (Uncaught )?/, "");
  throw new Error(`Cannot embed ${path}: it does not load: ${reason}`);
}
