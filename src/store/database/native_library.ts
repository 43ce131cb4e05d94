/** SQLite's native library: which one `@db/sqlite` loads, and from where. */
import { UserError } from "../../core/failures/errors.ts";
import { readBuild, readEmbedded } from "./embedded.ts";
import { removeIfThere } from "./remove_if_there.ts";

/**
 * A library that somebody named, by its path; or the one embedded in the executable, if there is
 * one, which has to lie in a folder to be loaded.
 */
export type NativeLibrary = { readonly named: string } | { readonly embeddedFor: string };

/**
 * The library to use.
 * @param env `DENO_SQLITE_PATH` names one
 * @param dataDir Where an embedded one is put
 */
export function nativeLibrary(
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): NativeLibrary {
  return namedLibrary(env) ?? { embeddedFor: dataDir };
}

/** The library that `DENO_SQLITE_PATH` names. */
export function namedLibrary(
  env: Readonly<Record<string, string | undefined>>,
): NativeLibrary | undefined {
  const { DENO_SQLITE_PATH: named } = env;
  return named === undefined || named === "" ? undefined : { named };
}

/** A library as it is put on disk. */
export interface LibraryFile {
  /** In hexadecimal. */
  readonly sha256: string;
  /** Without the dot. */
  readonly extension: string;
  readonly read: () => Uint8Array<ArrayBuffer>;
}

/** The library in this executable; null where there is none. */
export function embeddedLibrary(): LibraryFile | null {
  const sqlite = readBuild()?.sqlite ?? null;
  if (sqlite === null) return null;
  return {
    sha256: sqlite.sha256,
    extension: sqlite.file.slice(sqlite.file.lastIndexOf(".") + 1),
    read: () => readEmbedded(sqlite.file)!,
  };
}

/**
 * Puts a library into `lib` in the data directory, once, and sees each time that it is whole: what
 * lies there is run. Neither the folder nor the file may be a link.
 * @returns its path
 * @throws {UserError} something else is in the way
 * @throws when the folder cannot be written to
 */
export async function placeLibrary(dataDir: string, library: LibraryFile): Promise<string> {
  const folder = `${dataDir.replace(/[\\/]+$/, "")}/lib`;
  makePrivateFolder(folder);
  const path = `${folder}/sqlite3-${library.sha256}.${library.extension}`;
  if (await isWhole(path, library.sha256)) return path;

  const part = `${folder}/${crypto.randomUUID()}.part`;
  try {
    const file = Deno.openSync(part, { createNew: true, write: true, mode: 0o600 });
    try {
      const bytes = library.read();
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      file.syncSync();
    } finally {
      file.close();
    }
    // Whatever has the name, a link also, is replaced; what a link led to is not touched.
    Deno.renameSync(part, path);
  } catch (error) {
    removeIfThere(part);
    throw error;
  }
  return path;
}

function makePrivateFolder(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!Deno.lstatSync(folder).isDirectory) {
    throw new UserError(
      `Cannot put SQLite's library into ${folder}: it must be a folder`,
      "failed",
      "Remove what stands there; it is made anew",
    );
  }
  // Only its owner can do this: in a folder of somebody else nothing is run.
  if (Deno.build.os !== "windows") Deno.chmodSync(folder, 0o700);
}

async function isWhole(path: string, sha256: string): Promise<boolean> {
  try {
    if (!Deno.lstatSync(path).isFile) return false;
    const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(path));
    return new Uint8Array(digest).toHex() === sha256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
