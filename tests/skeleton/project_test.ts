import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { OLDEST_DENO } from "../../scripts/oldest_deno.ts";
import { VERSION } from "../../src/core/version.ts";
import { ROOT } from "../program.ts";
import { readConfig } from "./project.ts";

Deno.test("the top level holds what the design names, and no other folder", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(ROOT)) if (!name.startsWith(".")) names.push(name);
  assertEquals(names.sort(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "deno.json",
    "deno.lock",
    "main.ts",
    "scripts",
    "src",
    "tests",
  ]);
});

Deno.test("the program's version is that of deno.json", async () => {
  assertEquals(VERSION, (await readConfig()).version);
});

Deno.test("CONTRIBUTING names the oldest Deno that the task runner takes", async () => {
  const document = await Deno.readTextFile(join(ROOT, ".github", "CONTRIBUTING.md"));
  assertStringIncludes(document.replaceAll(/\s+/g, " "), `needs Deno ${OLDEST_DENO} or newer`);
});

Deno.test("the program may read, write, use network and environment; libraries in one set", async () => {
  const { permissions } = await readConfig();
  // statfs tells a network drive, on which SQLite is not safe.
  const wanted: Record<string, true | string[]> = {
    net: true,
    read: true,
    write: true,
    env: true,
    sys: ["statfs"],
  };
  assertEquals(permissions.default, wanted);
  assertEquals(permissions.native, { ...wanted, ffi: true });
});

Deno.test("each task of the design goes through the runner", async () => {
  const { tasks } = await readConfig();
  assertEquals(
    Object.keys(tasks).sort(),
    "bench check compile demo fmt lint ok package plexsync screenshots sim soak test".split(" "),
  );
  for (const [name, command] of Object.entries(tasks)) {
    assertStringIncludes(command, `scripts/task.ts ${name}`);
  }
});

Deno.test("the stand-ins' import map names the same packages as deno.json", async () => {
  const { imports } = await readConfig();
  const map: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "scripts", "offline", "import_map.json")),
  );
  // Of deno.json a name also means what lies below it; such a map has to say so.
  const names = Object.keys(map.imports).filter((name) => !name.endsWith("/"));
  assertEquals(names.sort(), Object.keys(imports).sort());
  for (const [name, target] of Object.entries(imports)) {
    // Whatever is not on JSR has no stand-in.
    if (!target.startsWith("jsr:")) assertEquals(map.imports[name], target);
  }
});

Deno.test("deno.lock pins every package of npm, and names no machine", async () => {
  const { imports } = await readConfig();
  const text = await Deno.readTextFile(join(ROOT, "deno.lock"));
  const lock: { specifiers: Record<string, string> } = JSON.parse(text);
  const wanted = Object.values(imports).filter((target) => target.startsWith("npm:"));
  for (const target of wanted) {
    assertEquals(typeof lock.specifiers[target.replace("@^", "@")], "string", target);
  }
  assertEquals(text.match(/https?:|file:|localhost|127\.0\.0\.1/g), null);
});
