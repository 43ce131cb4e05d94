/** What `deno task compile` packs beside the program. */

const FOLDER = new URL("../../../embedded/", import.meta.url);

/** The embedded file of that name; null from source, where none is in use. */
export function readEmbedded(name: string): Uint8Array<ArrayBuffer> | null {
  return Deno.build.standalone ? Deno.readFileSync(new URL(name, FOLDER)) : null;
}

/** What an executable is made of. */
export interface Build {
  /** The commit of its source; null where it was made outside of a repository. */
  readonly commit: string | null;
  /** SQLite's native library among the embedded files, with its digest in hexadecimal. */
  readonly sqlite: { readonly file: string; readonly sha256: string } | null;
}

/** The description of this executable; null from source. */
export function readBuild(): Build | null {
  const bytes = readEmbedded("build.json");
  return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
}
