import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { readDemoArgs } from "../scripts/demo/arguments.ts";
import { type Figures, problemOf, syncedOf } from "../scripts/demo/figures.ts";
import { runDemo, withDemo } from "./demo_program.ts";
import { runProgram } from "./program.ts";
import { generateLibrary } from "./sim/library.ts";
import { type SimItemView, startSimPlex } from "./sim/plex/server.ts";
import { startSimStash } from "./sim/stash/server.ts";

const FAST = ["--plex-latency", "0"];

Deno.test("the demo ends with figures that its data directory, kept with --keep, confirms", async () => {
  await withDemo(["--json", "--keep", ...FAST], async ({ program }) => {
    const { code, stdout, stderr } = await program.result;
    assertEquals(code, 0, stderr);
    const { stats, ...figures } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    assertEquals(figures, { scenes: 20, synced: 17, waiting: 2, dead: 1 });

    const dataDir = /^Data directory, kept: (.+)$/m.exec(stdout)![1]!;
    const ask = async (...args: string[]) => {
      const result = await runProgram([...args, "--json", "--data-dir", dataDir]);
      assertEquals(result.code, 0, result.stderr);
      return JSON.parse(result.stdout);
    };
    const kept = await ask("--stats");
    assertEquals(stats.jobs_processed, kept.jobs_processed);
    assertEquals(stats.errors_by_type, kept.errors_by_type);
    assertEquals((await ask("queue", "list")).length, figures.waiting);
    assertEquals((await ask("dead", "list")).length, figures.dead);
  });
});

Deno.test("the demo leaves nothing behind, and no colour code in a pipe", async () => {
  const { code, stdout, stderr, left } = await runDemo(FAST);
  assertEquals(code, 0, stderr);
  assertEquals(left, []);
  assert(!(stdout + stderr).includes("\x1b"), stdout + stderr);
  assertMatch(stdout, /^Item \d+ in Plex has the title "Renamed while plexsync runs" after/m);
  assertMatch(
    stdout,
    /\n20 scenes: 17 synced, 2 waiting for Plex, 1 dead letter \(\d+\.\d s\)\n$/,
  );
});

Deno.test({
  name: "a demo that is interrupted ends its daemon and removes its data directory",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withDemo([], async ({ program, temp }) => {
      await program.stderr.line("Written 5 of 20");
      const folder = [...Deno.readDirSync(temp)].find(({ name }) =>
        name.startsWith("plexsync-demo-")
      )!;
      const lock = Deno.readTextFileSync(`${temp}/${folder.name}/plexsync.lock`);
      const { pid } = JSON.parse(lock);
      program.kill("SIGINT");
      const { code, stderr } = await program.result;
      assertEquals(code, 130);
      assert(!stderr.includes("error"), stderr);
      assertEquals([...Deno.readDirSync(temp)], []);
      // A signal that does nothing to a living process.
      assertThrows(() => Deno.kill(pid, "SIGCONT"));
    }),
});

Deno.test("a program that fails is a failed demo that says which command it was", async () => {
  // Deno itself has no such command.
  const { code, stdout, stderr, left } = await runDemo(FAST, { PLEXSYNC_BIN: Deno.execPath() });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "error: plexsync sync --all --yes ended with exit code 1");
  assert(!stdout.includes("synced"), stdout);
  assertEquals(left, []);
});

Deno.test("syncedOf() counts an item only when it was written and says what Stash says", async () => {
  const file = { path: "/data/a.mp4", size: 1, duration: 1 };
  await using servers = new AsyncDisposableStack();
  const stash = await startSimStash({
    scenes: [{ id: 1, title: "A", studio: "S", performers: ["P"], tags: ["t"], files: [file] }],
  });
  servers.defer(() => stash.close());
  const plex = await startSimPlex({ items: [{ files: [{ path: file.path }] }] });
  servers.defer(() => plex.close());
  const [item] = plex.items();
  const good: SimItemView = {
    ...item!,
    title: "A",
    studio: "S",
    actors: ["P"],
    genres: ["T"],
    locked: ["title"],
    poster: "0",
  };
  const count = (change: Partial<SimItemView>) =>
    syncedOf(stash.scenes(), [{ ...good, ...change }]).length;
  assertEquals(count({}), 1);
  assertEquals(count({ locked: [] }), 0);
  assertEquals(count({ title: "B" }), 0);
  assertEquals(count({ studio: null }), 0);
  assertEquals(count({ actors: [] }), 0);
  assertEquals(count({ genres: ["T", "U"] }), 0);
  assertEquals(count({ poster: null }), 0);
  assertEquals(count({ files: ["/data/b.mp4"] }), 0);
});

Deno.test("problemOf() names the figures when they are not what the library asks for", () => {
  const library = generateLibrary({ scenes: 20, seed: 1, missingPercent: 10, ambiguous: 1 });
  const good: Figures = { scenes: 20, synced: 17, waiting: 2, dead: 1, stats: {} };
  assertEquals(problemOf(good, library), undefined);
  for (const name of ["scenes", "synced", "waiting", "dead"] as const) {
    assertStringIncludes(
      problemOf({ ...good, [name]: good[name] - 1 }, library) ?? "",
      `they are ${JSON.stringify({ ...good, [name]: good[name] - 1, stats: undefined })}`,
    );
  }
});

Deno.test("readDemoArgs() takes the flags of the help and refuses all else", () => {
  const args = { json: false, keep: false, plexLatencyMs: 60 };
  const cases: [string[], ReturnType<typeof readDemoArgs>][] = [
    [[], { kind: "run", args }],
    [["--json", "--keep"], { kind: "run", args: { ...args, json: true, keep: true } }],
    [["--plex-latency", "5"], { kind: "run", args: { ...args, plexLatencyMs: 5 } }],
    [["--help", "--json"], { kind: "help" }],
    [["--kepp"], { kind: "bad", message: "unknown argument --kepp" }],
    [["now"], { kind: "bad", message: "unknown argument now" }],
    [["--plex-latency", "2000"], {
      kind: "bad",
      message: '--plex-latency must be from 0 to 1000: it is "2000"',
    }],
  ];
  for (const [argv, want] of cases) assertEquals(readDemoArgs(argv), want, argv.join(" "));
});
