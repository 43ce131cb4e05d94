import { assert, assertEquals } from "@std/assert";
import type { SimPlexSwitches } from "../sim/plex/switches.ts";
import { Rig } from "./rig.ts";

/** Every way in which servers differ about lists of names, away from the simulator's default. */
const SWITCHES: readonly [name: string, set: Partial<SimPlexSwitches>][] = [
  ["adds", { singleTagEdit: "add" }],
  ["replaces unless removing", { singleTagEdit: "replace_unless_removal" }],
  ["decodes once", { removalDecoding: "single" }],
  ["removes the first only", { removalList: "first_only" }],
  ["adds, then removes", { removalOrder: "after_adds" }],
  ["keeps letter case", { capitalizeTags: false }],
  ["folds letter case", { tagCase: "fold" }],
  ["trims", { trimTags: true }],
  ["ß is SS", { respellSharpS: true }],
  ["ı is I", { respellDotlessI: true }],
  ["plus is plus", { plusIsSpace: false }],
];

const NAMES = ["plain", "Straße", "sarı", "Smith, Jr", "50% off", "a+b", "two words", "R&B"];
const LATER = ["plain", "Sixth"];
const FOREIGN = "A Person's, own";

const combinations = SWITCHES.flatMap(([name, set], at) => [
  { name, set },
  ...SWITCHES.slice(at + 1).filter(([, other]) => Object.keys(other).every((key) => !(key in set)))
    .map(([other, more]) => ({ name: `${name} and ${other}`, set: { ...set, ...more } })),
]);

for (const { name, set } of [{ name: "has no such habit", set: {} }, ...combinations]) {
  Deno.test(`names are set, changed and taken back on a Plex that ${name}`, async () => {
    await using rig = await Rig.open({
      library: { scenes: 2 },
      plex: { switches: set },
      settings: { syncPoster: false, syncBackground: false, batchSize: 1 },
    });
    const ids = rig.stash.scenes().map(({ id }) => id);
    const change = async (change: { tags: string[]; performers: string[]; studio?: string }) => {
      rig.stash.upsert(ids.map((id) => ({ id, details: "Known", ...change })));
      rig.enqueue(ids);
      await rig.once();
      assertEquals(rig.store.deadLetters.recent(1).map((row) => row.error_message), []);
      const done = rig.writes().length;
      rig.enqueue(ids);
      await rig.once();
      assertEquals(rig.writes().slice(done), [], "a second run wrote");
    };
    await change({ tags: NAMES, performers: NAMES, studio: "Große Straße" });
    for (const item of rig.plex.items()) {
      const put = await fetch(
        `${rig.plex.url}/library/metadata/${item.ratingKey}?` +
          [...item.genres, FOREIGN].map((tag, at) =>
            `&genre[${at}].tag.tag=${encodeURIComponent(tag)}`
          ).join(""),
        { method: "PUT", headers: { "X-Plex-Token": "sim-plex-token" } },
      );
      await put.body?.cancel();
    }
    let before = rig.writes().length;
    await change({ tags: LATER, performers: [], studio: "Other" });
    for (const item of rig.plex.items()) {
      assertEquals(
        item.genres.map((tag) => tag.toLowerCase()).sort(),
        [
          FOREIGN.toLowerCase(),
          ...LATER.map((tag) => tag.toLowerCase()),
        ].sort(),
      );
      assertEquals(item.actors, []);
      assertEquals(item.collections, ["Other"]);
    }
    // The server's way is known now: a write, and two repairs at most.
    await change({ tags: NAMES, performers: NAMES });
    before = rig.writes().length;
    await change({ tags: LATER, performers: NAMES.slice(0, 2) });
    assert(
      rig.writes().length - before <= 3 * ids.length,
      `${rig.writes().length - before} writes for ${ids.length} items`,
    );
  });
}
