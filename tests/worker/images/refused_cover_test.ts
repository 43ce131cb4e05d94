/** What becomes of a scene whose cover Stash refuses, or which is no image. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 20;
/** In the midst of the batch. */
const BAD = "13";

type Effect = Readonly<Record<string, unknown>>;

const HTML: Effect = { body: "<html>Log in</html>" };

/** Answers that another try will not change. */
const REFUSALS: readonly Effect[] = [
  ...[400, 401, 403, 404, 405, 407, 410, 413, 415, 418, 451].map((status) => ({ status })),
  { status: 204 },
  HTML,
  { body: "{}", content_type: "application/json" },
  { body: "", content_type: "image/jpeg" },
  { body: "<html>Log in</html>", content_type: "image/jpeg" },
  { body: "no image at all", content_type: "image/png" },
  { body: "no image at all", content_type: "application/octet-stream" },
  { answer: "garbage" },
];

/** Answers for now: another try may get the cover. */
const FOR_NOW: readonly Effect[] = [
  ...[302, 303, 307, 408, 425, 429, 500, 501, 502, 503, 504].map((status) => ({ status })),
  { close: "body" },
];

async function open(): Promise<Rig> {
  return await Rig.open({
    library: { scenes: SCENES },
    settings: { maxRetries: 2 },
    timeOuts: { connectTimeoutMs: 1_000, readTimeoutMs: 4_000 },
  });
}

/** Ids of scenes whose item shows no poster. */
function bare(rig: Rig): string[] {
  return rig.stash.scenes().map(({ id }) => id!).filter((id) => rig.itemOf(id).poster === null);
}

function coversAsked(rig: Rig, sceneId: string): number {
  return rig.stash.requests().filter(({ path }) => path === `/scene/${sceneId}/screenshot`).length;
}

function leftOut(rig: Rig): string {
  return rig.store.outcomes.recent(99).find(({ scene_id }) => scene_id === BAD)!.left_out;
}

function alarms(rig: Rig): string[] {
  return rig.lines.filter(({ level }) => level === "warning" || level === "error")
    .map(({ message }) => message);
}

for (const effect of REFUSALS) {
  const what = JSON.stringify(effect);

  Deno.test(`a scene is done with a note, all but its images written, when its cover meets ${what}`, async () => {
    await using rig = await open();
    rig.stash.setFaults([{ route: "cover", scene: BAD, ...effect }]);
    rig.enqueue();
    await rig.once();
    assertEquals([rig.outcomes(), rig.store.jobs.count()], [{ written: SCENES }, 0]);
    assertEquals(coversAsked(rig, BAD), 1);
    assertStringIncludes(leftOut(rig), `poster: Cannot read the cover of scene ${BAD}: Stash`);
    assertStringIncludes(leftOut(rig), "asked for again when the scene is synced next");
    assertEquals(rig.itemOf(BAD).title, rig.stash.scenes().find(({ id }) => id === BAD)!.title);
    assertEquals(bare(rig), [BAD]);
    assertEquals(alarms(rig), []);

    // Alone it is told apart just as well, by the covers of others; and it costs no write.
    const writes = rig.writes().length;
    rig.enqueue([BAD]);
    await rig.once();
    assertEquals(rig.outcomes(), { written: SCENES, unchanged: 1 });
    assertEquals([coversAsked(rig, BAD), rig.writes().length], [2, writes]);

    rig.stash.setFaults([]);
    rig.enqueue([BAD]);
    await rig.once();
    assertEquals(bare(rig), []);
    assertEquals(rig.store.deadLetters.count(), 0);
  });

  Deno.test(`no image is left out for good when all covers meet ${what} for a while`, async () => {
    await using rig = await open();
    rig.stash.setFaults([{ route: "cover", ...effect }]);
    rig.runtime.after(10 * MINUTE_MS, () => rig.stash.setFaults([]));
    rig.enqueue();
    await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
    assertEquals([bare(rig), rig.store.deadLetters.count()], [[], 0]);
    const { written, ...rest } = rig.outcomes();
    assert(written! >= 1);
    assertEquals(Object.keys(rest).filter((outcome) => outcome !== "unchanged"), []);
    assertEquals(rig.gates.stash.isDown, false);
  });
}

for (const effect of FOR_NOW) {
  Deno.test(`a scene pays for its cover alone when that meets ${JSON.stringify(effect)}`, async () => {
    await using rig = await open();
    rig.stash.setFaults([{ route: "cover", scene: BAD, ...effect }]);
    rig.enqueue();
    await rig.until(() => rig.store.jobs.count() === 0, 10 * MINUTE_MS);
    assertEquals(rig.outcomes(), { written: SCENES - 1, retry: 2, dead: 1 });
    assertEquals(rig.store.deadLetters.byType(), { TransientError: 1 });
    assertEquals(rig.itemOf(BAD).title, rig.stash.scenes().find(({ id }) => id === BAD)!.title);
    assertEquals(bare(rig), [BAD]);
  });
}

Deno.test("covers that are refused are no measure for one that fails for now", async () => {
  await using rig = await open();
  const refused = Array.from({ length: SCENES }, (_, n) => String(n + 1)).filter((id) =>
    Number(id) > 6
  );
  rig.stash.setFaults(refused.map((scene) => ({ route: "cover", scene, status: 403 })));
  rig.enqueue(["1", "2", "3", "4", "5", "6"]);
  await rig.once();
  // Each by itself, so that only the covers of others can tell whose fault it is.
  for (const id of refused) {
    rig.enqueue([id]);
    await rig.once();
  }
  assertEquals(rig.outcomes(), { written: SCENES });
  rig.stash.setFaults([
    ...refused.map((scene) => ({ route: "cover", scene, status: 403 })),
    { route: "cover", scene: "1", status: 502 },
  ]);
  rig.stash.upsert([{ id: "1", title: "Another" }]);
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0, 10 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.byType(), { TransientError: 1 });
});
