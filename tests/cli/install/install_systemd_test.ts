import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DataDir } from "../data_dir.ts";
import { exists } from "../../exists.ts";

const EXEC = ["--exec", "/usr/local/bin/plexsync"];

/** A folder with a config file and the secret of Plex beside it. */
function openPlaces() {
  const dir = new DataDir();
  const config = dir.file("plexsync.toml");
  Deno.writeTextFileSync(config, 'plex_url = "http://127.0.0.1:32400"\n', { mode: 0o600 });
  Deno.writeTextFileSync(dir.file("plex_token"), "tok-en-1\n", { mode: 0o600 });
  const units = dir.file("units");
  const install = (...args: string[]) =>
    dir.call("install", "systemd", "--unit-dir", units, "--config", config, ...EXEC, ...args);
  return { dir, config, units, unit: join(units, "plexsync.service"), install };
}

/** Whether this machine can judge a unit. */
async function analyze(...args: string[]): Promise<{ code: number; text: string } | null> {
  try {
    const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
const hasSystemd = (await analyze("--version")) !== null;

Deno.test("install systemd writes a unit that hands over config and secrets, and holds none", async () => {
  const { dir, config, unit, install } = openPlaces();
  using _ = dir;
  assertEquals((await install()).code, 0);
  const text = Deno.readTextFileSync(unit);
  assert(!text.includes("tok-en-1"));
  assertStringIncludes(text, `LoadCredential=plexsync.toml:${config}\n`);
  assertStringIncludes(text, `LoadCredential=plex_token:${dir.file("plex_token")}\n`);
  assertMatch(text, /^ExecStart=\/usr\/local\/bin\/plexsync run --config %d\/plexsync\.toml /m);
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(unit).mode! & 0o777, 0o644);
});

const forms: { name: string; args: string[]; has: RegExp[]; hasNot: RegExp[] }[] = [
  {
    name: "of the machine",
    args: [],
    has: [/^DynamicUser=yes$/m, /^WantedBy=multi-user\.target$/m, /^Type=notify$/m],
    hasNot: [/^User=/m],
  },
  {
    name: "of the machine, as a user",
    args: ["--run-as", "plex"],
    has: [/^User=plex$/m, /run --config \/\S+plexsync\.toml/],
    hasNot: [/DynamicUser/, /LoadCredential=plexsync\.toml/],
  },
  {
    name: "of the machine, for a group to ask",
    args: ["--group", "media"],
    has: [/^Group=media$/m, /^RuntimeDirectory=plexsync$/m],
    hasNot: [/^User=/m],
  },
  {
    name: "of one person",
    args: ["--user"],
    has: [
      /^RuntimeDirectory=plexsync$/m,
      /^WantedBy=default\.target$/m,
      /run --config \/\S+plexsync\.toml/,
    ],
    hasNot: [/DynamicUser/, /^User=/m, /ProtectHome/],
  },
];

for (const { name, args, has, hasNot } of forms) {
  Deno.test(`install systemd writes a service ${name}`, async () => {
    const { dir, unit, install } = openPlaces();
    using _ = dir;
    const told = await install(...args);
    assertEquals(told.code, 0, told.stderr);
    const text = Deno.readTextFileSync(unit);
    for (const each of has) assertMatch(text, each);
    for (const each of hasNot) assert(!each.test(text), String(each));
    const printed = await install(...args, "--print");
    assertEquals(printed.stdout, text);
  });
}

Deno.test({
  name: "the service of the machine is exposed by at most 1.5, as systemd reckons",
  ignore: !hasSystemd,
  async fn() {
    const { dir, unit, install } = openPlaces();
    using _ = dir;
    await install();
    const judged = await analyze("security", "--offline=true", "--threshold=15", unit);
    assertEquals(judged?.code, 0, judged?.text);
  },
});

Deno.test({
  name: "systemd finds no fault with the units",
  ignore: !hasSystemd,
  async fn() {
    for (const args of [[], ["--run-as", "root"], ["--user"]]) {
      const { dir, unit, install } = openPlaces();
      using _ = dir;
      // An executable that is there, with a name that has to be quoted.
      const program = dir.file("a program $x %h");
      Deno.writeTextFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
      const hidden = ["--exec", program];
      const told = await install(...args, ...(args[0] === "--user" ? hidden : []));
      assertEquals(told.code, 0, told.stderr);
      const judged = await analyze("verify", "--recursive-errors=no", unit);
      const faults = judged!.text.split("\n").filter((line) =>
        line.includes("plexsync.service") && !line.includes("/usr/local/bin/plexsync")
      );
      assertEquals(faults, []);
    }
  },
});

Deno.test("uninstall systemd removes the unit and the link that starts it, and nothing else", async () => {
  const { dir, units, unit, install } = openPlaces();
  using _ = dir;
  await install();
  const wants = join(units, "multi-user.target.wants");
  Deno.mkdirSync(wants);
  Deno.symlinkSync(unit, join(wants, "plexsync.service"));
  Deno.writeTextFileSync(join(units, "other.service"), "");
  const told = await dir.call("uninstall", "systemd", "--unit-dir", units);
  assertEquals(told.code, 0, told.stderr);
  assertEquals([...Deno.readDirSync(units)].map(({ name }) => name).sort(), [
    "multi-user.target.wants",
    "other.service",
  ]);
  assertEquals([...Deno.readDirSync(wants)], []);
  const again = await dir.call("uninstall", "systemd", "--unit-dir", units);
  assertStringIncludes(again.stdout, "nothing to remove");
});

Deno.test("a unit that somebody else wrote is neither replaced nor removed", async () => {
  const { dir, units, unit, install } = openPlaces();
  using _ = dir;
  Deno.mkdirSync(units);
  Deno.writeTextFileSync(unit, "[Service]\nExecStart=/opt/mine\n");
  assertEquals((await install()).code, 1);
  assertEquals((await dir.call("uninstall", "systemd", "--unit-dir", units)).code, 1);
  assertEquals(Deno.readTextFileSync(unit), "[Service]\nExecStart=/opt/mine\n");
});

const refusals: { args: string[]; says: string }[] = [
  { args: ["--user", "--run-as", "plex"], says: "cannot be joined" },
  { args: ["--user", "--group", "media"], says: "cannot be joined" },
  { args: ["--run-as", "a b"], says: "must be the name of a user" },
  { args: ["--group", "a\nExecStartPre=/bin/sh"], says: "must be the name of a group" },
  { args: ["--exec", "/home/anna/plexsync"], says: "does not see /home/anna/plexsync" },
];
for (const { args, says } of refusals) {
  Deno.test(`install systemd ${args.join(" ")} is refused`, async () => {
    const { dir, unit, install } = openPlaces();
    using _ = dir;
    const told = await install(...args);
    assert(told.code !== 0);
    assertStringIncludes(told.stderr, says);
    assert(!exists(unit));
  });
}
