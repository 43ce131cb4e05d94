import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { prepareCompile } from "../../scripts/compile.ts";
import { currentImports, denoDir, ROOT } from "../program.ts";
import { type Packed, readPacked } from "./packed.ts";
import { readConfig, sourceFiles } from "./project.ts";

// An import map outside of the project makes the folder of both the root of what is packed, which
// is for its owner to know.
const test = ["jsr", "offline"].includes(currentImports().value) ? Deno.test : Deno.test.ignore;

// Packing takes no download with a stand-in for the runtime base: any executable will do, such as
// this Deno. The result cannot run, but what was packed into it can be read.
let packing: Promise<Packed> | undefined;

function pack(): Promise<Packed> {
  packing ??= (async () => {
    const dir = await Deno.makeTempDir({ prefix: "plexsync-pack-" });
    try {
      const output = join(dir, "plexsync");
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: await prepareCompile(ROOT, currentImports(), { output, passed: [] }),
        cwd: ROOT,
        env: { DENORT_BIN: Deno.execPath() },
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      return readPacked(await Deno.readFile(output));
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

test("the executable has the permissions of the one set, and asks for no others", async () => {
  const [{ metadata }, { permissions }] = await Promise.all([pack(), readConfig()]);
  const want: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(permissions.default ?? {})) {
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
  const missing = ["smol-toml", "ws", "eventsource-parser"].filter((name) =>
    !files.some((path) => path.includes(`/${name}/`))
  );
  assertEquals(missing, []);
});

test("the executable holds the licences of the packages in it", async () => {
  const { files, text } = await pack();
  assert(files.includes(".build/licences.md"));
  const packages = new Set(
    files.flatMap((path) =>
      /^\.deno_compile_node_modules\/localhost\/(.+?)\/\d/.exec(path)?.[1] ?? []
    ),
  );
  for (const name of packages) assertStringIncludes(text, `\n## ${name} `);
});

test("the executable names no path of the machine that built it", async () => {
  const { text } = await pack();
  const cache = (await denoDir()).replaceAll("\\", "/");
  assertEquals([ROOT, cache].filter((path) => text.includes(path)), []);
});
