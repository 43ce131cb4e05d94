import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readLibrary } from "../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf } from "../worker/match/matching_cases.ts";
import { withWorld, type World } from "./world.ts";

/** Twelve scenes in `/data`, which Plex has in `/media`; of some it has another encoding. */
function withFilms(config: Record<string, string>, use: (world: World) => Promise<void>) {
  const ids = Array.from({ length: 12 }, (_, at) => at + 1);
  const { scenes, items, sections } = readLibrary(libraryOf(
    ids.map((id) => sceneOf(id, file(`/data/${id}.mp4`, 1000 + id, 60 * id))),
    ids.map((id) => itemOf(String(id), "1", file(`/media/${id}.mp4`, 2000 + id, 60 * id + 9))),
  ));
  const library = { scenes, plexItems: [], missingIds: [], ambiguousIds: [] };
  return withWorld({
    library,
    plex: { sections, items },
    config: { plex_library: "Films", sync_poster: "false", sync_background: "false", ...config },
  }, use);
}

Deno.test("a wrong path_map fails the check, is warned of after the first batch and shown by status, and what they propose works", async () => {
  await withFilms({ path_map: "/data=/wrong" }, async (world) => {
    const check = await world.expect(1, "config", "check", "--online");
    const [, rule] = /Set path_map = \[(.*?)\], which fits 12 of 12 files/.exec(check.stdout) ?? [];
    assertEquals(rule, '{ stash = "/data", plex = "/media" }');

    assertStringIncludes((await world.expect(3, "doctor")).stdout, `path_map = [${rule}]`);

    await world.expect(0, "sync", "--all", "--yes");
    const { stderr } = await world.expect(0, "run", "--once");
    assertStringIncludes(stderr, "None of 12 files of Stash is where Plex should have it");
    assertStringIncludes(stderr, `path_map = [${rule}]`);
    const status = await world.json<{ working: boolean; problems: string[] }>("status");
    assert(!status.working);
    assertMatch(status.problems.join("\n"), /None of 12 files/);

    const [, stash, plex] = /stash = "(.*?)", plex = "(.*?)"/.exec(rule!)!;
    await world.configure({ path_map: `${stash}=${plex}` });
    assertMatch(
      (await world.expect(0, "config", "check", "--online")).stdout,
      /ok +Files in Plex: found 12 of 12 scenes looked at\n/,
    );
    await world.expect(0, "run", "--once");
    assertEquals(world.query("SELECT scene_id FROM jobs").length, 0);
    const mended = await world.json<{ problems: string[] }>("status");
    assert(!mended.problems.some((each) => each.includes("None of")), mended.problems.join());
  });
});

Deno.test("the check tells how many scenes were found, and names one that was not", async () => {
  await withFilms({ path_map: "/data=/media" }, async (world) => {
    world.stash.upsert([{ id: 13, files: [{ path: "/data/13.mp4", size: 1, duration: 1 }] }]);
    assertStringIncludes(
      (await world.expect(0, "config", "check", "--online")).stdout,
      "found 12 of 13 scenes looked at; of one that was not, plexsync explain 13 tells why",
    );
  });
});

Deno.test("explain tells files, candidates, decision and plan of a scene that is found, and of one that is not", async () => {
  await withFilms({ path_map: "/data=/media" }, async (world) => {
    const { stdout } = await world.expect(0, "explain", "3");
    for (
      const part of ["/data/3.mp4", "/media/3.mp4", "by path_map", "It is item 3", "(high, path)"]
    ) assertStringIncludes(stdout, part);
    await world.configure({ path_map: "/data=/wrong" });
    const [found] = await world.json<{ decision: string; because: string }[]>("explain", "3");
    assertEquals(found?.decision, "none");
    const { stderr } = await world.expect(1, "explain", "99");
    assertMatch(stderr, /error: .*no such scene\nhint: /);
  });
});
