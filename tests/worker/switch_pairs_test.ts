/** However servers differ: what was synced once is not written again, and what is a person's stays. */
import { assert, assertEquals } from "@std/assert";
import { TARGET } from "../one_target.ts";
import type { LibraryDocument } from "../sim/library_document.ts";
import { describeSwitches, type SimPlexSwitches } from "../sim/plex/switches.ts";
import { encodePng } from "../sim/stash/png.ts";
import type { SceneInput } from "../sim/stash/server.ts";
import { Rig } from "./rig.ts";

/** All positions of the switches by which servers that work differ. */
const VARIED = {
  singleTagEdit: ["replace", "add", "replace_unless_removal"],
  removalDecoding: ["double", "single"],
  removalList: ["all", "first_only"],
  removalOrder: ["before_adds", "after_adds"],
  capitalizeTags: [true, false],
  tagCase: ["separate", "fold"],
  trimTags: [false, true],
  respellSharpS: [false, true],
  respellDotlessI: [false, true],
  lockOnWrite: [false, true],
  trimValues: [false, true],
  cutBytes: [0, 255],
  episodeFields: ["ignored", "refused"],
  ratingStep: [0, 0.5, 1],
  sectionPutAnswer: ["empty", "container"],
  editsBumpUpdatedAt: [true, false],
  plusIsSpace: [true, false],
  labelsInListing: [false, true],
  listedTags: [3, 2],
  missingSize: ["all", "400"],
  pageCap: [0, 2],
  dateCompare: ["inclusive", "strict"],
  missingIds: ["partial", "404"],
  repostSelects: [true, false],
  imageStamp: ["edit", "image"],
  imageLocks: [false, true],
} as const satisfies { [K in keyof SimPlexSwitches]?: readonly SimPlexSwitches[K][] };

/** Of servers that do not work or are slow, of what nobody asks here, and of what they tell. */
const OTHERS = [
  "wrongType",
  "fileFilter",
  "sizeWithoutStart",
  "allowedNetworks",
  "unknownHost",
  "identityInMaintenance",
  "unknownPreference",
  "plexPass",
  "collectionSummaryBug",
  "deaf",
  "unheardFields",
  "ratingIgnored",
  "maxUrlLength",
  "imageLagMs",
  "startingUp",
  "writesFail",
  "maintenance",
  "overload",
  "latencyMs",
  "version",
  "scanDelayMs",
  "scanStepMs",
  "noAgentEndState",
  "numericIds",
  "noise",
  "echoEdits",
  "deletionStyle",
  "stateStorm",
  "silentSockets",
  "ssePingMs",
];

Deno.test("every switch of the simulated Plex is varied, or is not about what is written", () => {
  const known = [...Object.keys(VARIED), ...OTHERS].sort();
  assertEquals(known, describeSwitches().map(({ name }) => name).sort());
});

type Row = Record<string, unknown>;

type Name = keyof typeof VARIED;
const NAMES = Object.keys(VARIED) as Name[];

/** Rows in which any two switches meet in all their positions; in the first all are as they are. */
function pairRows(): Row[] {
  const key = (a: string, x: unknown, b: string, y: unknown) =>
    a < b ? `${a}=${x},${b}=${y}` : `${b}=${y},${a}=${x}`;
  const open = new Map(
    NAMES.flatMap((a, at) =>
      NAMES.slice(at + 1).flatMap((b) =>
        VARIED[a].flatMap((x) =>
          VARIED[b].map((y): [string, Row] => [key(a, x, b, y), { [a]: x, [b]: y }])
        )
      )
    ),
  );
  const rows: Row[] = [];
  while (open.size > 0) {
    const [begun] = open.values();
    const row: Row = rows.length === 0 ? {} : { ...begun };
    for (const name of NAMES.filter((each) => !(each in row))) {
      const gain = (value: unknown) =>
        Object.entries(row).filter(([other, set]) => open.has(key(name, value, other, set))).length;
      row[name] = rows.length === 0 ? VARIED[name][0] : [...VARIED[name]].reduce<unknown>(
        (best, value) => gain(value) > gain(best) ? value : best,
        VARIED[name][0],
      );
    }
    for (const [a, x] of Object.entries(row)) {
      for (const [b, y] of Object.entries(row)) open.delete(key(a, x, b, y));
    }
    rows.push(row);
  }
  return rows;
}

