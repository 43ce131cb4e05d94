import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { parseManifest } from "./manifest.ts";
import { pluginCommand } from "./plugin_command.ts";
import { readPluginFolder } from "./plugin_folder.ts";
import { withFolder, writePlugin } from "./plugin_testing.ts";

const FULL = `
name: Full
description: does it all
url: https://example.org
version: 1.0
interface: raw
exec: [python3, "{pluginDir}/x.py"]
errLog: info
tasks:
  - name: All
    description: Sync all
    execArgs: [--all]
    defaultArgs: { mode: all, count: 3, flag: yes }
hooks:
  - name: H
    triggeredBy: [Scene.Update.Post, No.Such.Thing]
settings:
  token: { displayName: Token, description: D, type: STRING }
  speed: { type: NUMBER }
ui:
  requires: [other]
  javascript: [a.js]
  assets: { /: assets }
  csp: { connect-src: [https://example.org] }
# requires: OtherPlugin
`;

Deno.test("parseManifest() reads every key, and values as the text they are written in", () => {
  const read = parseManifest("/p/full/Full.yml", FULL);
  assertEquals([read.id, read.dir, read.version, read.errLog], ["Full", "/p/full", "1.0", "info"]);
  const defaultArgs = { mode: "all", count: "3", flag: "yes" };
  assertEquals(read.tasks, [
    { name: "All", description: "Sync all", execArgs: ["--all"], defaultArgs },
  ]);
  assertEquals(read.hooks[0]?.triggeredBy, ["Scene.Update.Post", "No.Such.Thing"]);
  assertEquals(read.settings.speed, { displayName: "", description: "", type: "NUMBER" });
  assertEquals(read.ui.requires, ["other"]);
});

Deno.test("parseManifest() takes absent and empty keys for empty values", () => {
  const read = parseManifest("/p/x.yml", "name: X\ntasks:\nsettings: ~\nhooks:\n  - name:\n");
  assertEquals([read.tasks, read.settings, read.exec, read.interface, read.errLog], [
    [],
    {},
    [],
    "raw",
    "",
  ]);
  assertEquals(read.hooks[0]?.name, "");
});

const REFUSED: { when: string; text: string; why: string }[] = [
  { when: "has an unknown key", text: "id: x", why: "field id not found in type plugin.Config" },
  {
    when: "gives a setting a default",
    text: "settings:\n  a: { type: STRING, default: x }",
    why: "field default not found in type plugin.SettingConfig",
  },
  {
    when: "has an unknown key in a task",
    text: "tasks:\n  - { name: a, args: [] }",
    why: "field args not found in type plugin.OperationConfig",
  },
  {
    when: "gives a task triggers",
    text: "tasks:\n  - { name: a, triggeredBy: [] }",
    why: "field triggeredBy not found",
  },
  { when: "writes a key in another case", text: "errlog: info", why: "field errlog not found" },
  { when: "has a key twice", text: "name: a\nname: b", why: "Map keys must be unique" },
  { when: "is no map", text: "- a\n- b", why: "cannot unmarshal" },
  { when: "has text for a list", text: "exec: ./x", why: "cannot unmarshal" },
  { when: "has a list for text", text: "name: [a]", why: "cannot unmarshal" },
  { when: "is no YAML", text: "name: [a", why: "yaml: " },
  { when: "names an unknown interface", text: "interface: soap", why: "invalid interface type" },
];
for (const { when, text, why } of REFUSED) {
  Deno.test(`parseManifest() refuses a manifest that ${when}`, () => {
    assertThrows(() => parseManifest("/p/x.yml", text), Error, why);
  });
}

Deno.test("every .yml below the folder is a plugin, links followed, in the order of the walk", () =>
  withFolder({ b: { script: "" }, a: { script: "" } }, async (folder) => {
    const outside = await Deno.makeTempDir();
    try {
      writePlugin(outside, "linked", { script: "" });
      Deno.symlinkSync(join(outside, "linked"), join(folder, "c"));
      Deno.symlinkSync(folder, join(folder, "a", "circle"));
      Deno.writeTextFileSync(join(folder, "a", "plexsync.toml"), "x = 1");
      Deno.writeTextFileSync(join(folder, "a", "other.yaml"), "x: 1");
      Deno.writeTextFileSync(join(folder, "top.yml"), "name: Top");
      // What is meant as data is a broken plugin, and an id counts once, whatever its case.
      Deno.writeTextFileSync(join(folder, "b", "settings.yml"), "plex_url: x");
      Deno.mkdirSync(join(folder, "z"));
      Deno.writeTextFileSync(join(folder, "z", "A.yml"), "name: Again");
      const errors: string[] = [];
      const found = readPluginFolder(folder, (message) => errors.push(message));
      assertEquals(found.map(({ id }) => id), ["a", "b", "linked", "top"]);
      assertEquals(errors, [
        `Error loading plugin ${folder}/b/settings.yml: yaml: unmarshal errors: ` +
        "field plex_url not found in type plugin.Config",
        `Error loading plugin ${folder}/z/A.yml: plugin ID A already exists`,
      ]);
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  }));

const COMMANDS: { exec: string; want: (dir: string) => string[]; when: string }[] = [
  { when: "PATH has it", exec: "tool", want: (dir) => [`${dir}/bin/tool`] },
  { when: "PATH has it not", exec: "run.sh", want: (dir) => [`${dir}/p/run.sh`] },
  {
    when: "PATH has it without the execute bit",
    exec: "data",
    want: (dir) => [`${dir}/p/data`],
  },
  {
    when: "{pluginDir} is written in it and in arguments",
    exec: '"{pluginDir}/run.sh", "{pluginDir}/x.py", "a={pluginDir}"',
    want: (dir) => [`${dir}/p/{pluginDir}/run.sh`, `${dir}/p/x.py`, `a=${dir}/p`],
  },
  { when: "it is python", exec: "python, x.py", want: (dir) => [`${dir}/bin/python3`, "x.py"] },
];
for (const { when, exec, want } of COMMANDS) {
  Deno.test(`exec[0] is found as Stash finds it when ${when}`, () =>
    withFolder({ p: { script: "" } }, (folder) => {
      Deno.mkdirSync(join(folder, "bin"));
      for (const [name, mode] of [["tool", 0o755], ["python3", 0o755], ["data", 0o644]] as const) {
        Deno.writeTextFileSync(join(folder, "bin", name), "");
        Deno.chmodSync(join(folder, "bin", name), mode);
      }
      const manifest = parseManifest(join(folder, "p", "p.yml"), `exec: [${exec}]`);
      const stash = { env: { PATH: `/nowhere:${folder}/bin` }, cwd: "/" };
      const { program, args, env } = pluginCommand(manifest, ["last"], stash);
      assertEquals([program, ...args], [...want(folder), "last"]);
      assertEquals(env.PYTHONPATH, exec.startsWith("python") ? folder : undefined);
      return Promise.resolve();
    }));
}
