import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { isOlder, OLDEST_DENO } from "../../scripts/oldest_deno.ts";
import { ROOT } from "../program.ts";
import { ProgramOutput } from "../program_output.ts";
import { Scratch, withoutNpm } from "./scratch.ts";

const ECHO = `
  const stdin = await new Response(Deno.stdin.readable).text();
  console.log(JSON.stringify({ args: Deno.args, stdin, cwd: Deno.cwd() }));
  Deno.exit(3);
`;

const WAIT = `
  Deno.addSignalListener("SIGTERM", () => Deno.exit(7));
  console.log("ready");
  setInterval(() => {}, 1000);
`;

const MIXED = `
  import { assertEquals } from "@std/assert";
  Deno.test("good", () => assertEquals(1, 1));
  Deno.test("bad", () => assertEquals(1, 2));
  Deno.test.ignore("left out", () => {});
`;

Deno.test("task plexsync passes arguments, input, exit code; stdout is the program's alone", async () => {
  await using scratch = await Scratch.create({ "main.ts": ECHO });
  const args = ["status", "--json", "a b", "--", "-x"];
  const { code, stdout, stderr } = await scratch.run(["plexsync", ...args], { stdin: "in\n" });
  assertEquals(code, 3);
  const cwd = await Deno.realPath(scratch.dir);
  assertEquals(stdout, JSON.stringify({ args, stdin: "in\n", cwd }) + "\n");
  assertEquals(stderr, ["imports: offline stand-ins (PLEXSYNC_IMPORTS)"]);
});

Deno.test({
  name: "task plexsync passes on SIGTERM and returns the program's exit code",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using scratch = await Scratch.create({ "main.ts": WAIT });
    const child = scratch.command(["plexsync"]).spawn();
    await child.stdin.close();
    const outputs = [new ProgramOutput(child.stdout), new ProgramOutput(child.stderr)] as const;
    await outputs[0].line("ready");
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 7);
    await Promise.all(outputs.map(({ text }) => text));
  },
});

Deno.test("task test ends with what it counted, and keeps the exit code", async () => {
  await using scratch = await Scratch.create({ "main.ts": ECHO, "tests/mixed_test.ts": MIXED });
  const { code, stdout } = await scratch.run(["test"]);
  assertEquals(stdout.trimEnd().split("\n").at(-1), "1 passed, 1 failed, 1 skipped");
  assertEquals(code, 1);
});

Deno.test("task test passes its arguments on", async () => {
  await using scratch = await Scratch.create({
    "main.ts": ECHO,
    "tests/mixed_test.ts": MIXED,
    "tests/other_test.ts": 'Deno.test("good too", () => {});',
  });
  const { code, stdout } = await scratch.run(["test", "tests/mixed_test.ts", "--filter", "good"]);
  assertEquals(stdout.trimEnd().split("\n").at(-1), "1 passed, 0 failed");
  assertEquals(code, 0);
});

Deno.test("task test claims nothing when a module does not load", async () => {
  await using scratch = await Scratch.create({
    "main.ts": ECHO,
    "tests/good_test.ts": 'Deno.test("good", () => {});',
    "tests/lost_test.ts": 'import "./nowhere.ts";',
  });
  const { code, stdout } = await scratch.run(["test"]);
  assert(code !== 0);
  assert(!/\d+ passed/.test(stdout), stdout);
});

Deno.test("with the stand-ins the tasks leave deno.lock as it is", async () => {
  await using scratch = await Scratch.create({
    "main.ts": "export {};",
    "tests/good_test.ts": 'import { z } from "zod";\nDeno.test("good", () => void z.string());',
  });
  for (const task of ["plexsync", "check", "test"]) {
    assertEquals((await scratch.run([task])).code, 0, task);
  }
  assertEquals(await scratch.read("deno.lock"), await Deno.readTextFile(join(ROOT, "deno.lock")));
});

Deno.test("a wrong PLEXSYNC_IMPORTS is an error that says what is allowed", async () => {
  await using scratch = await Scratch.create({ "main.ts": ECHO });
  const { code, stdout, stderr } = await scratch.run(["plexsync"], {
    env: { PLEXSYNC_IMPORTS: "ofline" },
  });
  assertEquals([code, stdout, stderr.length], [1, "", 1]);
  assertMatch(stderr.join(), /PLEXSYNC_IMPORTS: it must be "jsr", "offline" or .* "ofline"$/);
});

