import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { readCompileArgs } from "../../scripts/compile/arguments.ts";
import { startOnce } from "../../scripts/compile/finish.ts";
import { jsrPackages } from "../../scripts/compile/licences.ts";
import { machineOfFile, machineOfTriple } from "../../scripts/compile/machine.ts";
import { cachedLibrary, findLibrary, type Sources } from "../../scripts/compile/sqlite_library.ts";

const LINUX = "x86_64-unknown-linux-gnu";
const WINDOWS = "x86_64-pc-windows-msvc";
const AT = { root: "/project", cwd: "/here", host: LINUX };
const unixTest = Deno.build.os === "windows" ? Deno.test.ignore : Deno.test;

const ARGS: readonly { args: string[]; output?: string; target?: string; start?: boolean }[] = [
  { args: [] },
  { args: ["--no-start"], start: false },
  { args: ["-o", "out/it"], output: "/here/out/it" },
  { args: ["--output=/abs/it"], output: "/abs/it" },
  { args: ["--target", WINDOWS], target: WINDOWS, output: "/project/.build/plexsync.exe" },
  { args: ["--target", WINDOWS, "-o", "it.exe"], target: WINDOWS, output: "/here/it.exe" },
  { args: ["--output", "a=b"], output: "/here/a=b" },
];

for (const { args, output, target = LINUX, start = true } of ARGS) {
  unixTest(`readCompileArgs() takes "${args.join(" ")}"`, () => {
    assertEquals(readCompileArgs(args, AT), {
      output: output ?? "/project/.build/plexsync",
      target,
      start,
      sqliteLib: undefined,
    });
  });
}

unixTest("readCompileArgs() takes a library relative to where the user stands", () => {
  assertEquals(readCompileArgs(["--sqlite-lib", "a.so"], AT).sqliteLib, "/here/a.so");
});

Deno.test("readCompileArgs() refuses what it does not know, and a flag without its value", () => {
  for (const args of [["--start"], ["file"], ["--output"], ["--target="]]) {
    assertThrows(() => readCompileArgs(args, AT), RangeError, "Cannot compile: ");
  }
});

/** The first bytes of a file for a machine. */
function header(kind: "elf" | "macho" | "pe", machine: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(0x100));
  if (kind === "elf") {
    view.setUint32(0, 0x7f454c46);
    view.setUint16(0x12, machine, true);
  } else if (kind === "macho") {
    view.setUint32(0, 0xfeedfacf, true);
    view.setUint32(4, machine, true);
  } else {
    view.setUint16(0, 0x4d5a);
    view.setUint32(0x3c, 0x80, true);
    view.setUint32(0x80, 0x50450000);
    view.setUint16(0x84, machine, true);
  }
  return new Uint8Array(view.buffer);
}

const FILES = [
  { bytes: header("elf", 0x3e), triple: LINUX },
  { bytes: header("elf", 0xb7), triple: "aarch64-unknown-linux-gnu" },
  { bytes: header("macho", 0x01000007), triple: "x86_64-apple-darwin" },
  { bytes: header("macho", 0x0100000c), triple: "aarch64-apple-darwin" },
  { bytes: header("pe", 0x8664), triple: WINDOWS },
  { bytes: header("pe", 0xaa64), triple: "aarch64-pc-windows-msvc" },
];

for (const { bytes, triple } of FILES) {
  Deno.test(`machineOfFile() knows a file for ${triple}`, () => {
    const machine = machineOfTriple(triple);
    assert(machine !== undefined);
    assertEquals(machineOfFile(bytes), machine);
  });
}

Deno.test("machineOfFile() knows no machine for other files", async () => {
  for (const bytes of [new Uint8Array(), new Uint8Array(0x100), header("elf", 0x28)]) {
    assertEquals(machineOfFile(bytes), undefined);
  }
  const here = machineOfFile(await Deno.readFile(Deno.execPath()));
  assertEquals(here, machineOfTriple(Deno.build.target));
});

