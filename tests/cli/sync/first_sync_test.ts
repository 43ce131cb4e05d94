import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withWorld, type World } from "../../e2e/world.ts";
import { HAS_TERMINAL, inTerminal, type Session, type Step } from "../pty.ts";

const LINE =
  /4 items, \d+ names added, 0 removed, 0 edits of a person overwritten, 1 without an item$/m;
/** Four scenes with an item, one without. */
const FIVE = { scenes: 5, seed: 3, missingPercent: 20 };

const jobs = (world: World) => world.query("SELECT id FROM jobs").length;

Deno.test("off a terminal the first sync --all needs --yes, and is not asked for again", async () => {
  await withWorld(FIVE, async (world) => {
    for (const _twice of [1, 2]) {
      const { stdout, stderr } = await world.expect(2, "sync", "--all");
      assertMatch(stderr, LINE);
      assertMatch(stderr, /^5 scenes will be queued/m);
      assertMatch(stderr, /^error: Nothing was queued: nobody can be asked here\nhint: Add --yes/m);
      assertEquals([stdout, jobs(world)], ["", 0]);
    }
    const no = await world.expect(2, "sync", "--all", "--yes=no");
    assertStringIncludes(no.stderr, "--yes takes only true or false");
    await world.expect(2, "sync", "--all", "--yes=false");
    assertEquals(jobs(world), 0);

    // Named scenes were never asked for.
    await world.expect(0, "sync", "--scene", "1");
    const { stderr } = await world.expect(0, "sync", "--all", "--yes");
    assertEquals(stderr.includes("items"), false, stderr);
    assertEquals(jobs(world), 5);
    await world.expect(0, "sync", "--all");
    assertEquals(world.plex.requests().filter(({ method }) => method !== "GET"), []);
  });
});

Deno.test("reconcile before that tells what it would queue, and exits with 3", async () => {
  await withWorld(FIVE, async (world) => {
    const { stdout } = await world.expect(3, "reconcile", "--scope", "all");
    assertStringIncludes(stdout, "Nothing was queued: no sync of all scenes was agreed to yet");
    assertStringIncludes(stdout, "5 scenes compared, 5 would be queued");
    assertEquals(jobs(world), 0);
    const status = await world.run(["status", "--offline"]);
    assertMatch(status.stdout, /^First sync +not agreed to yet: plexsync sync --all/m);
    await world.expect(0, "sync", "--all", "--yes");
    await world.expect(0, "reconcile", "--scope", "all");
    const after = await world.run(["status", "--offline"]);
    assertEquals(after.stdout.includes("First sync"), false);
  });
});

Deno.test("an outage in the middle of the plan of a first sync agrees to nothing", async () => {
  await withWorld(FIVE, async (world) => {
    world.plex.setFaults([{ path: "/library/metadata", status: 503 }]);
    const { stderr } = await world.expect(1, "sync", "--all");
    assertMatch(stderr, /^error: /m);
    world.plex.setFaults([]);
    await world.expect(2, "sync", "--all");
    assertEquals(jobs(world), 0);
  });
});

Deno.test("a first sync of no scene at all is none", async () => {
  await withWorld({ scenes: 0, seed: 1 }, async (world) => {
    const { stderr } = await world.expect(2, "sync", "--all");
    assertMatch(stderr, /^0 items, /m);
    if (HAS_TERMINAL) assertEquals((await asked(world)).stdout.split("\n")[0], "Queued 0 scenes");
    const [agreed] = world.query("SELECT 1 FROM meta WHERE key = 'full_sync_agreed_at'");
    assertEquals(agreed, undefined);
  });
});

/** In a terminal, with the answers of a person. */
async function asked(world: World, ...steps: Step[]): Promise<Session> {
  const session = await inTerminal(["sync", "--all", "--data-dir", world.dataDir], steps);
  assertEquals(session.stuck, null, session.screen);
  return session;
}

Deno.test({
  name: HAS_TERMINAL
    ? "in a terminal the first sync --all asks until somebody agrees, and then no more"
    : "the first sync --all asks in a terminal (skipped: no python3 to drive one)",
  ignore: !HAS_TERMINAL,
  fn: () =>
    withWorld(FIVE, async (world) => {
      for (const answer of ["", "n"]) {
        const { code, screen, stdout } = await asked(world, ["Go on? [y/N]", answer]);
        assertMatch(screen.replaceAll("\r", ""), LINE);
        assertEquals([code, stdout, jobs(world)], [3, "Queued nothing\n", 0]);
      }
      const interrupted = await asked(world, ["Go on? [y/N]", "\x03"]);
      assertEquals([interrupted.code === 0, jobs(world)], [false, 0]);

      const yes = await asked(world, ["Go on? [y/N]", "y"]);
      assertEquals([yes.code, jobs(world)], [0, 5]);
      assertMatch(yes.stdout, /^Queued 5 scenes\n/);
      const again = await asked(world);
      assertEquals([again.code, again.screen.includes("Go on?")], [0, false]);
    }),
});
