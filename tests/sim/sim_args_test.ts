import { assertEquals, assertStringIncludes } from "@std/assert";
import { HELP, readSimArgs, type SimArgs } from "./sim_args.ts";

const DEFAULT: SimArgs = {
  scenes: 100,
  seed: 1,
  plexPort: 0,
  stashPort: 0,
  plexLatencyMs: 0,
  missingPercent: 0,
  ambiguous: 0,
  stashZone: "Z",
  stashRoot: "/data/scenes",
  plexRoot: "/data/scenes",
};

for (
  const { argv, want } of [
    { argv: [], want: {} },
    { argv: ["--scenes", "20", "--seed=9"], want: { scenes: 20, seed: 9 } },
    { argv: ["--missing", "2.5", "--ambiguous", "3"], want: { missingPercent: 2.5, ambiguous: 3 } },
    {
      argv: ["--plex-port=1", "--stash-port=2", "--plex-latency=30"],
      want: { plexPort: 1, stashPort: 2, plexLatencyMs: 30 },
    },
    { argv: ["--stash-zone=-03:30"], want: { stashZone: "-03:30" } },
    { argv: ["--stash-root", "/a"], want: { stashRoot: "/a", plexRoot: "/a" } },
    { argv: ["--plex-root", "/b"], want: { plexRoot: "/b" } },
    {
      argv: ["--library", "a.json", "--stash-zone=+01:00"],
      want: { library: "a.json", stashZone: "+01:00" },
    },
  ]
) {
  Deno.test(`readSimArgs(${argv.join(" ")}) fills in the rest`, () =>
    assertEquals(readSimArgs(argv), { kind: "run", args: { ...DEFAULT, ...want } }));
}

for (
  const { argv, reason } of [
    {
      argv: ["--scenes", "many"],
      reason: '--scenes must be a whole number from 0 to 1000000: it is "many"',
    },
    { argv: ["--scenes=1.5"], reason: "--scenes must be" },
    { argv: ["--scenes="], reason: "--scenes must be" },
    { argv: ["--plex-port", "70000"], reason: "--plex-port must be" },
    { argv: ["--missing", "101"], reason: "--missing must be a number from 0 to 100" },
    { argv: ["--stash-root", "data"], reason: "--stash-root must be an absolute folder" },
    { argv: ["--scene", "5"], reason: "--scene" },
    {
      argv: ["--library", "a.json", "--scenes=5", "--seed=1"],
      reason: "--library goes without --scenes, --seed",
    },
    { argv: ["--library="], reason: "--library must name a file" },
    { argv: ["extra"], reason: "extra" },
  ]
) {
  Deno.test(`readSimArgs(${argv.join(" ")}) names what is wrong`, () => {
    const call = readSimArgs(argv);
    assertEquals(call.kind, "bad");
    if (call.kind === "bad") assertStringIncludes(call.message, reason);
  });
}

Deno.test("--help wins and names every option", () => {
  assertEquals(readSimArgs(["--help", "--scenes", "x"]), { kind: "help" });
  for (
    const name of [
      "scenes",
      "seed",
      "plex-port",
      "stash-port",
      "plex-latency",
      "missing",
      "ambiguous",
      "stash-zone",
      "stash-root",
      "plex-root",
      "library",
    ]
  ) {
    assertStringIncludes(HELP, `--${name} `);
  }
});
