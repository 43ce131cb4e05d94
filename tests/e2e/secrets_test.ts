import { assert, assertEquals } from "@std/assert";
import { IMPATIENT } from "./fault_case.ts";
import { proveRows } from "./rows.ts";
import { withWorld, type World } from "./world.ts";

const TOKEN = "canary-plex-9f3kQz71";
const KEY = "canary.stash.eyJhbGciOi-55";

/** Every command, in an order in which each finds something to say. */
const COMMANDS: readonly string[][] = [
  ["sync", "--all", "--yes"],
  ["plan", "--all"],
  ["run", "--once"],
  ["sync", "--recent", "24h"],
  ["status"],
  ["stats"],
  ["--stats"],
  ["queue", "list"],
  ["dead", "list"],
  ["dead", "show", "1"],
  ["dead", "retry", "--all"],
  ["config", "show"],
  ["config", "check", "--online"],
];

interface Spoiled {
  when: string;
  spoil(world: World): void | Promise<void>;
}

/** Servers that say the secrets back, and some that are merely in bad shape. */
const SITUATIONS: readonly Spoiled[] = [
  { when: "all is well", spoil: () => {} },
  {
    when: "both servers print their secret in errors",
    spoil(world) {
      const item = "^/library/metadata/2\\b|[?&]id=2\\b";
      world.plex.setFaults([{ path: item, status: 500, body: `<html>token ${TOKEN}</html>` }]);
      world.stash.setFaults([{ path: "/scene/3/screenshot", status: 403, body: `key ${KEY}` }]);
    },
  },
  {
    when: "Stash repeats the key in a GraphQL error",
    spoil(world) {
      const body = JSON.stringify({ errors: [{ message: `bad key ${KEY}` }], data: null });
      world.stash.setFaults([{ path: "graphql", body, content_type: "application/json" }]);
    },
  },
  {
    when: "Plex refuses the token",
    spoil: (world) => world.plex.setFaults([{ path: ".", status: 401, body: `no: ${TOKEN}` }]),
  },
  { when: "Plex is gone", spoil: (world) => world.plex.close() },
  { when: "Stash is gone", spoil: (world) => world.stash.close() },
];

function assertClean(where: string, text: string) {
  for (const secret of [TOKEN, KEY]) {
    for (const form of [secret, encodeURIComponent(secret), btoa(secret).replace(/=+$/, "")]) {
      assert(!text.includes(form), `${where} holds a secret:\n${text.slice(0, 2_000)}`);
    }
  }
}

/** Raw bytes of all files in the data directory, as text of single-byte letters. */
async function assertFilesClean(world: World) {
  for await (const { name, isFile } of Deno.readDir(world.dataDir)) {
    const path = world.path(name);
    if (name === "plexsync.toml" || !isFile) continue;
    assertClean(name, new TextDecoder("latin1").decode(await Deno.readFile(path)));
    if (Deno.build.os === "windows") continue;
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, `${name} is open to others`);
  }
}

Deno.test("no output and no file holds a secret, when", async (t) => {
  await proveRows(t, SITUATIONS, ({ spoil }) =>
    withWorld({
      scenes: 3,
      seed: 13,
      plex: { token: TOKEN },
      stash: { apiKey: KEY },
      config: { ...IMPATIENT, log_level: "trace" },
    }, async (world) => {
      await world.run(["sync", "--all", "--yes"]);
      await spoil(world);
      for (const command of COMMANDS) {
        const results = [
          await world.run([...command, "--log-format", "text"]),
          await world.run([...command, "--json", "--log-format", "json", "--log-target", "file"]),
        ];
        for (const { stdout, stderr } of results) assertClean(command.join(" "), stdout + stderr);
      }
      await assertFilesClean(world);
    }));
});

Deno.test({
  name: "no argument list of a running program holds a secret",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withWorld({
      scenes: 3,
      seed: 13,
      plex: { token: TOKEN },
      stash: { apiKey: KEY },
    }, async (world) => {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("starts");
      // Read by another program: this one may not read /proc itself.
      const { stdout } = await new Deno.Command("cat", { args: [`/proc/${daemon.pid}/cmdline`] })
        .output();
      const cmdline = new TextDecoder().decode(stdout);
      assert(cmdline.includes(world.dataDir), cmdline);
      assertClean("the argument list", cmdline);
      daemon.kill();
      await daemon.result;
      await assertFilesClean(world);
    }),
});