const LIBRARY: LibraryDocument = {
  plex: {
    sections: [
      { key: "1", title: "Films", type: "movie", locations: ["/data/films"] },
      { key: "2", title: "Series", type: "show", locations: ["/data/series"] },
    ],
    items: [
      ...["11", "12", "13"].map((ratingKey) => ({
        ratingKey,
        section: "1",
        media: [{ parts: [{ file: `/data/films/${ratingKey}.mp4`, size: 9, duration_ms: 9_000 }] }],
      })),
      {
        ratingKey: "21",
        section: "2",
        show: "A show",
        media: [{ parts: [{ file: "/data/series/21.mp4", size: 9, duration_ms: 9_000 }] }],
      },
    ],
  },
  stash: {
    scenes: ["films/11", "films/12", "films/13", "series/21"].map((name, at) => ({
      id: at + 1,
      title: `Scene ${at + 1}`,
      files: [{ path: `/data/${name}.mp4`, size: 9, duration: 9 }],
    })),
  },
};

const FIRST: Omit<SceneInput, "id"> = {
  title: ` ${"Очень длинное слово ".repeat(12)}`,
  details: "Line\nand line ",
  date: "2024-02-03",
  studio: "Große Straße",
  tags: ["plain", "Straße", "sarı", "Smith, Jr", "50% off", "a+b", "two words", " edge "],
  performers: ["ann", "Işık Groß", "A + B"],
  rating100: 73,
};
const SECOND: Omit<SceneInput, "id"> = {
  title: "Other",
  details: "",
  date: null,
  studio: "große straße",
  tags: ["Plain", "R&B"],
  performers: [],
  rating100: null,
};
const FOREIGN = "A Person's, own";

async function addByHand(rig: Rig, ratingKey: string): Promise<void> {
  // Of several items a list is added to, whatever the server does with that of one.
  const query = `type=1&id=${ratingKey},${ratingKey}&genre[0].tag.tag=${
    encodeURIComponent(FOREIGN)
  }`;
  const put = await fetch(`${rig.plex.url}/library/sections/1/all?${query}`, {
    method: "PUT",
    headers: { "X-Plex-Token": "sim-plex-token" },
  });
  await put.body?.cancel();
}

for (const [at, row] of pairRows().entries()) {
  Deno.test(`a second run writes nothing, and a person's genre stays: all pairs of switches, row ${at}`, async () => {
    await using rig = await Rig.open({
      document: LIBRARY,
      plex: { switches: row as Partial<SimPlexSwitches> },
      settings: { syncRating: true },
    });
    const ids = rig.stash.scenes().map(({ id }) => id);
    const sync = async () => {
      rig.enqueue(ids);
      await rig.until(() => rig.store.jobs.count() === 0);
      assertEquals(rig.store.deadLetters.recent(1).map((each) => each.error_message), []);
    };
    const hands = () => rig.plex.items().filter(({ genres }) => genres.includes(FOREIGN)).length;
    const films = rig.plex.items().filter(({ ratingKey }) => ratingKey < "20");
    for (const [step, change] of [FIRST, SECOND].entries()) {
      rig.stash.upsert(ids.map((id) => ({ id, ...change })));
      if (step > 0) rig.stash.setCover("1", encodePng(2, 2, () => 0xff << (8 * step)));
      await sync();
      const before = rig.writes().length;
      await sync();
      assertEquals(rig.writes().slice(before), [], `${JSON.stringify(row)}: written again`);
      if (step === 0) { for (const { ratingKey } of films) await addByHand(rig, ratingKey); }
      assertEquals(hands(), films.length, JSON.stringify(row));
      const known = ids.flatMap((id) => rig.store.of(TARGET).written.ofScene(id));
      assert(known.every(({ fields }) => !fields.tags?.ours.includes(FOREIGN)));
    }
  });
}
