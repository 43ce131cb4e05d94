import { assertEquals, assertThrows } from "@std/assert";
import { formatInstant } from "./zone.ts";
import { ask, idsOf, raw, withStash } from "./testing.ts";

const AT = Date.parse("2026-01-10T20:14:03.999Z");
const FORMATS: { zone: string; at?: number; want: string }[] = [
  { zone: "Z", want: "2026-01-10T20:14:03Z" },
  { zone: "+00:00", want: "2026-01-10T20:14:03Z" },
  { zone: "+01:00", want: "2026-01-10T21:14:03+01:00" },
  { zone: "-03:30", want: "2026-01-10T16:44:03-03:30" },
  { zone: "+05:45", want: "2026-01-11T01:59:03+05:45" },
  { zone: "Europe/Berlin", want: "2026-01-10T21:14:03+01:00" },
  {
    zone: "Europe/Berlin",
    at: Date.parse("2026-07-10T20:14:03Z"),
    want: "2026-07-10T22:14:03+02:00",
  },
  { zone: "America/New_York", want: "2026-01-10T15:14:03-05:00" },
];
for (const { zone, at, want } of FORMATS) {
  Deno.test(`formatInstant() in ${zone} gives ${want}`, () =>
    assertEquals(formatInstant(at ?? AT, zone), want));
}
for (const zone of ["", "+2:00", "+15:00", "Mars/Base", "02:00"]) {
  Deno.test(`formatInstant() refuses zone "${zone}"`, () => {
    assertThrows(() => formatInstant(AT, zone), RangeError, "Cannot use zone");
  });
}

/** Three ticks, the middle one shared by two scenes. */
const TICKS = [
  { title: "a", updated_at: "2026-01-10T21:14:02+01:00" },
  { title: "b", updated_at: "2026-01-10T20:14:03Z" },
  { title: "c", updated_at: "2026-01-10T21:14:03+01:00" },
  { title: "d", updated_at: "2026-01-10T21:14:04+01:00" },
];
const MID = "2026-01-10T21:14:03+01:00";
const FILTERS: { name: string; criterion: Record<string, string>; want: string }[] = [
  {
    name: "GREATER_THAN is strict",
    criterion: { modifier: "GREATER_THAN", value: MID },
    want: "4",
  },
  { name: "LESS_THAN is strict", criterion: { modifier: "LESS_THAN", value: MID }, want: "1" },
  {
    name: "BETWEEN includes both ends",
    criterion: { modifier: "BETWEEN", value: MID, value2: MID },
    want: "2,3",
  },
  {
    name: "BETWEEN without value2 ends tomorrow",
    criterion: { modifier: "BETWEEN", value: MID },
    want: "2,3,4",
  },
  {
    name: "a value cut before the offset includes its second",
    criterion: { modifier: "GREATER_THAN", value: MID.slice(0, 19) },
    want: "2,3,4",
  },
  {
    name: "the same instant written in UTC is silently wrong",
    criterion: { modifier: "GREATER_THAN", value: "2026-01-10T20:14:03Z" },
    want: "1,2,3,4",
  },
  {
    name: "a fraction sorts after an offset",
    criterion: { modifier: "GREATER_THAN", value: "2026-01-10T21:14:03.999" },
    want: "4",
  },
  { name: "EQUALS compares the text", criterion: { modifier: "EQUALS", value: MID }, want: "2,3" },
  {
    name: "NOT_NULL lets all through",
    criterion: { modifier: "NOT_NULL", value: "" },
    want: "1,2,3,4",
  },
];
for (const { name, criterion, want } of FILTERS) {
  Deno.test(`updated_at filter: ${name}`, () =>
    withStash({ zone: "+01:00", scenes: TICKS }, async (stash) => {
      assertEquals((await idsOf(stash, { updated_at: criterion })).join(), want);
    }));
}

