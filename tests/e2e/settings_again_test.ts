/** Settings that are put right while the daemon runs: work goes on in the same process. */
import { assertEquals, assertMatch } from "@std/assert";
import { certificate } from "../certificates.ts";
import type { Program } from "../program.ts";
import { tlsFront } from "../tls_front.ts";
import { until, withWorld, type World } from "./world.ts";

const OPTIONS = { scenes: 2, seed: 21, config: { poll_interval: 0.2 } };

/** Starts a daemon that has brought all scenes to Plex. */
async function started(world: World, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const daemon = await world.start(["run"], { env });
  await world.expect(0, "sync", "--all", "--yes");
  await until("an empty queue", () => world.query("SELECT id FROM jobs").length === 0);
  return daemon;
}

/** A change of a scene reaches Plex, by the process that was started. */
async function assertWorks(world: World, daemon: Program, title: string): Promise<void> {
  world.stash.upsert([{ id: 1, title }]);
  await until(`"${title}" in Plex`, () => world.plex.items().some((item) => item.title === title));
  daemon.kill();
  assertEquals((await daemon.result).code, 0);
  const { stderr } = await daemon.result;
  assertEquals(stderr.match(/plexsync ends: stopped/g)?.length, 1, stderr);
}

Deno.test("a Plex that refuses the token gets the new one as soon as it is in the file", async () => {
  await withWorld(OPTIONS, async (world) => {
    await using daemon = await started(world);
    world.plex.setToken("another-token");
    world.stash.upsert([{ id: 1, title: "Refused" }]);
    await daemon.stderr.line(/Needs attention: .*Plex answered 401.*resumes by itself/);
    await world.configure({ plex_token: "another-token" });
    await daemon.stderr.line("plex_token has changed: starting anew");
    await assertWorks(world, daemon, "Taken");
  });
});

Deno.test("a token in a file of its own is read again too", async () => {
  await withWorld(
    { ...OPTIONS, config: { ...OPTIONS.config, plex_token: undefined } },
    async (world) => {
      const file = world.path("plex_token");
      await Deno.writeTextFile(file, world.plex.token);
      await using daemon = await started(world, { PLEXSYNC_PLEX_TOKEN_FILE: file });
      world.plex.setToken("another-token");
      world.stash.upsert([{ id: 1, title: "Refused" }]);
      await daemon.stderr.line("Needs attention");
      await Deno.writeTextFile(file, "another-token\n");
      await assertWorks(world, daemon, "Taken");
    },
  );
});

Deno.test("a Stash that refuses the key gets the new one as soon as it is a credential", async () => {
  await withWorld(
    { ...OPTIONS, config: { ...OPTIONS.config, stash_api_key: undefined } },
    async (world) => {
      const folder = world.path("credentials");
      await Deno.mkdir(folder);
      await Deno.writeTextFile(`${folder}/stash_api_key`, "wrong-key");
      const env = { CREDENTIALS_DIRECTORY: folder };
      await using daemon = await world.start(["run"], { env });
      await daemon.stderr.line(/Stash answered 401/);
      await Deno.writeTextFile(`${folder}/stash_api_key`, world.stash.apiKey);
      await daemon.stderr.line("stash_api_key has changed: starting anew");
      await assertWorks(world, daemon, "Taken");
    },
  );
});

Deno.test("a certificate that is not trusted is, as soon as ca_file names it", async () => {
  await withWorld(OPTIONS, async (world) => {
    const own = await certificate({ isAuthority: true });
    await using front = tlsFront(own, Number(new URL(world.plex.url).port));
    await world.configure({ plex_url: front.url });
    await using daemon = await world.start(["run"]);
    await world.expect(0, "sync", "--scene", "1");
    await daemon.stderr.line(/Plex is down: .*certificate.*ca_file/);
    await Deno.writeTextFile(world.path("ca.pem"), own.cert);
    await world.configure({ plex_url: front.url, ca_file: world.path("ca.pem") });
    await daemon.stderr.line("ca_file has changed: starting anew");
    await assertWorks(world, daemon, "Trusted");
  });
});

Deno.test({
  name: "SIGHUP: new settings hold, the same are said, broken ones change nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withWorld(OPTIONS, async (world) => {
      await using daemon = await started(world);
      daemon.kill("SIGHUP");
      // What a restart alone can change is named.
      await daemon.stderr.line(
        /read again, and are the same as before.*hint="Flags and variables of the environment take/,
      );

      await world.configure({ log_level: "debug", sync_tagline: false });
      daemon.kill("SIGHUP");
      await daemon.stderr.line("log_level and sync_tagline have changed: starting anew");
      await daemon.stderr.line("DEBUG");

      await world.configure({ log_level: "loud", plex_tokn: "x" });
      daemon.kill("SIGHUP");
      assertMatch(
        await daemon.stderr.line("those before stay"),
        /Cannot use log_level.*Unknown key "plex_tokn"|Unknown key "plex_tokn".*Cannot use log_level/,
      );

      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      await world.configure({ listen: `127.0.0.1:${taken.addr.port}` });
      daemon.kill("SIGHUP");
      await daemon.stderr.line(/The new settings cannot be used, those before stay: Cannot listen/);
      await assertWorks(world, daemon, "Alive");
    });
  },
});

Deno.test({
  name: "a storm of SIGHUP, with settings that are broken now and then, loses no change",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withWorld(OPTIONS, async (world) => {
      await using daemon = await started(world);
      const path = world.path("plexsync.toml");
      const good = await Deno.readTextFile(path);
      for (let round = 0; round < 5; round++) {
        for (const bad of ["not toml [", "", good.replace("plex_url", "plex_urll")]) {
          await Deno.writeTextFile(path, bad);
          for (let n = 0; n < 30; n++) daemon.kill("SIGHUP");
        }
        await Deno.writeTextFile(path, good);
        daemon.kill("SIGHUP");
        const title = `Round ${round}`;
        world.stash.upsert([{ id: 1, title }]);
        await until(title, () => world.plex.items().some((item) => item.title === title));
      }
      await assertWorks(world, daemon, "In the end");
    });
  },
});
