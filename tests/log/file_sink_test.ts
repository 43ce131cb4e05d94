import { assertEquals, assertThrows } from "@std/assert";
import { type FileSinkOptions, openFileSink } from "../../src/log/file_sink.ts";
import { writeAll } from "../../src/log/write_all.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Writes the lines one by one and returns what every file then holds, by name. */
async function filesAfter(
  lines: string[],
  options: Omit<FileSinkOptions, "path">,
  before?: string,
): Promise<Record<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/plexsync.log`;
    if (before !== undefined) await Deno.writeTextFile(path, before, { mode: 0o644 });
    const sink = openFileSink({ path, ...options });
    for (const line of lines) sink.write(bytes(line));
    sink.close();
    const found: Record<string, string> = {};
    for await (const { name } of Deno.readDir(folder)) {
      found[name] = await Deno.readTextFile(`${folder}/${name}`);
      const { mode } = await Deno.stat(`${folder}/${name}`);
      if (mode !== null) assertEquals(mode & 0o777, 0o600, name);
    }
    return found;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openFileSink() appends to what is there, and closes it to others", async () => {
  assertEquals(await filesAfter(["b\n", "c\n"], {}, "a\n"), { "plexsync.log": "a\nb\nc\n" });
});

Deno.test("openFileSink() starts a new file before one grows too large, and keeps few", async () => {
  const lines = ["1111\n", "2222\n", "3333\n", "4444\n", "5555\n", "6666\n", "7777\n"];
  assertEquals(await filesAfter(lines, { maxBytes: 10, keep: 2 }), {
    "plexsync.log": "7777\n",
    "plexsync.log.1": "5555\n6666\n",
    "plexsync.log.2": "3333\n4444\n",
  });
});

Deno.test("openFileSink() counts what an earlier run left, and can keep nothing", async () => {
  assertEquals(await filesAfter(["b\n"], { maxBytes: 10, keep: 1 }, "123456789\n"), {
    "plexsync.log": "b\n",
    "plexsync.log.1": "123456789\n",
  });
  assertEquals(await filesAfter(["b\n"], { maxBytes: 10, keep: 0 }, "123456789\n"), {
    "plexsync.log": "b\n",
  });
});

Deno.test("openFileSink() writes a line that is larger than the limit", async () => {
  assertEquals(await filesAfter(["too long\n"], { maxBytes: 3 }), { "plexsync.log": "too long\n" });
});

Deno.test("writeAll() writes the rest after a part, and gives up when nothing is taken", () => {
  const taken: number[] = [];
  const inParts = {
    writeSync: (part: Uint8Array) => (taken.push(part.length), Math.min(2, part.length)),
  };
  assertEquals(writeAll(inParts, bytes("12345")), 5);
  assertEquals(taken, [5, 3, 1]);
  assertThrows(() => writeAll({ writeSync: () => 0 }, bytes("1")), Error, "no more bytes");
});
