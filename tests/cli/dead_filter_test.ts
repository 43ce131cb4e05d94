import { assertEquals, assertStringIncludes } from "@std/assert";
import type { DeadLetter } from "../../src/core/jobs/job.ts";
import { DataDir } from "./data_dir.ts";
import { bury } from "./letters.ts";

/** Filters, and the scenes of what fits, newest first. */
const FILTERS: { args: string[]; scenes: string[] }[] = [
  { args: [], scenes: ["15", "14", "13", "12", "11"] },
  { args: ["--all"], scenes: ["15", "14", "13", "12", "11"] },
  { args: ["--type", "PlexNotFound"], scenes: ["14", "12", "11"] },
  { args: ["--type", "plexnotfound,Unknown"], scenes: ["15", "14", "12", "11"] },
  { args: ["--scene", "11,15"], scenes: ["15", "11"] },
  { args: ["--since", "1d"], scenes: ["15", "14", "13"] },
  { args: ["--older-than", "30d"], scenes: ["11"] },
  { args: ["--text", "PLEX ANSWERED"], scenes: ["13"] },
  { args: ["--text", "/data/"], scenes: ["14", "12", "11"] },
  { args: ["--text", "100%"], scenes: ["12"] },
  { args: ["--text", "a_b"], scenes: ["15"] },
  { args: ["--text", "nn%o"], scenes: [] },
  { args: ["--text", "\\"], scenes: [] },
  { args: ["--type", "PlexNotFound", "--since", "3d", "--text", "1000"], scenes: ["14"] },
  { args: ["--type", "PlexNotFound", "--older-than", "1d", "--since", "3d"], scenes: ["12"] },
  { args: ["--type", "SceneGone"], scenes: [] },
];

Deno.test("dead list shows what fits all filters, newest first", async (t) => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  for (const { args, scenes } of FILTERS) {
    await t.step(args.join(" ") || "without a filter", async () => {
      const { stdout } = await dir.call("dead", "list", ...args, "--json");
      const letters: DeadLetter[] = JSON.parse(stdout);
      assertEquals(letters.map((letter) => letter.scene_id), scenes);
    });
  }
});

const WRONG: { args: string[]; says: string; hint?: string }[] = [
  {
    args: ["list", "--type", "PlexNotfond"],
    says: "--type must be one of TransientError, ",
    hint: "hint: The nearest is PlexNotFound",
  },
  { args: ["list", "--type", ","], says: "--type needs a value" },
  { args: ["list", "--since", "x"], says: "--since must be a time such as 24h or 7d" },
  { args: ["list", "--older-than", "0d"], says: "--older-than must be a time" },
  { args: ["list", "--scene", "a"], says: "--scene must be scene numbers such as 1,2" },
  { args: ["list", "--text="], says: "--text needs a value" },
  { args: ["list", "--limit", "0"], says: "--limit must be a number of at least 1" },
  { args: ["list", "7"], says: 'Unexpected "7"' },
  { args: ["retry"], says: "Say which" },
  { args: ["discard", "--yes"], says: "Say which" },
  { args: ["purge", "--yes"], says: "Say which" },
  { args: ["purge", "1", "--yes"], says: 'Unexpected "1"' },
  { args: ["retry", "1", "--all"], says: "one of them" },
  { args: ["retry", "1", "--type", "Unknown"], says: "one of them" },
  { args: ["discard", "--all", "--type", "Unknown", "--yes"], says: "one of them" },
  { args: ["retry", "one"], says: 'Not the ID of a dead letter: "one"' },
  { args: ["retry", ","], says: "No ID of a dead letter was given" },
  { args: ["retry", "1", "--yes"], says: "--yes is not for dead retry" },
  { args: ["retry", "--all", "--limit", "3"], says: "--limit is not for dead retry" },
  { args: ["show"], says: "dead show takes ID" },
  { args: ["show", "1", "2"], says: 'Unexpected "2"' },
  { args: ["show", "1", "--type", "Unknown"], says: "--type is not for dead show" },
  { args: ["bury"], says: "Unknown: dead bury" },
  { args: ["constructor"], says: "Unknown: dead constructor" },
];

Deno.test("dead with wrong usage says what is wrong, and changes nothing", async (t) => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  for (const { args, says, hint } of WRONG) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await dir.call("dead", ...args);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, says);
      if (hint !== undefined) assertStringIncludes(stderr, hint);
    });
  }
  await dir.store((store) => {
    assertEquals([store.deadLetters.count(), store.jobs.count()], [5, 0]);
  });
});
