import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runProgram } from "../program.ts";
import { InitRig } from "./init_rig.ts";

Deno.test("init without a terminal names the flags for what is missing, and writes nothing", async () => {
  await using rig = await InitRig.open();
  const none = await rig.run([]);
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "stash_url, plex_url, plex_token");
  assertStringIncludes(none.stderr, "--stash-url URL, --plex-url URL, --plex-token-file FILE");
  const noKey = await rig.run(rig.flags().filter((_, at) => ![2, 3].includes(at)));
  assertEquals(noKey.code, 2);
  assertStringIncludes(noKey.stderr, "--stash-api-key-file FILE");
  assertEquals(rig.settings(), null);
});

Deno.test("init without a terminal names all that is missing at once, as far as it can be told", async () => {
  await using rig = await InitRig.open({ libraries: ["Scenes", "Films"] });
  const [stash, key, plex, token] = [0, 2, 4, 6].map((at) => rig.flags().slice(at, at + 2));
  const missing = async (...flags: (string[] | undefined)[]) => {
    const { code, stderr } = await rig.run(flags.flatMap((each) => each ?? []));
    assertEquals(code, 2, stderr);
    return /is missing: (.*)/.exec(stderr)?.[1];
  };
  const libraries = 'plex_library (there are "Scenes", "Films")';
  assertEquals(await missing(stash), "stash_api_key, plex_url, plex_token");
  assertEquals(await missing(stash, plex, token), `stash_api_key, ${libraries}`);
  assertEquals(await missing(plex, token), `stash_url, ${libraries}`);
  assertEquals(await missing(stash, key, plex), "plex_token");
  assertEquals(rig.settings(), null);
});

Deno.test("init writes what the flags say, for its owner alone, and plans the first sync", async () => {
  await using rig = await InitRig.open();
  const { code, stdout, stderr } = await rig.run([...rig.flags(), "--plan", "--json"]);
  assertEquals(code, 0, stderr);
  assertEquals(rig.settings(), {
    stash_url: rig.stash.url,
    stash_api_key: rig.stash.apiKey,
    plex_url: rig.plex.url,
    plex_token: rig.plex.token,
    plex_library: "Scenes",
  });
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(rig.config).mode! & 0o777, 0o600);
  const report = JSON.parse(stdout);
  assertEquals(report.plan.scenes, 12);
  assert(report.checks.every(({ ok }: { ok: boolean }) => ok));
  assertEquals(rig.plex.requests().filter(({ method }) => method !== "GET"), []);
  for (const secret of [rig.stash.apiKey, rig.plex.token]) {
    assert(!(stdout + stderr).includes(secret));
  }
});

Deno.test("init shows by which rules for paths the first sync goes, and what they cover", async () => {
  await using rig = await InitRig.open({ scenes: 30, plexRoot: "/media/films" });
  const { code, stdout, stderr } = await rig.run([...rig.flags(), "--plan"]);
  assertEquals(code, 0, stderr);
  assertMatch(
    stdout,
    /Paths: learned: \/data\/scenes → \/media\/films \((\d+) of \1 files there\)/,
  );
});

Deno.test("what init wrote is enough for the first sync", async () => {
  await using rig = await InitRig.open();
  assertEquals((await rig.run(rig.flags())).code, 0);
  for (const args of [["sync", "--all", "--yes"], ["run", "--once"]]) {
    const { code, stderr } = await rig.program(...args);
    assertEquals(code, 0, stderr);
  }
  assert(rig.plex.requests().some(({ method }) => method === "PUT"));
});

Deno.test("init takes secrets from the environment, and a Stash without a password", async () => {
  await using rig = await InitRig.open({ password: false });
  const flags = ["--stash-url", rig.stash.url, "--plex-url", rig.plex.url];
  const { code, stderr } = await rig.run(flags, { PLEXSYNC_PLEX_TOKEN: rig.plex.token });
  assertEquals(code, 0, stderr);
  assertEquals(rig.settings()!.stash_api_key, "");
  assertEquals(rig.settings()!.plex_token, rig.plex.token);
});

