import { assertEquals } from "@std/assert";
import { Rig, type RigOptions } from "./rig.ts";

/** A rig with one scene that is known in Plex. */
async function withOne(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open({ ...options, library: { scenes: 1, ...options.library } });
  rig.stash.upsert([{
    id: "1",
    title: "Ours",
    code: "",
    details: "Known",
    date: "2020-02-03",
    tags: ["one"],
    performers: ["Ann"],
    studio: "Works",
  }]);
  return rig;
}

async function sync(rig: Rig): Promise<void> {
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0);
}

/** Each field that was journaled: before, sent, stood, and the locks. */
function journaled(rig: Rig): Record<string, unknown> {
  const rows = [
    ...rig.store.of("plex").journal.ofItems(rig.plex.items().map((i) => i.ratingKey))
      .values(),
  ].flat();
  return Object.fromEntries(rows.map((row) => [
    `${row.write} ${row.field}`,
    [row.before, row.sent, row.stood, row.lockedBefore, row.lockedAfter],
  ]));
}

Deno.test("each field that a write changes or locks is journaled with what stood before and after", async () => {
  await using rig = await withOne({ settings: { syncPoster: false, syncBackground: false } });
  const { title } = rig.plex.items()[0]!;
  await sync(rig);
  assertEquals(journaled(rig), {
    "1 title": [[title], ["Ours"], ["Ours"], false, true],
    "1 studio": [[], ["Works"], ["Works"], false, true],
    "1 summary": [[], ["Known"], ["Known"], false, true],
    "1 date": [[], ["2020-02-03"], ["2020-02-03"], false, true],
    "1 performers": [[], ["Ann"], ["Ann"], false, true],
    "1 tags": [[], ["one"], ["One"], false, true],
    "1 collection": [[], ["Works"], ["Works"], false, true],
  });
  const row = rig.store.of("plex").journal.ofScene("1", 9).find(({ field }) => field === "title");
  assertEquals([row!.cause, row!.origin, row!.at > 0], ["bulk", ["Ours"], true]);
  const count = Object.keys(journaled(rig)).length;
  await sync(rig);
  assertEquals(Object.keys(journaled(rig)).length, count);
});

Deno.test("an image is journaled by the key of the one before it, and by its own once it is shown", async () => {
  await using rig = await withOne();
  rig.enqueue(["1"]);
  await rig.once();
  const { ratingKey } = rig.plex.items()[0]!;
  const rows = rig.store.of("plex").journal.ofItems([ratingKey]).get(ratingKey)!;
  const [background, poster] = rows.filter(({ field }) => /poster|background/.test(field));
  const digest = poster!.sent[0] as string;
  assertEquals(poster!.before, [`media://${ratingKey}/frame.jpg`]);
  assertEquals(background!.before, []);
  assertEquals([poster!.sure, background!.sure], [true, true]);
  assertEquals(poster!.stood, [`upload://posters/${digest}`]);
  assertEquals(background!.stood, [`upload://art/${digest}`]);
  assertEquals([poster!.origin, poster!.write], [[digest], rows[0]!.write]);
});

Deno.test("a write whose answer was lost is told from what stands at the next look", async () => {
  await using rig = await withOne({ settings: { syncPoster: false, syncBackground: false } });
  const { target } = rig.context;
  rig.context.target = {
    ...target,
    async write(item, edit) {
      await target.write(item, edit);
      rig.context.target = target;
      throw new DOMException("cut off", "NetworkError");
    },
  };
  await sync(rig);
  const rows = Object.values(journaled(rig)) as unknown[][];
  assertEquals(rows.length, 7);
  assertEquals(rows.filter(([, , stood]) => stood === null), []);
  assertEquals((journaled(rig)["1 tags"] as unknown[])[2], ["One"]);
});
