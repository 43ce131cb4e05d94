import { crc32 } from "node:zlib";

/** A file in an archive. */
export interface Entry {
  name: string;
  bytes: Uint8Array;
}

/** 1 January 1980, as old as a file in an archive can be: the same files make the same bytes. */
const DATE = 0x21;
const UTF8 = 0x0800;
const VERSION = 20;

/** A ZIP archive of a few small files, as they are. */
export function zipOf(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const put = (...chunks: Uint8Array[]) => {
    parts.push(...chunks);
    at += chunks.reduce((sum, { length }) => sum + length, 0);
  };
  for (const { name, bytes } of entries) {
    const path = new TextEncoder().encode(name);
    const size = bytes.length;
    const facts = [
      ...[VERSION, UTF8, 0, 0, DATE].map(u16),
      ...[crc32(bytes), size, size].map(u32),
      u16(path.length),
      u16(0),
    ];
    const unset = [u16(0), u16(0), u16(0), u32(0)];
    directory.push(u32(0x02014b50), u16(VERSION), ...facts, ...unset, u32(at), path);
    put(u32(0x04034b50), ...facts, path, bytes);
  }
  const start = at;
  put(...directory);
  const counts = [u16(entries.length), u16(entries.length)];
  put(u32(0x06054b50), u16(0), u16(0), ...counts, u32(at - start), u32(start), u16(0));
  const all = new Uint8Array(at);
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

function u16(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(2));
  view.setUint16(0, value, true);
  return new Uint8Array(view.buffer);
}

function u32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return new Uint8Array(view.buffer);
}
