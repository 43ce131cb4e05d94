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
    text: 'import type {\n  Plan,\n} from "../app/plan.ts";',
    want: "src/worker/loop.ts imports ../app/plan.ts: worker may not import app",
  },
  {
    name: "a neighbour",
    path: "src/target/target.ts",
    text: 'export * from "../stash/client.ts";',
    want: "src/target/target.ts imports ../stash/client.ts: target may not import stash",
  },
  {
    name: "a lazy import that points up",
    path: "src/daemon/run.ts",
    text: 'const lazy = await import("../cli/status.ts" as string);',
    want: "src/daemon/run.ts imports ../cli/status.ts: daemon may not import cli",
  },
  {
    name: "a face that imports another",
    path: "src/http/api.ts",
    text: 'import type { PluginInput } from "../plugin/protocol.ts";',
    want: "src/http/api.ts imports ../plugin/protocol.ts: http may not import plugin",
  },
  {
    name: "a face that takes a value from below app",
    path: "src/cli/queue.ts",
    text: 'import { Queue, type QueueFilter } from "../store/queue.ts";',
    want: "src/cli/queue.ts imports ../store/queue.ts: cli takes only types of store",
  },
  {
    name: "a face that calls a store",
    path: "src/plugin/tasks.ts",
    text: "const letters = (await context.installation()).store.deadLetters.recent(5);",
    want: "src/plugin/tasks.ts calls store.deadLetters.recent(: a face asks app",
  },
  {
    name: "a page that is loaded though nobody looks at it",
    path: "src/http/server.ts",
    text: 'import { Page } from "./page/page.tsx";',
    want: "src/http/server.ts imports ./page/page.tsx: it is loaded for an open page alone",
  },
  {
    name: "a client that is made elsewhere than in app",
    path: "src/intake/look.ts",
    text: "const plex = createPlexClient(options);",
    want: "src/intake/look.ts calls createPlexClient(: only app and daemon make stores and clients",
  },
  {
    name: "a target's own type outside its folder",
    path: "src/worker/batch/gather.ts",
    text: 'import type { PlexItem } from "../../target/plex/item.ts";',
    want: "src/worker/batch/gather.ts imports ../../target/plex/item.ts: it stands behind a seam",
  },
  {
    name: "a target that knows another",
    path: "src/target/nfo/write.ts",
    text: 'import { encode } from "../plex/encode.ts";',
    want: "src/target/nfo/write.ts imports ../plex/encode.ts: it stands behind a seam",
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
    path: "src/store/queue/jobs.ts",
    text: 'const { Database } = await import("@db/sqlite");',
    want:
      "src/store/queue/jobs.ts imports @db/sqlite: it belongs to ^src\\/store\\/database\\/driver\\w*\\.ts$",
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
    name: "an import at run time that is read at the start",
    path: "src/cli/frame/commands.ts",
    text: 'const run = () => import("../run/run_command.ts");',
    want: 'src/cli/frame/commands.ts has import("../run/run_command.ts"), which is read at the ' +
      "start: name it `as string`",
  },
  {
    name: "the type of a file that points up",
    path: "src/daemon/run.ts",
    text: 'const lazy: typeof import("../cli/status.ts") = await lazily();',
    want: "src/daemon/run.ts imports ../cli/status.ts: daemon may not import cli",
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
    [
      "main.ts",
      'const { run }: typeof import("./src/cli/run.ts") = await import(\n' +
      '  "./src/cli/run.ts" as string\n);',
    ],
    ["src/cli/run.ts", 'import deno from "../../deno.json" with { type: "json" };'],
    ["src/core/a.ts", '/**\n * import { x } from "../cli/x.ts";\n */\n// Date.now() is handed in'],
    ["src/worker/c.ts", 'import type { Target } from "../target/target.ts";'],
    ["src/target/plex/read_item.ts", 'import { read } from "./xml.ts";'],
    [
      "src/cli/queue.ts",
      'import { type Store } from "../store/store.ts";\nconst { store } = open;',
    ],
    ["src/app/servers.ts", 'import { createPlexClient } from "../target/plex/client.ts";'],
    ["src/worker/b.ts", 'import { a } from "../core/a.ts";\nawait this.#http.fetch(url);'],
    ["src/store/database/driver_builtin.ts", 'import { DatabaseSync } from "node:sqlite";'],
    ["tests/sim/c.ts", 'import type { Scene } from "../../src/core/scene.ts";'],
  ]);
  assertEquals(findBreaches(sources), []);
});

Deno.test("findBreaches() reports files that load each other in a circle", () => {
  const circle = new Map([
    ["src/core/a.ts", 'import { b } from "./b.ts";'],
    ["src/core/b.ts", 'import { c } from "./c.ts";'],
    ["src/core/c.ts", 'import { b } from "./b.ts";'],
  ]);
  const want = "src/core/b.ts imports src/core/c.ts imports src/core/b.ts: a circle";
  assertEquals(findBreaches(circle), [want]);
});

Deno.test("findBreaches() accepts a circle of types, and one of what is loaded when called", () => {
  const sources = new Map([
    ["src/core/a.ts", 'import { type A, type B } from "./b.ts";'],
    [
      "src/core/b.ts",
      'import type { C } from "./a.ts";\nconst a = await import("./a.ts" as string);',
    ],
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
