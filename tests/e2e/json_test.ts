import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { loadCommands } from "../../src/cli/frame/commands.ts";
import { readSchemas, strangers, unseen } from "../json_chapter.ts";
import { ROOT } from "../program.ts";
import { withWorld, type World } from "./world.ts";

const CHAPTER = "src/cli/help/json.md";
const chapter = Deno.readTextFileSync(join(ROOT, CHAPTER));
const SCHEMAS = readSchemas(chapter);
/** Commands that print no JSON of their own. */
const [, EXEMPT = ""] = /^## No JSON\n\n([^#]*)/m.exec(chapter) ?? [];

/** Every command, as the chapter names it: `dead list`, `sync`. */
const NAMES = Object.entries(await loadCommands()).flatMap(([name, { actions }]) =>
  Object.keys(actions ?? { "": {} }).map((action) => `${name} ${action}`.trim())
).filter((name) => !EXEMPT.includes(`\`${name}\``));

/**
 * Calls of every command in the order of a day, in a world with work of every kind. A new command
 * needs one here, and a table in the chapter.
 */
function calls(world: World): [name: string, ...args: string[]][] {
  const scenes = world.stash.scenes().map(({ id }) => id);
  const plugins = ["--plugins-dir", world.dataDir];
  const exec = ["install stash-plugin", "--exec", "/bin/plexsync"];
  const units = ["--unit-dir", world.dataDir];
  const systemd = ["install systemd", "--exec", "/bin/plexsync"];
  return [
    ["init", "--plan", "--yes"],
    ["plan", "--all"],
    ["sync", "--all", "--yes"],
    ["run", "--once"],
    ["reconcile", "--scope", "all"],
    ["reconcile history"],
    ["history"],
    ["history", "1"],
    ["history", "2"],
    ["history", "3"],
    ["undo", "--all", "--dry-run"],
    ["undo", "--since", "1h", "--yes"],
    ["detach", "--keep-values", "--dry-run"],
    ["match pin", "1", "none"],
    ["match list"],
    ["explain", "1"],
    ["match unpin", "1"],
    ["pause"],
    ["resume"],
    ["status"],
    ["stats"],
    ["stats", "--since", "1h"],
    ["queue list"],
    ...scenes.map((id): [string, string] => ["explain", id]),
    ["dead list"],
    ["dead show", "1"],
    ["dead export"],
    ["dead retry", "1"],
    ["run", "--once"],
    ["dead discard", "2", "--yes"],
    ["dead purge", "--all", "--yes"],
    ["queue clear", "--yes"],
    ["health"],
    ["doctor"],
    ["backup", world.path("copy.db")],
    ["restore", world.path("copy.db"), "--yes"],
    ["config show"],
    ["config check", "--online"],
    [exec[0]!, ...exec.slice(1), ...plugins],
    [exec[0]!, ...exec.slice(1), "--print"],
    ["uninstall stash-plugin", ...plugins],
    [systemd[0]!, ...systemd.slice(1), ...units],
    [systemd[0]!, ...systemd.slice(1), "--print"],
    ["uninstall systemd", ...units],
    ["import stash2plex", "--dir", world.dataDir, "--dry-run"],
    ["import plexsync-py", "--dir", world.dataDir, "--dry-run"],
    ["help"],
    ["help", "queue"],
    ["version"],
  ];
}

for (const name of NAMES) {
  Deno.test(`the chapter on JSON tells what ${name} prints`, () => {
    assert(
      SCHEMAS.has(name),
      `${CHAPTER} has no table for "${name}". Add "<!-- json ${name}: checked -->" and below it ` +
        `the fields that --json prints, with types and units; or name it under "No JSON"`,
    );
  });
}

Deno.test("the chapter on JSON tells of no command that there is not", () => {
  assertEquals([...SCHEMAS.keys()].filter((name) => !NAMES.includes(name)), []);
});

Deno.test("--json of every command prints the fields that the chapter tells, and no others", async () => {
  const options = { scenes: 10, seed: 23, missingPercent: 20, ambiguous: 1 };
  await withWorld(options, async (world) => {
    const all = calls(world);
    const uncalled = NAMES.filter((name) => !all.some(([called]) => called === name));
    assertEquals(uncalled, [], `No call of these in ${import.meta.filename}: add one to calls()`);
    const seen = new Map(NAMES.map((name) => [name, new Set<string>()]));
    const wrong: string[] = [];
    for (const [name, ...args] of all) {
      const { code, stdout, stderr } = await world.run([...name.split(" "), ...args, "--json"]);
      assert([0, 3].includes(code), `${name}: ${stderr}`);
      const found = strangers(JSON.parse(stdout), SCHEMAS.get(name)!, seen.get(name)!);
      wrong.push(...found.map((what) => `${name}: ${what}`));
    }
    for (const name of NAMES) {
      const missing = unseen(SCHEMAS.get(name)!, seen.get(name)!);
      wrong.push(...missing.map((path) => `${name}: ${path} is in the chapter and not printed`));
    }
    assertEquals(wrong, []);
  });
});

Deno.test("strangers() and unseen() tell a name, a type and a null that the chapter has not", () => {
  const table = (name: string, ...rows: string[]) =>
    `<!-- json ${name}: checked -->\n\n| field | type | meaning |\n| --- | --- | --- |\n` +
    rows.map((row) => `| ${row} | |\n`).join("") + "\n";
  const schema = readSchemas(
    table("x", "`a` | number", "`b[]` | _thing_ or null", "`c.*` | text", "`d` | text or null") +
      table("object thing", "`e` | true/false", "`f` | text, may be absent"),
  ).get("x")!;
  const cases: [document: unknown, strange: string[], missing: string[]][] = [
    [{ a: 1, b: [{ e: true }], c: { any: "x" }, d: null }, [], []],
    [{ a: 1, b: [], c: {}, d: "y" }, [], []],
    [{ a: "1", b: [], c: {}, d: "" }, ["a is text, not number"], []],
    [{ a: null, b: [null], c: { any: 1 }, d: "" }, ["a is null", "c.* is number, not text"], []],
    [{ a: 1, b: [{ e: true, g: 1 }], c: {} }, ["b[].g (number) is not in the chapter"], ["d"]],
  ];
  for (const [document, strange, missing] of cases) {
    const seen = new Set<string>();
    assertEquals(strangers(document, schema, seen), strange);
    assertEquals(unseen(schema, seen), missing);
  }
});
