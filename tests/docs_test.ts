/** What the documents tell of the code is true of the code, and their links lead somewhere. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { CHAPTERS } from "../src/cli/manual/chapters.ts";
import {
  afterFailure,
  afterProbe,
  afterSuccess,
  type Breaker,
  CLOSED,
} from "../src/core/jobs/breaker.ts";
import { openStore, type Store } from "../src/store/store.ts";
import { ROOT } from "./program.ts";
import { sourceFiles } from "./skeleton/project.ts";
import {
  attempt,
  back,
  buried,
  claimAll,
  claimed,
  dead,
  done,
  indexed,
  madeWaiting,
  retry,
  sceneFile,
  T0,
  waiting,
} from "./store/samples.ts";
import { TARGET, TARGETS } from "./one_target.ts";

const FOLDER = join(ROOT, ".github");
const PATH = /^((\.github|src|tests|scripts)\/[\w./-]*|main\.ts|deno\.(json|lock)|[A-Z]+\.md)$/;
const FILE = /\.ts$/;
/** A function, or what begins with a capital: a class, a type, a table. */
const NAME = /^(#?\w+)\(\)$|^([A-Z]\w+)$/;
/** A setting, a column, a value: a name of the program that may stand in any file. */
const SNAKE = /^[a-z]+(?:_[a-z0-9]+)+$/;
const COMMAND = /^plexsync ([a-z]+)/;

function documents(): { name: string; text: string }[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => /\.md$/.test(name))
    .sort().map((name) => ({ name, text: Deno.readTextFileSync(join(FOLDER, name)) }));
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(join(ROOT, path)) !== undefined;
  } catch {
    return false;
  }
}

function isCommand(name: string): boolean {
  return [...Deno.readDirSync(join(ROOT, "src/cli"))].some((folder) =>
    exists(`src/cli/${folder.name}/${name}_command.ts`)
  );
}

/**
 * What a document names and is not there. A name has to be in the file that is named before
 * it in the same paragraph, row or item of a list; without one, anywhere in `all`.
 */
