import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startSimSignIn } from "../sim/sign_in.ts";
import { InitRig } from "./init_rig.ts";
import { HAS_TERMINAL, inTerminal } from "./pty.ts";

function test(name: string, fn: () => Promise<void>) {
  Deno.test({
    name: HAS_TERMINAL ? name : `${name} (skipped: no python3 to drive a terminal)`,
    ignore: !HAS_TERMINAL,
    fn,
  });
}

const SCENES = "Which ones?";
const PLAN = "Show what the first sync would change?";

test("init asks in a terminal for what is missing, and shows what the first sync would do", async () => {
  await using rig = await InitRig.open({ libraries: ["Scenes", "Films"] });
  const { code, screen, stdout, stuck } = await inTerminal(rig.args(), [
    ["Address of Stash", rig.stash.url],
    ["API key of Stash", rig.stash.apiKey],
    ["Address of Plex", rig.plex.url],
    ["Token of Plex", rig.plex.token],
    [SCENES, "1"],
    [PLAN, ""],
  ]);
  assertEquals(stuck, null, screen);
  assertEquals(code, 0, screen);
  assertEquals(rig.settings(), {
    stash_url: rig.stash.url,
    stash_api_key: rig.stash.apiKey,
    plex_url: rig.plex.url,
    plex_token: rig.plex.token,
    plex_library: "Scenes",
  });
  assertMatch(stdout, /The first sync:\n12 items, .*\n12 scenes: 12 change/);
  assertStringIncludes(stdout, "plexsync sync --all");
  assert(!stdout.includes("Address of"), "questions belong to the terminal, not to the result");
});

test("init shows nothing of a secret that is typed or pasted", async () => {
  await using rig = await InitRig.open();
  const { screen, stdout } = await inTerminal(rig.args(), [
    ["Address of Stash", rig.stash.url],
    ["API key of Stash", rig.stash.apiKey],
    ["Address of Plex", rig.plex.url],
    ["Token of Plex", rig.plex.token],
    [SCENES, ""],
    [PLAN, "n"],
  ]);
  for (const secret of [rig.stash.apiKey, rig.plex.token]) {
    assert(!(screen + stdout).includes(secret), screen);
  }
});

test("init asks again after each wrong answer, and says what is wrong with it", async () => {
  await using rig = await InitRig.open({ libraries: ["Scenes", "Films"] });
  const { code, screen, stuck } = await inTerminal(rig.args(), [
    ["Address of Stash", "no address"],
    ["Address of Stash", "http://127.0.0.1:9"],
    ["Address of Stash", rig.stash.url],
    ["API key of Stash", "wrong-key"],
    ["API key of Stash", ""],
    ["Address of Stash", rig.plex.url],
    ["Address of Stash", rig.stash.url],
    ["API key of Stash", rig.stash.apiKey],
    ["Address of Plex", rig.stash.url],
    ["Address of Plex", rig.plex.url],
    ["Token of Plex", "wrong-token"],
    ["Token of Plex", rig.plex.token],
    [SCENES, "7"],
    [SCENES, "films"],
    [PLAN, "n"],
  ]);
  assertEquals(stuck, null, screen);
  assertEquals(code, 0, screen);
  assertEquals(rig.settings()!.plex_library, "Films");
  for (
    const said of [
      "Cannot use stash_url",
      "Stash answered 401",
      "Plex answered 401",
      "not Stash",
      "not Plex",
    ]
  ) {
    assertStringIncludes(screen, said);
  }
  assertStringIncludes(screen, "There is no library 7");
  assertMatch(screen, /cannot be reached[^]*hint: /);
});

test("init asks for the libraries again where Plex has none of that name", async () => {
  await using rig = await InitRig.open({ libraries: ["Scenes", "Films"] });
  rig.write('plex_library = "Scnes"\n');
  const { code, screen, stuck } = await inTerminal(rig.args(...rig.flags()), [
    [SCENES, "1"],
    ["Change it?", "y"],
    [PLAN, "n"],
  ]);
  assertEquals(stuck, null, screen);
  assertEquals(code, 0, screen);
  assertStringIncludes(screen, 'Plex has no movie or show library "Scnes"');
  assertEquals(rig.settings()!.plex_library, "Scenes");
});

test("init signs in to Plex by a code, with the id that it keeps", async () => {
  await using rig = await InitRig.open();
  await using signIn = startSimSignIn({ token: rig.plex.token, looks: 2, expiring: 1 });
  const args = rig.args("--plex-sign-in-url", signIn.url, ...rig.flags().slice(0, 6));
  const { code, screen, stuck } = await inTerminal(args, [
    ["Token of Plex", ""],
    ["Token of Plex", ""],
    [SCENES, ""],
    [PLAN, "n"],
  ]);
  assertEquals(stuck, null, screen);
  assertEquals(code, 0, screen);
  assertStringIncludes(screen, `Open ${signIn.url}/link`);
  assertStringIncludes(screen, "type: AB02");
  assertStringIncludes(screen, "the code has expired");
  assertEquals(rig.settings()!.plex_token, rig.plex.token);
  assertEquals(new Set(signIn.clients).size, 1);
  assertEquals(rig.clientIdentifier(), signIn.clients[0]);
});

test("init changes a config file that is there only when the person says so", async () => {
  await using rig = await InitRig.open();
  const before = "# mine\nstash_url = 'http://127.0.0.1:9'\nbatch_size = 7 # few\n";
  rig.write(before);
  const answers = (last: string): [string, string][] => [
    ["Address of Stash", rig.stash.url],
    ["Address of Plex", rig.plex.url],
    ["Change it?", last],
  ];
  const flags = rig.flags().filter((_, at) => [2, 3, 6, 7].includes(at));
  const all = rig.args(...flags, "--plex-library", "Scenes");
  const no = await inTerminal(all, answers("n"));
  assertEquals(no.code, 3, no.screen);
  assertEquals(Deno.readTextFileSync(rig.config), before);
  const yes = await inTerminal(all, [...answers("y"), [PLAN, "n"]]);
  assertEquals(yes.code, 0, yes.screen);
  const after = Deno.readTextFileSync(rig.config);
  assertStringIncludes(after, "# mine\n");
  assertStringIncludes(after, "batch_size = 7 # few\n");
  assertEquals(rig.settings()!.stash_url, rig.stash.url);
});

test("Ctrl+C and the end of input end init, and nothing is written", async () => {
  await using rig = await InitRig.open();
  for (const key of ["\x03", "\x04"]) {
    const { code, screen } = await inTerminal(rig.args(), [
      ["Address of Stash", rig.stash.url],
      ["API key of Stash", key],
    ]);
    assertEquals(code, 1, screen);
    assertEquals(rig.settings(), null);
  }
});
