import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { serveFakeJsr } from "./fake_jsr.ts";
import { Scratch, withoutNpm } from "./scratch.ts";

const MAIN = `
  import * as a from "@std/assert";
  import * as c from "@std/cli";
  import * as l from "@std/log";
  const d = await import("@db/sqlite").catch(() => ({}));
  console.log([a, c, l, d].map((m) => "from" in m ? "registry" : "stand-in").join(" "));
`;

const real = "registry registry registry registry\n";
const standIns = "stand-in stand-in stand-in stand-in\n";

Deno.test("a task takes the stand-ins without JSR, JSR when it answers, then the cache", async () => {
  await using scratch = await Scratch.create({ ...await withoutNpm(), "main.ts": MAIN });
  const server = await serveFakeJsr();
  const env = {
    PLEXSYNC_IMPORTS: "",
    DENO_DIR: join(scratch.dir, "cache"),
    JSR_URL: "http://127.0.0.1:1/",
  };

  const without = await scratch.run(["plexsync"], { env });
  assertEquals(without.stderr, ["imports: offline stand-ins (JSR not reached)"]);
  assertEquals([without.code, without.stdout], [0, standIns]);

  env.JSR_URL = `http://127.0.0.1:${server.addr.port}/`;
  const reached = await scratch.run(["plexsync"], { env });
  assertEquals(reached.stderr, ["imports: JSR packages (JSR answers)"]);
  assertEquals([reached.code, reached.stdout], [0, real]);

  await server.shutdown();
  const cached = await scratch.run(["plexsync"], { env });
  assertEquals(cached.stderr, ["imports: JSR packages (cached)"]);
  assertEquals([cached.code, cached.stdout], [0, real]);

  // A lock that now knows JSR's packages must still serve who cannot reach them.
  env.PLEXSYNC_IMPORTS = "offline";
  const forced = await scratch.run(["plexsync"], { env });
  assertEquals([forced.code, forced.stdout], [0, standIns]);
});