function missingNames(text: string, all: ReadonlyMap<string, string>): string[] {
  const missing: string[] = [];
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  for (const block of prose.split(/\n\n|\n(?=\s*(?:\||- |\d+\. ))/)) {
    let file: string | null = null;
    for (const [, code] of block.matchAll(/`([^`]+)`/g)) {
      if (PATH.test(code!)) {
        file = FILE.test(code!) ? code! : null;
        if (!exists(code!)) missing.push(code!);
        continue;
      }
      const [, command] = COMMAND.exec(code!) ?? [];
      if (command !== undefined && !isCommand(command)) missing.push(code!);
      const [, called, capital] = NAME.exec(code!) ?? [];
      const name = called ?? capital ?? SNAKE.exec(code!)?.[0];
      if (name === undefined) continue;
      const home = SNAKE.test(code!) ? null : file;
      const word = new RegExp(`(?<![\\w#])${name}(?!\\w)`);
      const texts = home === null ? [...all.values()] : [all.get(home) ?? ""];
      if (!texts.some((source) => word.test(source))) missing.push(`${home ?? "?"}: ${code}`);
    }
  }
  return missing;
}

/** Relative links of a document in `folder` that lead nowhere, by file and by heading. */
function brokenLinks(folder: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#([^)]+))?\)/g)];
  return links.filter(([, path, heading]) => {
    const target = join(ROOT, folder, path!);
    if (!exists(join(folder, path!))) return true;
    // What stands behind a picture says for which scheme it is.
    if (heading === undefined || path!.endsWith(".png")) return false;
    const headings = [...Deno.readTextFileSync(target).matchAll(/^#+ (.+)$/gm)]
      .map(([, title]) => title!.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-"));
    return !headings.includes(heading);
  }).map(([link]) => link);
}

/** The arrows of the state diagram below the heading, as `from --> to`. */
function arrowsBelow(heading: string): string[] {
  const text = Deno.readTextFileSync(join(FOLDER, "ARCHITECTURE.md"));
  const diagram = new RegExp(`^## ${heading}\\n[^]*?\`\`\`mermaid\\n([^]*?)\`\`\``, "m").exec(text);
  return [...diagram![1]!.matchAll(/^ +(\S+ --> [^:\s]+)/gm)].map(([, arrow]) => arrow!).sort();
}

Deno.test("missingNames() tells a path and a name that are not there from those that are", () => {
  const all = new Map([[
    "src/core/sync/plan.ts",
    "export function planSync() {}\nconst KEYS = 1;",
  ]]);
  const cases: [string, string[]][] = [
    ["`src/core/sync/plan.ts`: `planSync()` and `KEYS`", []],
    ["`src/core/`, `main.ts` and `CHANGELOG.md`", []],
    ["`planSync()`", []],
    ["`src/core/plans.ts`", ["src/core/plans.ts"]],
    ["`src/core/sync/plan.ts`: `plan()`", ["src/core/sync/plan.ts: plan()"]],
    ["- `src/core/sync/plan.ts`\n- `KEY`", ["?: KEY"]],
    ["`stats.json`, `plexsync run --once`", []],
    ["`src/core/sync/plan.ts` and `poll_interval`", ["?: poll_interval"]],
    ["`plexsync expound 12`", ["plexsync expound 12"]],
    ["```text\n`src/none.ts`\n```", []],
  ];
  for (const [text, want] of cases) assertEquals(missingNames(text, all), want, text);
});

Deno.test("every file and function that the documents name is there", async () => {
  const paths = await sourceFiles(["main.ts", "src", "tests", "scripts"]);
  const all = new Map(paths.map((path) => [path, Deno.readTextFileSync(join(ROOT, path))]));
  for (const { name, text } of documents()) {
    assertEquals([name, missingNames(text, all), brokenLinks(".github", text)], [name, [], []]);
  }
  assert(documents().length >= 3);
});

Deno.test("every link and command that the README and the chapters name is there", async () => {
  const chapters = (await Array.fromAsync(Deno.readDir(join(ROOT, "src/cli/help"))))
    .map(({ name }) => `src/cli/help/${name}`);
  for (const path of ["README.md", ...chapters]) {
    const text = Deno.readTextFileSync(join(ROOT, path));
    const code = text.match(/^```[^]*?^```$|`[^`\n]+`/gm) ?? [];
    const named = code.flatMap((part) => [
      ...part.matchAll(/(?:^(?:\$ )?|`|plexsync )plexsync (?:help )?([a-z]+)/gm),
    ]).map(([, name]) => name!);
    const unknown = named.filter((name) => !isCommand(name) && !Object.hasOwn(CHAPTERS, name));
    assertEquals([path, unknown, brokenLinks(dirname(path), text)], [path, [], []]);
  }
});

/** A form of GitHub, as far as it is looked at. */
interface Form {
  name: string;
  description: string;
  body: { type: string; id?: string; attributes: { label?: string; options?: string[] } }[];
}

Deno.test("the forms for issues ask for what plexsync prints by commands that exist", () => {
  for (const file of ["bug.yml", "wrong_match.yml"]) {
    const form: Form = parse(Deno.readTextFileSync(join(FOLDER, "ISSUE_TEMPLATE", file)));
    assert(form.name && form.description, file);
    const asked = form.body.filter(({ type }) => type !== "markdown");
    const ids = asked.map(({ id }) => id);
    assertEquals([new Set(ids).size, ids.includes(undefined)], [asked.length, false], file);
    const labels = asked.map(({ attributes }) => attributes.label ?? "");
    const commands = labels.flatMap((label) => COMMAND.exec(label)?.[1] ?? []);
    assert(commands.includes("version") && commands.includes("config"), file);
    assertEquals(commands.filter((name) => !isCommand(name)), [], file);
  }
});