Deno.test("in a UTC server a fraction sorts before Z", () =>
  withStash({ scenes: [{ updated_at: "2026-01-10T20:14:03Z" }] }, async (stash) => {
    const value = "2026-01-10T20:14:03.999";
    assertEquals(await idsOf(stash, { updated_at: { modifier: "GREATER_THAN", value } }), ["1"]);
  }));

Deno.test("text order runs backwards when summer time ends", async () => {
  let now = Date.parse("2026-10-25T00:59:50Z");
  await withStash({ zone: "Europe/Berlin", now: () => now }, async (stash) => {
    stash.upsert([{ title: "before" }]);
    now += 20_000;
    stash.upsert([{ title: "after" }]);
    const [before, after] = stash.scenes().map((scene) => scene.updated_at);
    assertEquals([before, after], ["2026-10-25T02:59:50+02:00", "2026-10-25T02:00:10+01:00"]);
    const query = `{ findScenes(filter: { sort: "updated_at" }) { scenes { title } } }`;
    const { data } = await ask(stash, query);
    assertEquals(data.findScenes.scenes, [{ title: "after" }, { title: "before" }]);
  });
});

Deno.test("a change of zone leaves what is stored as it was", () =>
  withStash({ zone: "+02:00", scenes: [{}, {}] }, async (stash) => {
    stash.setZone("Z");
    stash.upsert([{ id: 2, title: "later" }]);
    assertEquals(stash.scenes().map((scene) => scene.updated_at), [
      "2026-11-22T14:00:00+02:00",
      "2026-11-22T12:00:00Z",
    ]);
    await Promise.resolve();
  }));

Deno.test("a server that is restarted in a zone to the west hides what is changed from then on", async () => {
  await withStash({ zone: "+02:00", scenes: [{}, {}] }, async (stash) => {
    const [before = ""] = stash.scenes().map((scene) => scene.updated_at);
    const { status } = await raw(`${stash.url}/__sim__/zone`, {
      method: "POST",
      body: JSON.stringify({ zone: "-05:00" }),
    });
    assertEquals(status, 200);
    stash.upsert([{ id: 2, title: "later" }]);
    assertEquals(stash.scenes()[1]?.updated_at, "2026-11-22T07:00:00-05:00");
    const filter = { updated_at: { modifier: "GREATER_THAN", value: before } };
    assertEquals(await idsOf(stash, filter), []);
  });
});

for (const stamp of ["2099-01-01T00:00:00Z", "2026-11-22T09:00:00-03:00", "yesterday", ""]) {
  Deno.test(`a stamp is stored as it stands: "${stamp}"`, async () => {
    await withStash({ scenes: [{ title: "old" }] }, async (stash) => {
      stash.upsert([{ id: 1, title: "new", updated_at: stamp }, { updated_at: stamp }]);
      assertEquals(stash.scenes().map((scene) => scene.updated_at), [stamp, stamp]);
      const { data } = await ask(stash, "{ findScene(id: 1) { title updated_at } }");
      assertEquals(data.findScene, { title: "new", updated_at: stamp });
      stash.upsert([{ id: 1, title: "newer" }]);
      assertEquals(stash.scenes()[0]?.updated_at, "2026-11-22T12:00:00Z");
    });
  });
}

Deno.test("the clock jumps, and with it stamps and the Date of answers", async () => {
  await withStash({ zone: "+01:00", scenes: [{}] }, async (stash) => {
    const date = async () => (await raw(`${stash.url}/healthz`)).headers.date;
    assertEquals(await date(), "Sun, 22 Nov 2026 12:00:00 GMT");
    stash.jumpClock(3 * 86_400_000);
    stash.upsert([{ id: 1, title: "ahead" }]);
    assertEquals(stash.scenes()[0]?.updated_at, "2026-11-25T13:00:00+01:00");
    assertEquals(await date(), "Wed, 25 Nov 2026 12:00:00 GMT");
    const body = JSON.stringify({ jump_ms: -4 * 86_400_000 });
    const { text } = await raw(`${stash.url}/__sim__/clock`, { method: "POST", body });
    assertEquals(JSON.parse(text), { now: "2026-11-21T13:00:00+01:00" });
  });
});
