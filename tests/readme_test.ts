import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { CHAPTERS } from "../src/cli/manual/chapters.ts";
import { loadConfig } from "../src/config/load.ts";
import { SyncStats } from "../src/core/stats/sync_stats.ts";
import { writeStats } from "../src/app/reports/stats_file.ts";
import { runDemo } from "./demo_program.ts";
import { ROOT } from "./program.ts";
import { documentParts, partOf, withPart } from "./readme_parts.ts";
import { readConfig, sourceFiles } from "./skeleton/project.ts";

const MOST_LINES = 200;

function read(path = "README.md"): Promise<string> {
  return Deno.readTextFile(join(ROOT, path));
}

function readChapter(name: string): Promise<string> {
  return read(`src/cli/help/${name}.md`);
}

/** The fenced block that follows the comment which begins with `name:`. */
function blockAfter(document: string, name: string): string {
  const fence = new RegExp(`<!-- ${name}: .*-->\\s+\`\`\`\\w+\\n([^]*?)^ *\`\`\``, "m");
  return fence.exec(document)![1]!;
}

/** First cells of the table that follows the comment which begins with `name:`. */
function firstCells(document: string, name: string): string[] {
  const table = new RegExp(`<!-- ${name}: .*-->\\s+((?:\\|.*\\n)+)`).exec(document)![1]!;
  return table.trimEnd().split("\n").slice(2).map((row) => row.split("|")[1]!.trim());
}

function codes(cells: readonly string[]): string[] {
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
}

Deno.test("the documents' tables and log lines are those of the code", async () => {
  for (const [path, parts] of Object.entries(await documentParts())) {
    let document = await read(path);
    if (Deno.env.get("UPDATE_README") === "1") {
      for (const [name, text] of Object.entries(parts)) document = withPart(document, name, text);
      await Deno.writeTextFile(join(ROOT, path), document);
    }
    for (const [name, text] of Object.entries(parts)) {
      assert(text.split("\n").length > 4, `The part "${name}" is nearly empty:\n${text}`);
      const hint = `${path}, ${name}: UPDATE_README=1 deno task test tests/readme_test.ts mends it`;
      assertEquals(partOf(document, name), text, hint);
    }
  }
});

Deno.test("the README is short enough to be read", async () => {
  const lines = (await read()).trimEnd().split("\n").length;
  assert(lines <= MOST_LINES, `${lines} lines: reference belongs into a chapter in src/cli/help/`);
});

