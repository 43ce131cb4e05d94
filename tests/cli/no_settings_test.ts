/** What the commands say to somebody who has set up nothing yet. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { FACES } from "../../main.ts";
import { program } from "../../src/cli/frame/program.ts";
import { fakeTerminal } from "./terminal.ts";

/** Each command that asks a server, in each form that takes a way of its own. */
const ASKING = [
  "sync --all --yes",
  "sync --recent 24h",
  "sync --scene 5",
  "sync --scene 5 --wait",
  "sync --scene 5 --dry-run",
  "plan --all",
  "plan --scene 5",
  "explain 5",
  "reconcile",
  "match pin 5 3456",
  "undo --all --yes",
  "undo --scene 5",
  "detach --yes",
  "detach --keep-values --yes",
  "run",
  "run --once",
  "config check",
  "config check --online",
];

/** Runs the program for somebody whose home is empty. */
async function call(line: string) {
  const home = Deno.makeTempDirSync({ prefix: "plexsync-home-" });
  try {
    const world = fakeTerminal({
      env: { HOME: home, XDG_DATA_HOME: join(home, "data"), LOCALAPPDATA: home },
      terminal: { stdout: false, stderr: false },
    });
    const code = await program(line.split(" "), world, FACES);
    return { code, out: world.out.join(""), err: world.err(), made: filesIn(home) };
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(join(folder, name)) : [name]
  );
}

for (const line of ASKING) {
  Deno.test(`${line} without settings names what is required, and makes no database`, async () => {
    const { code, err, made } = await call(line);
    assertEquals(code, 2, err);
    assertMatch(err, /^error: (plex|stash)_url is required: [^]*\nerror: \w+ is required: /);
    assertMatch(err, /\nhint: plexsync init [^\n]*plexsync help settings[^\n]*\n$/);
    assertEquals(made.filter((name) => name.includes(".db")), []);
  });
}

Deno.test("doctor without settings names what is required, each on a line of its own", async () => {
  const { code, out, made } = await call("doctor");
  assertEquals(code, 3);
  for (const key of ["plex_url", "plex_token", "stash_url", "stash_api_key"]) {
    assertMatch(out, new RegExp(`^fail  settings: ${key} is required: `, "m"));
  }
  assertMatch(out, /^ {6}plexsync init .*plexsync help settings/m);
  assertEquals(made, []);
});
