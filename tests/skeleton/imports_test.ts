import { assertEquals, assertRejects } from "@std/assert";
import { join, resolve } from "node:path";
import { decideImports, importsFor, isReached, type Probes } from "../../scripts/imports.ts";

const root = resolve("/project");
const map = resolve("/project/maps/mine.json");

const decisions: {
  when: string;
  forced?: string;
  cached?: boolean;
  reached?: boolean;
  want: [value: string, why: string];
}[] = [
  { when: "all is cached", cached: true, want: ["jsr", "cached"] },
  { when: "JSR answers", reached: true, want: ["jsr", "JSR answers"] },
  { when: "neither", want: ["offline", "JSR not reached"] },
  { when: "the variable is empty", forced: "", want: ["offline", "JSR not reached"] },
  { when: "forced to JSR", forced: "jsr", want: ["jsr", "PLEXSYNC_IMPORTS"] },
  {
    when: "forced offline though JSR answers",
    forced: "offline",
    cached: true,
    reached: true,
    want: ["offline", "PLEXSYNC_IMPORTS"],
  },
  { when: "given a map", forced: "maps/mine.json", want: [map, "PLEXSYNC_IMPORTS"] },
];

function probes({ cached = false, reached = false, asked = [] as string[] }): Probes {
  const answer = (name: string, value: boolean) => {
    asked.push(name);
    return Promise.resolve(value);
  };
  return {
    cached: () => answer("cached", cached),
    reached: () => answer("reached", reached),
    exists: (path) => answer("exists", path === map),
  };
}

for (const { when, forced, want, ...world } of decisions) {
  Deno.test(`decideImports() picks ${want[0] === map ? "the map" : want[0]} when ${when}`, async () => {
    const { imports, why } = await decideImports(root, forced, probes(world));
    assertEquals([imports.value, why], want);
  });
}

Deno.test("decideImports() asks no registry when the answer is forced or all is cached", async () => {
  const asked: string[] = [];
  await decideImports(root, "offline", probes({ asked }));
  await decideImports(root, "jsr", probes({ asked }));
  assertEquals(asked, []);
  await decideImports(root, undefined, probes({ asked, cached: true }));
  assertEquals(asked, ["cached"]);
});

Deno.test("decideImports() refuses what is no form of the variable and no file", async () => {
  await assertRejects(
    () => decideImports(root, "ofline", probes({})),
    RangeError,
    'must be "jsr", "offline" or the path of an import map: current value is "ofline"',
  );
});

Deno.test("importsFor() freezes the lock only where it is known to be complete", () => {
  const offline = join(root, "scripts", "offline", "import_map.json");
  assertEquals(importsFor(root, "jsr").flags, []);
  assertEquals(importsFor(root, "offline").flags, [`--import-map=${offline}`, "--frozen"]);
  assertEquals(importsFor(root, map).flags, [`--import-map=${map}`, "--no-lock"]);
});

const registries: { answers: string; status: (path: string) => number; want: boolean }[] = [
  { answers: "all four packages", status: () => 200, want: true },
  { answers: "three of them", status: (path) => path.includes("sqlite") ? 404 : 200, want: false },
  { answers: "errors", status: () => 503, want: false },
];

for (const { answers, status, want } of registries) {
  Deno.test(`isReached() is ${want} when the registry answers with ${answers}`, async () => {
    const asked: string[] = [];
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        return new Response("{}", { status: status(pathname) });
      },
    );
    assertEquals(await isReached(`http://127.0.0.1:${server.addr.port}/`), want);
    assertEquals(asked.sort(), [
      "/@db/sqlite/meta.json",
      "/@std/assert/meta.json",
      "/@std/cli/meta.json",
      "/@std/log/meta.json",
    ]);
  });
}

Deno.test("isReached() is false when nothing listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertEquals(await isReached(`http://127.0.0.1:${port}/`), false);
});