Deno.test("each chapter is a file that begins with a title, and each file is a chapter", async () => {
  const files = [...Deno.readDirSync(join(ROOT, "src/cli/help"))].map(({ name }) => name);
  assertEquals(files.sort(), Object.keys(CHAPTERS).map((name) => `${name}.md`).sort());
  for (const name of Object.keys(CHAPTERS)) assertMatch(await readChapter(name), /^# \w.*\n\n/);
});

/** A line with what differs from run to run made equal: times, durations, blanks of columns. */
function normalised(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<time>")
    .replace(/\b\d+(\.\d+)? ?m?s\b/g, "<duration>")
    .replace(/ +/g, " ").trimEnd();
}

/**
 * What is shown and is not in the output, in this order. A line "…" stands for any number of
 * lines, "…" at a line's end for the rest of it.
 */
function missingLines(shown: string, output: string): string[] {
  const lines = output.split("\n").map(normalised);
  const missing: string[] = [];
  let at = 0;
  let gap = true;
  for (const line of shown.trimEnd().split("\n").map(normalised)) {
    if (line === "…") {
      gap = true;
      continue;
    }
    const fits = (real: string) =>
      line.endsWith(" …") ? real.startsWith(line.slice(0, -2)) : real === line;
    const found = gap ? lines.findIndex((real, index) => index >= at && fits(real)) : at;
    if (found < 0 || !fits(lines[found] ?? "")) missing.push(line);
    else at = found + 1;
    gap = false;
  }
  return missing;
}

Deno.test("missingLines() finds a line that is changed, left out, or in the wrong place", () => {
  const output = "a 1 ms\nb long line\n\nc\nd\n";
  const cases: [string, string[]][] = [
    ["a 23 ms\nb long …\n\nc\nd", []],
    ["…\nc\nd\n", []],
    ["a 1 ms\n…\nd\n", []],
    ["a 1 ms\nc", ["c"]],
    ["…\nd\n…\nc", ["c"]],
    ["a 1 ms\nb short …", ["b short …"]],
    ["e", ["e"]],
  ];
  for (const [shown, want] of cases) {
    assertEquals(missingLines(shown, output), want.map(normalised), shown);
  }
});

Deno.test("the demo prints what the README shows of it", async () => {
  const { code, stdout, stderr } = await runDemo([]);
  assertEquals(code, 0, stderr);
  assertEquals(missingLines(blockAfter(await read(), "demo"), stdout), []);
});

Deno.test("the README's commands name tasks that exist", async () => {
  const [readme, { tasks }] = await Promise.all([read(), readConfig()]);
  const named = new Set([...readme.matchAll(/\btask (\w+)/g)].map(([, name]) => name!));
  for (const name of ["demo", "test"]) {
    assert(readme.includes(`\nnpx -y deno@2.9.6 task ${name}\n`), name);
  }
  assertEquals([...named].filter((name) => name !== "runner" && !(name in tasks)), []);
});

Deno.test("the README's config file is one that can be used", async () => {
  const text = blockAfter(await read(), "config")
    // A token has no blanks; the example says in words what belongs there.
    .replaceAll(/^(plex_token|stash_api_key) = ".*"$/gm, '$1 = "secret"');
  const { config } = loadConfig({
    flags: {},
    env: {},
    dataDir: "/d",
    files: { readText: () => text, mode: () => 0o600 },
    requireFor: "daemon",
  });
  assertEquals(config.plexLibrary, ["Scenes"]);
  assertEquals(config.pathMap, [{ stash: "/data", plex: "/media" }]);
});

Deno.test("the chapter on stats names every key of stats.json", async () => {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-readme-" });
  try {
    const stats = new SyncStats(0).toJSON();
    writeStats(join(folder, "stats.json"), 0, stats, stats);
    const keys = Object.keys(JSON.parse(await Deno.readTextFile(join(folder, "stats.json"))));
    assertEquals(codes(firstCells(await readChapter("stats"), "stats")), keys);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ARCHITECTURE names every folder of src/", async () => {
  const folders = [...Deno.readDirSync(join(ROOT, "src"))].map(({ name }) => `src/${name}/`);
  const shown = codes(firstCells(await read(".github/ARCHITECTURE.md"), "layers"))
    .filter((name) => name.startsWith("src/"));
  assertEquals(shown.sort(), folders.sort());
});

Deno.test("CONTRIBUTING names every dependency, each of which is used", async () => {
  const { imports } = await readConfig();
  const packages = codes(firstCells(await read(".github/CONTRIBUTING.md"), "dependencies"));
  assertEquals(packages.sort(), Object.keys(imports).sort());
  const paths = await sourceFiles(["main.ts", "src", "tests"]);
  const code = (await Promise.all(paths.map((path) => Deno.readTextFile(join(ROOT, path))))).join();
  const used = (name: string) => new RegExp(`(from |import\\()"${name}["/]`).test(code);
  assertEquals(packages.filter((name) => !used(name)), []);
});

Deno.test("each fault in its chapter names a test that exists", async () => {
  const table = /<!-- faults: .*-->\s+<!--.*-->\s+((?:\|.*\n)+)/.exec(
    await readChapter("faults"),
  )![1]!;
  const named = table.trimEnd().split("\n").slice(2).map((row) => row.split(" | ").at(-1)!);
  const files = (await sourceFiles(["tests"])).filter((path) => !path.startsWith("tests/readme"));
  const texts = await Promise.all(files.map((path) => Deno.readTextFile(join(ROOT, path))));
  const missing = named.map((cell) => cell.replace(/\s*\|$/, "").trim())
    .filter((name) => !texts.some((text) => text.includes(name)));
  assertEquals(missing, []);
  assert(named.length > 40, `${named.length} faults`);
});