const STARTS: readonly { when: string; script: string; fails?: RegExp }[] = [
  { when: "it says its version", script: "echo 'plexsync 1.2.3 (Deno 9)'" },
  {
    when: "it says another",
    script: "echo 'plexsync 1.2.4'",
    fails: /it says "plexsync 1\.2\.4"$/,
  },
  { when: "it says nothing", script: "exit 1", fails: /it says "nothing"$/ },
];

for (const { when, script, fails } of STARTS) {
  unixTest(`startOnce() ${fails ? "fails" : "is content"} when ${when}`, async () => {
    const file = await Deno.makeTempFile({ prefix: "plexsync-start-" });
    try {
      await Deno.writeTextFile(file, `#!/bin/sh\n${script}\n`);
      await Deno.chmod(file, 0o700);
      const started = startOnce(file, "plexsync 1.2.3 (");
      if (fails) assertMatch((await assertRejects(() => started, Error)).message, fails);
      else await started;
    } finally {
      await Deno.remove(file);
    }
  });
}

Deno.test("findLibrary() takes the named library, then the environment's, then the cache's", async () => {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-lib-" });
  const machine = { os: "linux", arch: "x86_64" } as const;
  try {
    const at = (name: string) => join(folder, name);
    const named = at("named.so");
    const fromEnvironment = at("environment.so");
    const url = "/denodrivers/sqlite3/releases/download/0.13.0/libsqlite3.so";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url));
    const cache = at("plug/https/github.com");
    await Deno.mkdir(cache, { recursive: true });
    const cached = join(cache, `${new Uint8Array(digest).toHex()}.so`);
    const bytes = header("elf", 0x3e);
    for (const path of [named, fromEnvironment, cached]) await Deno.writeFile(path, bytes);
    await Deno.writeFile(at("arm.so"), header("elf", 0xb7));

    const all = { named, fromEnvironment, version: "0.13.0", denoDir: folder };
    const from = async (sources: Partial<Sources>) => {
      const found = await findLibrary({ ...all, ...sources }, machine);
      return "from" in found ? found.from : found.why;
    };
    assertEquals(await from({}), named);
    assertEquals(await from({ named: undefined }), fromEnvironment);
    const elsewhere = { named: undefined, fromEnvironment: undefined };
    assertEquals(await from(elsewhere), "@db/sqlite's cache");
    assertEquals(
      await from({ named: undefined, fromEnvironment: at("arm.so") }),
      "@db/sqlite's cache",
    );
    assertEquals(await from({ ...elsewhere, version: undefined }), "this @db/sqlite is no release");
    assertEquals(await cachedLibrary(folder, "0.13.0", machine), cached);

    // What was named is not replaced by anything else.
    await assertRejects(() => from({ named: at("arm.so") }), Error, "it is for linux aarch64");
    await assertRejects(() => from({ named: at("lost.so") }), Error, "it cannot be read");
    await assertRejects(() => from({ named: undefined, fromEnvironment: at("lost.so") }), Error);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const SPECIFIERS: readonly {
  when: string;
  modules: string[][];
  want: [string, string | null][];
}[] = [
  {
    when: "from JSR, with their versions",
    modules: [["file:///p/main.ts", "@std/cli"], ["https://jsr.io/@std/cli/1.0.2/mod.ts"]],
    want: [["@std/cli", "1.0.2"]],
  },
  {
    when: "from elsewhere, without",
    modules: [["file:///p/main.ts", "@std/cli/parse-args"], ["file:///q/a.ts", "jsr:@std/path@^1"]],
    want: [["@std/cli", null], ["@std/path", null]],
  },
  {
    when: "not where the stand-ins are in use",
    modules: [["file:///p/main.ts", "@std/cli"], ["file:///p/scripts/offline/sqlite.ts"]],
    want: [],
  },
];

for (const { when, modules, want } of SPECIFIERS) {
  Deno.test(`jsrPackages() finds packages ${when}`, () => {
    const info = {
      npmPackages: {},
      modules: modules.map(([specifier = "", ...names]) => ({
        specifier,
        dependencies: names.map((name) => ({ specifier: name })),
      })),
    };
    assertEquals([...jsrPackages(info)], want);
  });
}