Deno.test("task compile without a runtime base fails with one line that names DENORT_BIN", async () => {
  await using scratch = await Scratch.create({ ...await withoutNpm(), "main.ts": "export {};" });
  // A proxy that refuses: the base must be out of reach on every machine that runs this.
  const env = { HTTPS_PROXY: "http://127.0.0.1:1", DENO_DIR: join(scratch.dir, "cache") };
  const { code, stdout, stderr } = await scratch.run(["compile"], { env });
  assertEquals([code, stdout], [1, ""]);
  assertEquals(stderr.length, 2, stderr.join("\n"));
  assertStringIncludes(stderr[1] ?? "", "set DENORT_BIN");
});

Deno.test("task compile puts the executable where it is told to", async () => {
  const files = {
    "main.ts": "export {};",
    "src/cli/help/x.md": "# A chapter, packed with it\n",
    "src/http/page/assets/x.css": "",
  };
  await using scratch = await Scratch.create(files);
  const env = { DENORT_BIN: Deno.execPath() };
  const args = ["compile", "--output", "out/it", "--no-start"];
  const { code, stderr } = await scratch.run(args, { env });
  assertEquals(code, 0, stderr.join("\n"));
  const made = join(scratch.dir, "out", "it");
  assert((await Deno.stat(made)).size > 0);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(made)));
  assertEquals(await Deno.readTextFile(`${made}.sha256`), `${digest.toHex()}  it\n`);
  assertEquals(await namesIn(join(scratch.dir, "out")), ["it", "it.sha256"]);
  assertEquals(stderr.slice(-2), [
    "SQLite: node:sqlite, for no library of @db/sqlite is embedded " +
    "(the stand-ins have no @db/sqlite)",
    `Compiled ${await Deno.realPath(made)} with offline stand-ins, not started`,
  ]);
});

const DEAD: readonly { base: string; says: RegExp }[] = [
  { base: "/nowhere/denort", says: /DENORT_BIN names "\/nowhere\/denort", and there is no such/ },
  { base: join(ROOT, "deno.json"), says: /DENORT_BIN .* must be an executable for .* no known/ },
  // Deno itself can carry the program and then does not look at it.
  { base: Deno.execPath(), says: /Cannot start what was compiled: it must say "plexsync / },
];

Deno.test("task compile leaves nothing where its result would not start", async () => {
  const files = {
    "main.ts": "export {};",
    "src/cli/program.ts": "export {};",
    "src/cli/help/x.md": "# A chapter, packed with it\n",
    "src/http/page/assets/x.css": "",
    "out/it": "old",
  };
  await using scratch = await Scratch.create(files);
  for (const { base, says } of DEAD) {
    const { code, stderr } = await scratch.run(["compile", "--output", "out/it"], {
      env: { DENORT_BIN: base },
    });
    assertEquals(code, 1);
    assertMatch(stderr.at(-1) ?? "", says);
    assertEquals(await namesIn(join(scratch.dir, "out")), ["it"]);
    assertEquals(await scratch.read("out/it"), "old");
  }
});

Deno.test("a task says which Deno it needs to one that is too old", async () => {
  const oldest = await Deno.readTextFile(join(ROOT, "scripts", "oldest_deno.ts"));
  await using scratch = await Scratch.create({
    "main.ts": ECHO,
    "scripts/oldest_deno.ts": oldest.replace(`"${OLDEST_DENO}"`, '"999.1.0"'),
  });
  const { code, stdout, stderr } = await scratch.run(["plexsync"]);
  const said = `error: The oldest Deno that works is 999.1.0, this is ${Deno.version.deno}`;
  assertEquals([code, stdout, stderr], [1, "", [said]]);
});

const VERSIONS: readonly [a: string, b: string, older: boolean][] = [
  ["2.8.3", "2.9.0", true],
  ["2.10.0", "2.9.0", false],
  ["2.9.0", "2.9.0", false],
  ["1.99.99", "2.0.0", true],
  ["2.9.0-rc.1", "2.9.0", false],
  ["2.9.0+abc", "2.9.1", true],
];

for (const [a, b, older] of VERSIONS) {
  Deno.test(`isOlder() of ${a} and ${b} is ${older}`, () => assertEquals(isOlder(a, b), older));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}
