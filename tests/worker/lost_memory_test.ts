/** The database was lost, and with it what plexsync wrote: Plex holds its own forms of that. */
import { assertEquals } from "@std/assert";
import type { SimPlexSwitches } from "../sim/plex/switches.ts";
import type { SceneInput } from "../sim/stash/server.ts";
import { Rig } from "./rig.ts";
import { TARGET } from "../one_target.ts";

const LONG = "Очень длинное слово ".repeat(12).trim();

const FORMS: readonly { name: string; switches: Partial<SimPlexSwitches>; scene: SceneInput }[] = [
  { name: "as sent", switches: {}, scene: {} },
  { name: "folds letter case", switches: { tagCase: "fold" }, scene: { tags: ["blue", "Red"] } },
  { name: "raises first letters", switches: {}, scene: { tags: ["blue"], performers: ["ann"] } },
  {
    name: "spells ß as SS",
    switches: { respellSharpS: true },
    scene: { tags: ["Straße", "plain"], performers: ["Groß"], studio: "Große Straße" },
  },
  {
    name: "spells ı as I",
    switches: { respellDotlessI: true },
    scene: { tags: ["sarı"], performers: ["Işık"], studio: "Kırmızı" },
  },
  { name: "trims names", switches: { trimTags: true, trimValues: true }, scene: { tags: [" a "] } },
  { name: "rounds to half stars", switches: { ratingStep: 1 }, scene: { rating100: 73 } },
  { name: "rounds to quarters", switches: { ratingStep: 0.5 }, scene: { rating100: 73 } },
  {
    name: "cuts at 255 bytes",
    switches: { cutBytes: 255 },
    scene: { title: LONG, tags: [LONG], studio: LONG },
  },
];

for (const { name, switches, scene } of FORMS) {
  Deno.test(`after a lost database nothing fails, and the next run writes nothing: Plex ${name}`, async () => {
    await using rig = await Rig.open({
      library: { scenes: 1 },
      plex: { switches },
      settings: { syncPoster: false, syncBackground: false, syncRating: true },
    });
    rig.stash.upsert([{ id: "1", details: "Known", ...scene }]);
    const sync = async () => {
      rig.enqueue();
      await rig.until(() => rig.store.jobs.count() === 0);
      assertEquals(rig.store.deadLetters.recent(1).map((row) => row.error_message), []);
    };
    await sync();
    const [before] = rig.plex.items();
    rig.store.of(TARGET).written.clear();
    await sync();
    assertEquals(rig.plex.items()[0], before);
    const writes = rig.writes().length;
    await sync();
    assertEquals(rig.writes().slice(writes), []);
  });
}