Deno.test("the drawing of the layers holds every folder of src", () => {
  const text = Deno.readTextFileSync(join(FOLDER, "ARCHITECTURE.md"));
  const [, drawing] = /^## Layers\n\n```text\n([^]*?)```/m.exec(text)!;
  const left = drawing!.split("\n").flatMap((line) => line.slice(0, 40).match(/\w[\w.]*/g) ?? []);
  const folders = [...Deno.readDirSync(join(ROOT, "src"))].map(({ name }) => name);
  assertEquals(left.sort(), [...folders, "main.ts"].sort());
});

const FILE_OF_1 = sceneFile("/m/1.mp4", 1_000);

/** Everything that can be done to a job: brought to where it begins, and then moved. */
const MOVES: readonly { begin?: (store: Store) => void; move: (store: Store) => void }[] = [
  { move: enqueue },
  { begin: enqueue, move: enqueue },
  { begin: enqueue, move: claimAll },
  { begin: enqueue, move: clear },
  { begin: claimed, move: enqueue },
  { begin: claimed, move: (store) => settle(store, done("written")) },
  { begin: claimed, move: (store) => settle(store, done("gone")) },
  { begin: claimed, move: (store) => settle(store, retry(T0)) },
  { begin: claimed, move: (store) => settle(store, back(T0)) },
  { begin: claimed, move: (store) => settle(store, waiting(T0, FILE_OF_1)) },
  { begin: claimed, move: (store) => settle(store, dead) },
  { begin: claimed, move: (store) => store.jobs.rescueAll(T0) },
  { begin: claimed, move: clear },
  { begin: wait, move: enqueue },
  { begin: wait, move: clear },
  { begin: wait, move: (store) => store.jobs.wake(T0, T0, TARGET) },
  {
    begin: wait,
    move(store) {
      store.of(TARGET).index.put([indexed("100", FILE_OF_1.path)], T0);
      store.jobs.wake(T0, T0, TARGET);
    },
  },
  { begin: bury, move: (store) => store.deadLetters.retryMatching({}, T0) },
  { begin: bury, move: (store) => store.deadLetters.discard({}) },
];

function enqueue(store: Store): void {
  store.jobs.enqueue(["1"], "hook", T0);
}

function clear(store: Store): void {
  store.queue.clear({ states: ["ready", "waiting"] });
}

function wait(store: Store): void {
  madeWaiting(store, "1", T0, FILE_OF_1);
}

function bury(store: Store): void {
  buried(store, "1");
}

function settle(store: Store, disposition: Parameters<typeof attempt>[1]): void {
  store.settlement.settle([attempt(store.jobs.get("1", TARGET)!, disposition)], T0);
}

function placeOf(store: Store): string {
  return store.jobs.get("1", TARGET)?.state ?? (store.deadLetters.count() > 0 ? "dead" : "[*]");
}

Deno.test("the drawn states of a job, and the ways between them, are those of the store", async () => {
  const seen = new Set<string>();
  for (const { begin, move } of MOVES) {
    const store = await openStore(":memory:", TARGETS, {
      driver: "builtin",
      sleep: () => Promise.resolve(),
    });
    begin?.(store);
    const before = placeOf(store);
    move(store);
    const after = placeOf(store);
    store.close();
    // What is in work is left alone, which is no way anywhere.
    if (move !== clear || before !== after) seen.add(`${before} --> ${after}`);
  }
  assertEquals(arrowsBelow("States of a job"), [...seen].sort());
});

Deno.test("the drawn states of a breaker, and the ways between them, are those of the code", () => {
  const seen = new Set([`[*] --> ${CLOSED.state}`]);
  const visit = (breaker: Breaker, now: number, depth: number) => {
    if (depth === 0) return;
    const nexts = [
      afterSuccess(breaker, "write"),
      afterFailure(breaker, now, "down"),
      afterProbe(breaker, true, now),
      afterProbe(breaker, false, now),
    ];
    for (const next of nexts) {
      if (next.state !== breaker.state) seen.add(`${breaker.state} --> ${next.state}`);
      visit(next, now + 30_000, depth - 1);
    }
  };
  visit(CLOSED, 0, 8);
  assertEquals(arrowsBelow("States of a breaker"), [...seen].sort());
});