Deno.test("init refuses a secret on the command line", async () => {
  await using rig = await InitRig.open();
  const { code, stderr } = await rig.run([...rig.flags().slice(0, 6), "--plex-token", "s3cret"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "other users can read a command line");
  assert(!stderr.includes("s3cret"));
});

Deno.test("init tries both servers before it writes, and says what is wrong with each", async () => {
  await using rig = await InitRig.open();
  await Deno.writeTextFile(rig.path("key"), "wrong");
  await Deno.writeTextFile(rig.path("token"), "wrong");
  const { code, stderr } = await rig.run(rig.flags());
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Plex answered 401");
  assertStringIncludes(stderr, "Stash answered 401");
  assertMatch(stderr, /hint: .*plex_token.*API key/);
  assertEquals(rig.settings(), null);
});

Deno.test("init without a terminal does not choose among libraries", async () => {
  await using rig = await InitRig.open({ libraries: ["Scenes", "Films"] });
  const { code, stderr } = await rig.run(rig.flags());
  assertEquals(code, 2);
  assertStringIncludes(stderr, '"Scenes", "Films"');
  assertStringIncludes(stderr, "--plex-library");
  assertEquals(rig.settings(), null);
  assertEquals((await rig.run([...rig.flags(), "--plex-library", "Films,Scenes"])).code, 0);
  assertEquals(rig.settings()!.plex_library, ["Films", "Scenes"]);
});

Deno.test("init never changes a config file without a person or --yes, and then keeps the rest", async () => {
  await using rig = await InitRig.open();
  const before = '# mine\nbatch_size = 7 # few\n\n[[path_map]]\nstash = "/data"\nplex = "/media"\n';
  rig.write(before);
  const asked = await rig.run([...rig.flags(), "--max-tags", "50"]);
  assertEquals(asked.code, 2);
  assertStringIncludes(asked.stderr, "--yes");
  assertEquals(Deno.readTextFileSync(rig.config), before);
  const { code, stderr } = await rig.run([...rig.flags(), "--max-tags", "50", "--yes"]);
  assertEquals(code, 0, stderr);
  const after = Deno.readTextFileSync(rig.config);
  for (const part of before.split("\n\n")) assertStringIncludes(after, part);
  assertEquals(rig.settings()!.max_tags, 50);
  const again = await rig.run(["--json"]);
  assertEquals(again.code, 0, again.stderr);
  assertEquals(JSON.parse(again.stdout).changed, []);
  assertEquals(Deno.readTextFileSync(rig.config), after);
});

Deno.test("init makes the config file that --config names", async () => {
  await using rig = await InitRig.open();
  const file = rig.path("etc/own.toml");
  const { code, stdout, stderr } = await rig.run([...rig.flags(), "--config", file]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, `--config ${file}`);
  assertStringIncludes(Deno.readTextFileSync(file), rig.plex.url);
  assertEquals(rig.settings(), null);
});

Deno.test("init installs the plugin and the service that its flags want", async () => {
  await using rig = await InitRig.open();
  for (const name of ["plugins", "units"]) Deno.mkdirSync(rig.path(name));
  const { code, stdout, stderr } = await rig.run([
    ...[...rig.flags(), "--exec", "/bin/plexsync", "--json"],
    ...["--plugin", "--plugins-dir", rig.path("plugins")],
    ...["--service", "user", "--unit-dir", rig.path("units")],
  ]);
  assertEquals(code, 0, stderr);
  const { plugin, service, next } = JSON.parse(stdout);
  assertStringIncludes(Deno.readTextFileSync(plugin), "/bin/plexsync");
  assertStringIncludes(Deno.readTextFileSync(service), "/bin/plexsync");
  assert(next.includes("systemctl --user enable --now plexsync"));
});

Deno.test("init leaves the data to the machine's service, and says to ask that one", async () => {
  await using rig = await InitRig.open();
  Deno.mkdirSync(rig.path("units"));
  const { code, stdout, stderr } = await runProgram([
    ...["init", ...rig.flags(), "--config", rig.path("etc/plexsync.toml"), "--plan", "--json"],
    ...["--exec", "/bin/plexsync", "--service", "system", "--unit-dir", rig.path("units")],
  ], { env: { HOME: rig.path("home"), XDG_DATA_HOME: rig.path("home") } });
  assertEquals(code, 0, stderr);
  const { plan, next } = JSON.parse(stdout);
  assert(plan.scenes > 0);
  assertEquals(next, [
    "systemctl daemon-reload",
    "systemctl enable --now plexsync",
    "plexsync plan --all",
    "plexsync sync --all",
  ]);
  assertEquals(readNames(rig.path("home")), []);
});

function readNames(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
