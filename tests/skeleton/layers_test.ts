import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { ROOT } from "../program.ts";
import { findBreaches } from "./layers.ts";
import { sourceFiles } from "./project.ts";

const breaches: { name: string; path: string; text: string; want: string }[] = [
  {
    name: "an import that points up",
    path: "src/core/job.ts",
    text: 'import { Store } from "../store/store.ts";',
    want: "src/core/job.ts imports ../store/store.ts: core may not import store",
  },
  {
    name: "a type import that points up",
    path: "src/worker/loop.ts",
    text: 'import type {\n  Store,\n} from "../store/store.ts";',
    want: "src/worker/loop.ts imports ../store/store.ts: worker may not import store",
  },
  {
    name: "a neighbour",
    path: "src/plex/client.ts",
    text: 'export * from "../stash/client.ts";',
    want: "src/plex/client.ts imports ../stash/client.ts: plex may not import stash",
  },
  {
    name: "a lazy import that points up",
    path: "src/daemon/run.ts",
    text: 'const lazy = await import("../cli/status.ts");',
    want: "src/daemon/run.ts imports ../cli/status.ts: daemon may not import cli",
  },
  {
    name: "a file of the tests in the source",
    path: "src/cli/sync.ts",
    text: 'import "../../tests/sim/main.ts";',
    want: "src/cli/sync.ts imports ../../tests/sim/main.ts: it is in no layer",
  },
  {
    name: "a folder without a layer",
    path: "src/util/text.ts",
    text: 'import { a } from "../core/a.ts";',
    want: "src/util/text.ts imports ../core/a.ts: the importing file is in no layer",
  },
  {
    name: "@std/log outside src/log",
    path: "src/daemon/run.ts",
    text: 'import { Logger } from "@std/log";',
    want: "src/daemon/run.ts imports @std/log: it belongs to ^src\\/log\\/",
  },
  {
    name: "@db/sqlite outside the driver",
    path: "src/store/jobs.ts",
    text: 'const { Database } = await import("@db/sqlite");',
    want: "src/store/jobs.ts imports @db/sqlite: it belongs to ^src\\/store\\/driver\\w*\\.ts$",
  },
  {
    name: "a package by its address",
    path: "src/cli/args.ts",
    text: 'import { z } from "npm:zod";',
    want: "src/cli/args.ts imports npm:zod: only bare names of deno.json",
  },
  {
    name: "a value of src in the simulated servers",
    path: "tests/sim/plex.ts",
    text: 'import { normalise } from "../../src/core/path.ts";',
    want: "tests/sim/plex.ts imports ../../src/core/path.ts: " +
      "the simulated servers take only types of src/",
  },
  {
    name: "a computed import",
    path: "main.ts",
    text: 'await import("./src/cli/" + name);',
    want: "main.ts has an import() whose name is computed",
  },
  {
    name: "the clock in a pure layer",
    path: "src/core/backoff.ts",
    text: "const at = Date.now() + 5;",
    want: "src/core/backoff.ts uses Date.now(",
  },
  {
    name: "the network in the worker",
    path: "src/worker/loop.ts",
    text: "await fetch(url);",
    want: "src/worker/loop.ts uses fetch(",
  },
];

for (const { name, path, text, want } of breaches) {
  Deno.test(`findBreaches() reports ${name}`, () => {
    assertEquals(findBreaches(new Map([[path, text]])), [want]);
  });
}

Deno.test("findBreaches() accepts what points down, comments and what was handed in", () => {
  const sources = new Map([
    ["main.ts", 'const { run } = await import("./src/cli/run.ts");'],
    ["src/cli/run.ts", 'import deno from "../../deno.json" with { type: "json" };'],
    ["src/core/a.ts", '/**\n * import { x } from "../cli/x.ts";\n */\n// Date.now() is handed in'],
    ["src/worker/b.ts", 'import { a } from "../core/a.ts";\nawait this.#http.fetch(url);'],
    ["src/store/driver_builtin.ts", 'import { DatabaseSync } from "node:sqlite";'],
    ["tests/sim/c.ts", 'import type { Scene } from "../../src/core/scene.ts";'],
  ]);
  assertEquals(findBreaches(sources), []);
});

Deno.test("imports of src, main.ts and the simulated servers point down only", async () => {
  const sources = new Map<string, string>();
  for (const path of await sourceFiles(["main.ts", "src", "tests/sim"])) {
    sources.set(path, await Deno.readTextFile(join(ROOT, path)));
  }
  assertEquals(findBreaches(sources), []);
});
