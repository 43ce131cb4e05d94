/** What `deno compile` put into an executable, read from the section that it appends. */

/** The section begins and ends with this. */
const MAGIC = new TextEncoder().encode("d3n0l4nd");

/** The fields of the embedded description that the tests look at. */
export interface PackedMetadata {
  readonly entrypoint_key: string;
  readonly argv: readonly string[];
  /** Names a file of bytecode in the temporary folder. */
  readonly code_cache_key: number | null;
  readonly v8_flags: readonly string[];
  /** `allow_x`: null for nothing, an empty list for everything. */
  readonly permissions: Readonly<Record<string, boolean | null | readonly string[]>>;
}

/** The embedded section. */
export interface Packed {
  readonly metadata: PackedMetadata;
  /** Paths of all embedded files, with `/`. */
  readonly files: readonly string[];
  /** All of it as Latin-1 text, for searching. */
  readonly text: string;
}

type VfsEntry =
  | { Dir: { n: string; e: VfsEntry[] } }
  | { File: { n: string } }
  | { Symlink: { n: string } };

/**
 * Reads the embedded section of an executable.
 * @throws {Error} There is none, or it is not built as Deno 2.9 builds it
 */
export function readPacked(executable: Uint8Array): Packed {
  const { buffer, byteOffset, byteLength } = executable;
  const bytes = new DataView(buffer, byteOffset, byteLength);
  const end = lastIndexOf(executable, MAGIC, byteLength);
  // The base mentions the magic in its own code; the description that follows sets ours apart.
  for (
    let start = lastIndexOf(executable, MAGIC, end - 1);
    start >= 0;
    start = lastIndexOf(executable, MAGIC, start - 1)
  ) {
    const metadata = readJson(executable, bytes, start + MAGIC.length, '{"argv"');
    if (!metadata) continue;
    const section = executable.subarray(start, end);
    const text = new TextDecoder("latin1").decode(section);
    const rest = start + MAGIC.length + metadata.size;
    const files = findFiles(executable, bytes, rest, end);
    return { metadata: metadata.value as PackedMetadata, files, text };
  }
  throw new Error("The executable has no embedded section");
}

/** The list of files is the first JSON list that its length stands before. */
function findFiles(executable: Uint8Array, bytes: DataView, from: number, to: number): string[] {
  for (let at = from; at < to; at++) {
    const list = executable[at + 8] === 0x5b /* [ */ && readJson(executable, bytes, at, '[{"');
    if (list) return paths(list.value as VfsEntry[], "");
  }
  throw new Error("The embedded section has no list of files");
}

function paths(entries: readonly VfsEntry[], folder: string): string[] {
  return entries.flatMap((entry) => {
    if ("Dir" in entry) return paths(entry.Dir.e, `${folder}${entry.Dir.n}/`);
    return [folder + ("File" in entry ? entry.File.n : entry.Symlink.n)];
  });
}

/** JSON at `at`, after its length as 64 bits little-endian. */
function readJson(executable: Uint8Array, bytes: DataView, at: number, begins: string) {
  if (at + 8 > executable.length) return undefined;
  const length = Number(bytes.getBigUint64(at, true));
  if (length > executable.length - at - 8) return undefined;
  const text = new TextDecoder().decode(executable.subarray(at + 8, at + 8 + length));
  if (!text.startsWith(begins)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown, size: 8 + length };
  } catch {
    return undefined;
  }
}

function lastIndexOf(haystack: Uint8Array, needle: Uint8Array, before: number): number {
  for (let at = haystack.lastIndexOf(needle[0]!, before); at >= 0;) {
    if (needle.every((byte, i) => haystack[at + i] === byte)) return at;
    at = at === 0 ? -1 : haystack.lastIndexOf(needle[0]!, at - 1);
  }
  return -1;
}
