import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { prepareCompile } from "../../scripts/compile.ts";
import { MEMORY_FLAGS } from "../../scripts/program_flags.ts";
import type { Licence } from "../../scripts/compile/licences.ts";
import { digestLine } from "../../scripts/compile/finish.ts";
import { CHAPTERS } from "../../src/cli/manual/chapters.ts";
import { currentImports, denoDir, ROOT } from "../program.ts";
import { type Packed, readPacked } from "./packed.ts";
import { readConfig, sourceFiles } from "./project.ts";

// An import map outside of the project makes the folder of both the root of what is packed, which
// is for its owner to know.
const test = ["jsr", "offline"].includes(currentImports().value) ? Deno.test : Deno.test.ignore;

// Packing takes no download with a stand-in for the runtime base: any executable will do, such as
// this Deno. The result cannot run, but what was packed into it can be read.
interface PackedTwice extends Packed {
  readonly digests: readonly string[];
}

let packing: Promise<PackedTwice> | undefined;

function pack(): Promise<PackedTwice> {
  packing ??= (async () => {
    const dir = await Deno.makeTempDir({ prefix: "plexsync-pack-" });
    try {
      // Twice, under two folders: what the same tree gives must not depend on when and where.
      const outputs = ["a", "b"].map((name) => join(dir, name, "plexsync"));
      const digests: string[] = [];
      for (const output of outputs) {
        const { flags, folder } = await prepareCompile(ROOT, currentImports(), {
          target: Deno.build.target,
          sqliteLib: undefined,
        });
        const { code, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [...flags, "--output", output, "main.ts"],
          cwd: folder,
          env: { DENORT_BIN: Deno.execPath() },
        }).output();
        assertEquals(code, 0, new TextDecoder().decode(stderr));
        digests.push((await digestLine(output)).split(" ")[0]!);
      }
      return { ...readPacked(await Deno.readFile(outputs[0]!)), digests };
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  })();
  return packing;
}

test("the executable starts main.ts with no arguments of its own", async () => {
  const { metadata } = await pack();
  assertEquals([metadata.entrypoint_key, metadata.argv], ["main.ts", []]);
});

test("the same tree gives the same bytes", async () => {
  const { digests } = await pack();
  assertEquals(digests[0], digests[1]);
});

test("the executable loads no bytecode from outside of it", async () => {
  assertEquals((await pack()).metadata.code_cache_key, null);
});

test("the executable keeps little garbage", async () => {
  // Deno puts some of its own before them.
  assertEquals((await pack()).metadata.v8_flags.slice(-MEMORY_FLAGS.length), MEMORY_FLAGS);
});

test("the executable has the permissions of its set, and asks for no others", async () => {
  const [{ metadata, files }, { permissions }] = await Promise.all([pack(), readConfig()]);
  // FFI is for the embedded library alone.
  const library = files.some((path) => path.startsWith("embedded/sqlite3."));
  const want: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(permissions[library ? "native" : "default"] ?? {})) {
    want[`allow_${name}`] = value === true ? [] : value;
  }
  const { prompt, ...packed } = metadata.permissions;
  // What Deno may import from is its own default, and this program imports nothing at run time.
  const granted = Object.entries(packed).filter(([name, value]) =>
    value !== null && name !== "allow_import"
  );
  assertEquals(Object.fromEntries(granted), want);
  assertEquals(prompt, false);
});

test("the executable holds every module of the source, also those loaded lazily", async () => {
  const [{ files }, modules] = await Promise.all([pack(), sourceFiles(["main.ts", "src"])]);
  const missing: string[] = [];
  for (const path of modules) {
    // A file of nothing but types leaves no code behind.
    const hasCode = /^export (?!type|interface)|^(const|await) /m.test(
      await Deno.readTextFile(join(ROOT, path)),
    );
    if (hasCode && !files.includes(path)) missing.push(path);
  }
  assertEquals(missing, []);
});

test("the executable holds every chapter of the documentation", async () => {
  const { files } = await pack();
  const missing = Object.keys(CHAPTERS).map((name) => `src/cli/help/${name}.md`)
    .filter((path) => !files.includes(path));
  assertEquals(missing, []);
});

test("the executable holds no test, no simulated server, no script, no unused package", async () => {
  const { files } = await pack();
  const foreign = files.filter((path) =>
    /(^|\/)(tests?|__tests__|bench)\//.test(path) || /_test\.ts$/.test(path) ||
    /^scripts\/(?!offline\/)/.test(path) ||
    /\/(fast-check|fast-xml-parser|graphql)\//.test(path)
  );
  assertEquals(foreign, []);
});

test("the executable holds the packages that the source imports", async () => {
  const { files } = await pack();
  const missing = ["smol-toml", "ws", "eventsource-parser", "hono"].filter((name) =>
    !files.some((path) => path.includes(`/${name}/`))
  );
  assertEquals(missing, []);
});

test("the executable holds the licences of all that is in it", async () => {
  const { files, text } = await pack();
  assert(files.includes("embedded/licences.json"));
  const packages = new Set(
    files.flatMap((path) =>
      /^\.deno_compile_node_modules\/localhost\/(.+?)\/\d/.exec(path)?.[1] ?? []
    ),
  );
  const jsr = currentImports().value === "jsr" ? ["@db/sqlite", "@std/cli", "@std/log"] : [];
  const licences = licencesIn(text);
  for (const name of ["plexsync", "Deno", "V8", "SQLite", ...jsr, ...packages]) {
    const found = licences.find((part) => part.name === name);
    assert(found !== undefined && found.licence !== "" && found.text.length > 200, name);
  }
});

test("the executable names no path of the machine that built it", async () => {
  const { text } = await pack();
  const cache = (await denoDir()).replaceAll("\\", "/");
  assertEquals([ROOT, cache].filter((path) => text.includes(path)), []);
});

/** Packed as one line of JSON. */
function licencesIn(text: string): Licence[] {
  const at = text.indexOf('[{"name":"plexsync"');
  return JSON.parse(text.slice(at, text.indexOf('"}]', at) + 3));
}
