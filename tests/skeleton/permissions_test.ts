import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { withWorld } from "../e2e/world.ts";
import { currentImports, ROOT, runProgram } from "../program.ts";
import { readConfig } from "./project.ts";

type Permissions = Readonly<Record<string, true | readonly string[]>>;

/** What breaks without a permission: a command that ends with 0 where it is given. */
interface Need {
  readonly args: readonly string[];
  /** What is said without it. */
  readonly says: RegExp;
  /** What is run instead of the program. */
  readonly code?: string;
}

const NEEDS: Readonly<Record<string, Need>> = {
  env: { args: ["version"], says: /Requires env access/ },
  read: { args: ["config", "check"], says: /Requires read access/ },
  write: { args: ["run", "--once"], says: /Requires write access/ },
  net: { args: ["config", "check", "--online"], says: /Requires net access/ },
  // The program goes on without an answer, so here the one call is made that it makes.
  sys: {
    args: [],
    says: /Requires sys access to "statfs"/,
    code: 'import { statfsSync } from "node:fs"; statfsSync(".");',
  },
  ffi: { args: ["run", "--once"], says: /Cannot load the SQLite library .*: Requires ffi access/ },
};

Deno.test("for each permission of the program it is known what breaks without it", async () => {
  const { permissions } = await readConfig();
  assertEquals(Object.keys(permissions.native ?? {}).sort(), Object.keys(NEEDS).sort());
  const chapter = await Deno.readTextFile(join(ROOT, "src/cli/help/security.md"));
  for (const name of Object.keys(NEEDS)) {
    assertMatch(chapter, new RegExp(`^\\| \`${name}\` +\\| `, "m"));
  }
});

/** Where one is named, all that opens the database needs FFI too. */
const library = Boolean(Deno.env.get("DENO_SQLITE_PATH"));

for (const [name, need] of Object.entries(NEEDS)) {
  const ignore = name === "ffi" && !library;
  Deno.test({
    name: `the program needs the permission ${name}${ignore ? " (no library here)" : ""}`,
    ignore,
    fn: () =>
      withWorld({}, async (world) => {
        const { permissions } = await readConfig();
        const all: Permissions = permissions[library ? "native" : "default"] ?? {};
        const { [name]: _, ...fewer } = all;
        // Without it first: afterwards there may be a database.
        const without = await run(need, fewer, world.dataDir);
        assert(without.code !== 0, JSON.stringify(without));
        assertMatch(without.stdout + without.stderr, need.says);
        const given = await run(need, all, world.dataDir);
        assertEquals(given.code, 0, given.stdout + given.stderr);
      }),
  });
}

async function run({ args, code }: Need, permissions: Permissions, dataDir: string) {
  const flags = Object.entries(permissions).map(([name, value]) =>
    value === true ? `--allow-${name}` : `--allow-${name}=${value.join(",")}`
  );
  const entry = code === undefined
    ? join(ROOT, "main.ts")
    : `data:text/typescript,${encodeURIComponent(code)}`;
  const config = `--config=${join(ROOT, "deno.json")}`;
  const own = ["run", "-q", config, "--no-prompt", ...flags, ...currentImports().flags, entry];
  const given = code === undefined ? [...args, "--data-dir", dataDir] : args;
  return await runProgram(given, {}, [Deno.execPath(), ...own]);
}
