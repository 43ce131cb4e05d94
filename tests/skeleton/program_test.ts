import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type ProgramOptions, ROOT, runProgram, sourceCommand, startProgram } from "../program.ts";
import { readConfig } from "./project.ts";

/** Runs `code` in place of `main.ts`. */
async function withEntry<T>(
  code: string,
  use: (command: [string, ...string[]]) => Promise<T>,
): Promise<T> {
  const dir = await Deno.makeTempDir({ prefix: "plexsync-entry-" });
  try {
    const entry = join(dir, "entry.ts");
    await Deno.writeTextFile(entry, code);
    return await use(sourceCommand(entry));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function run(code: string, args: readonly string[] = [], options: ProgramOptions = {}) {
  return withEntry(code, (command) => runProgram(args, options, command));
}

Deno.test("runProgram() returns exit code and both outputs, and feeds standard input", async () => {
  const result = await run(
    `
      console.log(Deno.args.join("|"), await new Response(Deno.stdin.readable).text());
      console.error("oops");
      Deno.exit(3);
    `,
    ["a b", "--json"],
    { stdin: "in" },
  );
  assertEquals(result, { code: 3, stdout: "a b|--json in\n", stderr: "oops\n" });
});

Deno.test("a started program has exactly the permissions of the one set", async () => {
  const { permissions } = await readConfig();
  const { stdout } = await run(`
    const names = ["env", "ffi", "net", "read", "run", "write"] as const;
    for (const name of names) {
      if (Deno.permissions.querySync({ name }).state === "granted") console.log(name);
    }
    for (const kind of ["statfs", "hostname", "uid"] as const) {
      if (Deno.permissions.querySync({ name: "sys", kind }).state === "granted") console.log("sys", kind);
    }
  `);
  const { sys, ...plain } = permissions[Deno.env.get("DENO_SQLITE_PATH") ? "native" : "default"] ??
    {};
  const wanted = [...Object.keys(plain).sort(), ...[sys].flat().map((kind) => `sys ${kind}`)];
  assertEquals(stdout.trim().split("\n"), wanted);
});

Deno.test("a started program sees only the environment it is given, and stands elsewhere", async () => {
  Deno.env.set("PLEXSYNC_LOG_LEVEL", "trace");
  try {
    const { stdout } = await run(
      `console.log(JSON.stringify({ env: Deno.env.toObject(), cwd: Deno.cwd() }))`,
      [],
      { env: { PLEXSYNC_PLEX_URL: "http://127.0.0.1:1" } },
    );
    const { env, cwd } = JSON.parse(stdout);
    const ours = Object.keys(env).filter((name) => name.startsWith("PLEXSYNC_"));
    assertEquals(ours, ["PLEXSYNC_PLEX_URL"]);
    assertNotEquals(env.HOME, Deno.env.get("HOME"));
    assert(!cwd.startsWith(ROOT), cwd);
    await assertRejects(() => Deno.stat(env.HOME), Deno.errors.NotFound);
  } finally {
    Deno.env.delete("PLEXSYNC_LOG_LEVEL");
  }
});

Deno.test({
  name: "kill() ends a program that waits, and its lines are seen as they come",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withEntry('console.log("ready"); setInterval(() => {}, 1000);', async (command) => {
      await using program = await startProgram([], {}, command);
      assertEquals(await program.stdout.line(/^ready$/), "ready");
      program.kill();
      assertEquals((await program.result).code, 128 + 15);
    }),
});

Deno.test("line() rejects with the whole output when no line matches", async () => {
  await withEntry('console.log("one\\ntwo");', async (command) => {
    await using program = await startProgram([], {}, command);
    await assertRejects(() => program.stdout.line("three"), Error, "one\ntwo");
  });
});
