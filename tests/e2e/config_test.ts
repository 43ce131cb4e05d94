import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proveRows } from "./rows.ts";
import { withWorld, type World } from "./world.ts";

interface Wrong {
  when: string;
  config: Parameters<World["configure"]>[0];
  /** Exit codes of `sync --all` and of `run --once`. */
  codes: [sync: number, run: number];
  /** Each has to be in what is said. */
  says: readonly (string | RegExp)[];
}

const WRONG: readonly Wrong[] = [
  {
    when: "all that is required is missing",
    config: {
      plex_url: undefined,
      plex_token: undefined,
      stash_url: undefined,
      stash_api_key: undefined,
    },
    codes: [2, 2],
    says: ["stash_url", "stash_api_key"],
  },
  {
    when: "a key is misspelt",
    config: { pol_interval: 3 },
    codes: [2, 2],
    says: ["pol_interval", /nearest.*poll_interval|poll_interval/],
  },
  {
    when: "several values are bad",
    config: { batch_size: 0, strict_matching: "perhaps", log_level: "loud", read_timeout: 1 },
    codes: [2, 2],
    says: ["batch_size", "strict_matching", "perhaps", "log_level", "loud", "read_timeout", "5"],
  },
  {
    when: "an address is none",
    config: { plex_url: "plex", stash_url: "ftp://stash" },
    codes: [2, 2],
    says: ["plex_url", "stash_url"],
  },
  {
    when: "Stash is not there",
    config: { stash_url: "http://127.0.0.1:9" },
    codes: [1, 0],
    says: [/error: Cannot .*: Stash cannot be reached/, "hint: "],
  },
  {
    when: "the key of Stash is wrong",
    config: { stash_api_key: "wrong" },
    codes: [1, 0],
    says: [/error: .*Stash answered 401/, /hint: .*stash_api_key/],
  },
  {
    when: "the token of Plex is wrong",
    config: { plex_token: "wrong" },
    codes: [0, 1],
    says: [/Needs attention: .*Plex answered 401/, "plex_token"],
  },
  {
    when: "Plex is not there",
    config: { plex_url: "http://127.0.0.1:9" },
    codes: [0, 1],
    says: ["Plex is down", "cannot be reached"],
  },
  {
    when: "the library is not in Plex",
    config: { plex_library: "Sceens" },
    codes: [0, 1],
    says: ['Plex has no movie or show library "Sceens"', 'Libraries in Plex: "Scenes"'],
  },
];

Deno.test("a wrong setting is said clearly with the right exit code, and mended it is forgotten, when", async (t) => {
  await proveRows(
    t,
    WRONG,
    ({ config, codes, says }) =>
      withWorld({ scenes: 3, seed: 14 }, async (world) => {
        await world.configure(config);
        const sync = await world.run(["sync", "--all", "--yes"]);
        const run = await world.run(["run", "--once"]);
        assertEquals([sync.code, run.code], codes, sync.stderr + run.stderr);
        const said = sync.stderr + run.stderr;
        for (const part of says) {
          if (typeof part === "string") assertStringIncludes(said, part);
          else assertMatch(said, part);
        }
        await world.configure();
        await world.syncAll();
        assertEquals(await world.differences(), []);
      }),
  );
});

Deno.test("several bad values are all named at once", async () => {
  await withWorld({}, async (world) => {
    await world.configure({ batch_size: 0, read_timeout: 1, nonsense: true });
    const { stderr } = await world.expect(2, "status");
    for (const key of ["batch_size", "read_timeout", "nonsense"]) assertStringIncludes(stderr, key);
  });
});

Deno.test("an empty Stash and an empty Plex are nothing to complain about", async () => {
  await withWorld({}, async (world) => {
    await world.syncAll();
    const { stderr } = await world.expect(0, "run", "--once");
    assert(!/WARNING|ERROR/.test(stderr), stderr);
  });
});

Deno.test("scenes wait for a Plex that is still empty", async () => {
  await withWorld({ scenes: 4, seed: 15, missingPercent: 100 }, async (world) => {
    await world.syncAll();
    const jobs = await world.json<{ state: string; last_error_type: string }[]>("queue", "list");
    assertEquals(jobs.map(({ state }) => state), Array(4).fill("waiting"));
    assertEquals(new Set(jobs.map((job) => job.last_error_type)), new Set(["PlexNotFound"]));
  });
});
