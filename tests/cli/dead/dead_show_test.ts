import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HINTS } from "../../../src/core/failures/hints.ts";
import type { DeadLetter } from "../../../src/core/jobs/job.ts";
import type { Store } from "../../../src/store/store.ts";
import { attempt, buried, claimAll, claimed, dead, retry } from "../../store/samples.ts";
import { DataDir } from "../data_dir.ts";
import { bury, buryMany, MINUTE } from "../letters.ts";
import { TARGET } from "../../one_target.ts";

/** A job of scene 7 that failed, was tried again, and was given up. */
function failTwice(store: Store, now: number): void {
  const first = claimed(store, "7", now - 2 * MINUTE);
  store.settlement.settle([attempt(first, retry(now - MINUTE), { durationMs: 11 })], now - MINUTE);
  store.settlement.settle([
    attempt(claimAll(store, now - MINUTE)[0]!, dead, {
      durationMs: 22,
      errorType: "AmbiguousMatch",
      errorMessage: "2 items fit",
      path: "/media/x.mp4",
      hint: HINTS.AmbiguousMatch,
      candidates: ["10 /media/x.mp4", "11 /media/copy/x.mp4"],
      stackTrace: "Error: 2 items fit\n    at match (match.ts:1:1)\n",
    }),
  ], now);
  // Another job of the same scene is another story.
  store.settlement.settle([attempt(claimed(store, "7", now), retry(now + MINUTE))], now);
}

Deno.test("dead show tells payload, attempts, path, candidates, hint and stack trace", async () => {
  using dir = new DataDir();
  const now = Date.now();
  await dir.store((store) => failTwice(store, now));
  const letter = await dir.json("dead", "show", "1");
  const { job_data, attempts, ...row } = letter;
  const payload = job_data as Record<string, unknown>;
  assertEquals([payload.scene_id, payload.reason, payload.retry_count], ["7", "hook", 1]);
  const tried = attempts as {
    at: number;
    outcome: string;
    error_type: string;
    duration_ms: number;
  }[];
  assertEquals(
    tried.map(({ at, outcome, error_type, duration_ms }) => [at, outcome, error_type, duration_ms]),
    [[now - MINUTE, "retry", "TransientError", 11], [now, "dead", "AmbiguousMatch", 22]],
  );
  assertEquals(row, {
    id: 1,
    job_id: 1,
    pinned_to: null,
    scene_id: "7",
    error_type: "AmbiguousMatch",
    error_message: "2 items fit",
    stack_trace: "Error: 2 items fit\n    at match (match.ts:1:1)\n",
    retry_count: 1,
    path: "/media/x.mp4",
    hint: HINTS.AmbiguousMatch,
    failed_at: now,
    title: "x",
    candidates: ["10 /media/x.mp4", "11 /media/copy/x.mp4"],
  });
  const text = await dir.text("dead", "show", "1");
  for (
    const part of [
      "AmbiguousMatch: 2 items fit",
      HINTS.AmbiguousMatch,
      "/media/x.mp4",
      "11 /media/copy/x.mp4",
      "Plex answered 500",
      "at match (match.ts:1:1)",
      '"reason":"hook"',
    ]
  ) assertStringIncludes(text, part);
});

Deno.test("dead show shows a letter whose payload is damaged and whose outcomes are gone", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    buryMany(store, 1, Date.now());
    store.database.exec("UPDATE dead_letters SET job_data = '{'");
  });
  const letter = await dir.json("dead", "show", "1");
  assertEquals([letter.job_data, letter.candidates, letter.attempts], ["{", [], []]);
  assertStringIncludes(await dir.text("dead", "show", "1"), "Attempts: 6, no longer known");
});

Deno.test("dead show of an ID that is not there fails and says where to look", async () => {
  using dir = new DataDir();
  const { code, stdout, stderr } = await dir.run("dead", "show", "99");
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "No dead letter 99\nhint: plexsync dead list");
  assertEquals(dir.names(), []);
});

Deno.test("dead list tells what failed, why and where, and each hint once", async () => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  const text = await dir.text("dead", "list");
  assertMatch(text, /^4 +14 +c +PlexNotFound +\S+ \S+ +\/data\/1000\/c\.mp4 +No item in Plex/m);
  assertEquals(text.split(HINTS.PlexNotFound).length - 1, 1);
  assertEquals(text.split(HINTS.Unknown).length - 1, 1);
  assertEquals(await dir.text("dead"), text);
});

Deno.test("dead list says on stderr when it does not show all", async () => {
  using dir = new DataDir();
  await dir.store((store) => buryMany(store, 1_001, Date.now()));
  const cut = await dir.run("dead", "list", "--json");
  assertEquals((JSON.parse(cut.stdout) as DeadLetter[]).length, 1_000);
  assertEquals(cut.stderr, "These are 1000 of 1001: --limit 1001 shows all\n");
  const two = await dir.run("dead", "list", "--json", "--limit", "2");
  assertEquals((JSON.parse(two.stdout) as DeadLetter[]).map(({ id }) => id), [1, 2]);
  const all = await dir.run("dead", "list", "--json", "--limit", "1001");
  assertEquals([JSON.parse(all.stdout).length, all.stderr], [1_001, ""]);
});

Deno.test("neither control characters nor secrets of a dead letter reach the screen", async () => {
  using dir = new DataDir();
  Deno.writeTextFileSync(
    dir.file("plexsync.toml"),
    'plex_token = "s3cret-token"\nstash_api_key = "5"\n',
  );
  await dir.store((store) =>
    buried(store, "5", Date.now(), {
      errorMessage: "said \x1b[31m\r\n s3cret-token",
      stackTrace: "Error\n  at x?X-Plex-Token=abc",
      path: "/data/s3cret-token",
    })
  );
  for (const args of [["list"], ["show", "1"], ["export"]]) {
    for (const form of args[0] === "export" ? [[]] : [[], ["--json"]]) {
      const { stdout, stderr } = await dir.run("dead", ...args, ...form);
      const said = stdout + stderr;
      assert(!/s3cret|=abc/.test(said), said);
      assert(!said.includes("\x1b") && !said.includes("\r"), said);
    }
  }
  // Masking must not break what is no text: this key is also a number.
  const [letter] = await dir.json<DeadLetter[]>("dead", "list");
  assertEquals(letter!.id, 1);
});

Deno.test("dead show, list and export name what the scene is pinned to", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    failTwice(store, Date.now());
    store.of(TARGET).pins.put({ scene_id: "7", item: "11", paths: [], files: [], made_at: 1 });
  });
  assertEquals((await dir.json("dead", "show", "1")).pinned_to, "11");
  assertMatch(await dir.text("dead", "show", "1"), /^Pinned to +11$/m);
  assertMatch(await dir.text("dead", "list"), /^ID .* PINNED TO .*\n1 +7 +x +11 /);
  const [exported] = JSON.parse(await dir.text("dead", "export"));
  assertEquals(exported.pinned_to, "11");
});
