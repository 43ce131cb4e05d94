import { assertEquals } from "@std/assert";
import type { IndexedFile } from "../../../src/core/sync/item.ts";
import {
  type Evidence,
  type KnownMatch,
  lastResort,
  type Match,
  matchScene,
  type Sought,
  type SoughtFile,
} from "../../../src/core/match/match.ts";

const SIZE = 1_000;
const LENGTH = 60_000;

function file(path = "/media/S/a.mp4", changes: Partial<SoughtFile> = {}): SoughtFile {
  const stashPath = path.replace("/media", "/data");
  return {
    path,
    stashPath,
    size: SIZE,
    durationMs: LENGTH,
    rule: "owner",
    isShared: false,
    isTwin: false,
    ...changes,
  };
}

function row(item: string, path: string, size = SIZE, durationMs: number | null = LENGTH) {
  return { item, section: "1", path, size, durationMs } satisfies IndexedFile;
}

function known(item: string, path: string, changes: Partial<KnownMatch> = {}): KnownMatch {
  const made = { evidence: "elsewhere", confidence: "high" } as const;
  return { item, path, stashPath: "/data/S/a.mp4", ...made, ...changes };
}

interface Case extends Partial<Sought> {
  when: string;
  rows: IndexedFile[];
  /** Items with what they were found by; else what it ended as. */
  want: [item: string, evidence: Evidence][] | Exclude<Match["kind"], "items">;
}

function sought(changes: Partial<Sought>): Sought {
  return {
    files: [file()],
    rows: [],
    known: [],
    pins: null,
    strict: true,
    othersKnown: true,
    ...changes,
  };
}

const HERE = "/media/S/a.mp4";
const noRule = [file(HERE, { rule: null })];
const learned = [file(HERE, { rule: "learned" })];

const cases: Case[] = [
  { when: "nothing is there", rows: [], want: "none" },

  // Pinned.
  {
    when: "pinned, whatever else fits",
    pins: ["5"],
    rows: [row("1", HERE), row("5", "/x/y.mp4", 7, 7)],
    want: [["5", "pinned"]],
  },
  { when: "pinned to none", pins: "none", rows: [row("1", HERE)], want: "barred" },
  { when: "nothing that it is pinned to is there", pins: [], rows: [row("1", HERE)], want: "none" },
  { when: "pinned to an item that is away", pins: ["5"], rows: [row("1", HERE)], want: "none" },

  // Exact path.
  { when: "the owner's rule leads to the file", rows: [row("1", HERE)], want: [["1", "path"]] },
  {
    when: "the owner's rule leads to other bytes",
    rows: [row("1", HERE, 7, 7)],
    want: [["1", "path"]],
  },
  {
    when: "the owner's rule leads to a file of which nothing is known",
    rows: [row("1", HERE, 0, null)],
    want: [["1", "path"]],
  },
  { when: "no rule, and both agree", files: noRule, rows: [row("1", HERE)], want: [["1", "path"]] },
  {
    when: "no rule, another size of the same length: a new encoding",
    files: noRule,
    rows: [row("1", HERE, 7)],
    want: [["1", "path"]],
  },
  {
    when: "no rule, the same size and no length",
    files: noRule,
    rows: [row("1", HERE, SIZE, null)],
    want: [["1", "path"]],
  },
  {
    when: "no rule, the same length and no size",
    files: noRule,
    rows: [row("1", HERE, 0)],
    want: [["1", "path"]],
  },
  { when: "no rule, and both differ", files: noRule, rows: [row("1", HERE, 7, 7)], want: "none" },
  {
    when: "no rule, another size and no length",
    files: noRule,
    rows: [row("1", HERE, 7, null)],
    want: "none",
  },
  {
    when: "no rule, another length and no size",
    files: noRule,
    rows: [row("1", HERE, 0, 7)],
    want: "none",
  },
  {
    when: "no rule, the same size of another length",
    files: noRule,
    rows: [row("1", HERE, SIZE, 7)],
    want: "none",
  },
  { when: "no rule, nothing known", files: noRule, rows: [row("1", HERE, 0, null)], want: "none" },
  {
    when: "a learned rule, and both agree",
    files: learned,
    rows: [row("1", HERE)],
    want: [["1", "path"]],
  },
  {
    when: "a learned rule leads to other bytes",
    files: learned,
    rows: [row("1", HERE, 7, 7)],
    want: "none",
  },
  {
    when: "a learned rule leads to nothing, and the file is elsewhere",
    files: learned,
    rows: [row("1", "/media/T/a.mp4")],
    want: [["1", "elsewhere"]],
  },
  {
    when: "the right path with a stale size, and its bytes elsewhere",
    rows: [row("1", HERE, 7, 7), row("2", "/media/T/a.mp4")],
    want: [["1", "path"]],
  },
  {
    when: "two libraries hold the folder",
    rows: [row("2", HERE), row("1", HERE)],
    want: [["1", "path"], ["2", "path"]],
  },
  {
    when: "one item has the file in two versions",
    rows: [row("1", HERE), row("1", "/media/T/a.mp4")],
    want: [["1", "path"]],
  },
  {
    when: "each of its files is an item",
    files: [file(), file("/media/S/b.mp4", { size: 2 })],
    rows: [row("1", HERE), row("2", "/media/S/b.mp4", 2)],
    want: [["1", "path"], ["2", "path"]],
  },
  {
    when: "only its second file is there",
    files: [file("/media/S/b.mp4", { size: 2 }), file()],
    rows: [row("1", HERE)],
    want: [["1", "path"]],
  },
  {
    when: "the path is right before all files are known",
    othersKnown: false,
    rows: [row("1", HERE)],
    want: [["1", "path"]],
  },
  {
    when: "a drive's path in another letter case",
    files: [file("P:\\TV\\A.mp4")],
    rows: [row("1", "p:\\tv\\a.MP4", 7, 7)],
    want: [["1", "path"]],
  },
  {
    when: "the path in decomposed letters",
    files: [file("/media/é.mp4")],
    rows: [row("1", "/media/é.mp4", 7, 7)],
    want: [["1", "path"]],
  },
  {
    when: "the path in composed letters is beside it",
    files: [file("/media/\u00e9.mp4")],
    rows: [row("1", "/media/e\u0301.mp4"), row("2", "/media/\u00e9.mp4", 7, 7)],
    want: [["2", "path"]],
  },
  {
    when: "another library spells the path in decomposed letters",
    files: [file("/media/\u00e9.mp4")],
    rows: [{ ...row("1", "/media/e\u0301.mp4"), section: "2" }, row("2", "/media/\u00e9.mp4")],
    want: [["1", "path"], ["2", "path"]],
  },
  {
    when: "two are spelled as the path only in what letters mean",
    files: [file("/media/\u1e9b\u0323.mp4")],
    rows: [row("1", "/media/\u017f\u0323\u0307.mp4"), row("2", "/media/\u017f\u0307\u0323.mp4")],
    want: "ambiguous",
  },

  // Folded path.
  {
    when: "letter case differs and both agree",
    rows: [row("1", "/media/s/A.mp4")],
    want: [["1", "folded"]],
  },
  {
    when: "letter case differs and only the length agrees",
    rows: [row("1", "/media/s/A.mp4", 7)],
    want: [["1", "folded"]],
  },
  {
    when: "letter case differs and only the size is known",
    rows: [row("1", "/media/s/A.mp4", SIZE, null)],
    want: [["1", "folded"]],
  },
  {
    when: "letter case differs and so do the bytes",
    rows: [row("1", "/media/s/A.mp4", 7, 7)],
    want: "none",
  },
  {
    when: "letter case differs and nothing is known",
    rows: [row("1", "/media/s/A.mp4", 0, null)],
    want: "none",
  },
  {
    when: "two fit but for letter case",
    rows: [row("1", "/media/s/a.mp4"), row("2", "/media/S/A.mp4")],
    want: "ambiguous",
  },
  {
    when: "letter case differs before all files are known",
    othersKnown: false,
    rows: [row("1", "/media/s/a.mp4")],
    want: "unsettled",
  },

  // Remembered.
  {
    when: "it was written, and both have the files still",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/b.mp4", 7)],
    want: [["3", "remembered"]],
  },
  {
    when: "it was written, and the item has other files",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/c.mp4", 7)],
    want: "none",
  },
  {
    when: "it was written, and the item's file was renamed",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/c.mp4")],
    want: [["3", "remembered"]],
  },
  {
    when: "it was written for a file that the scene has no more",
    files: [file("/media/S/z.mp4", { size: 9 })],
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/b.mp4", 7)],
    want: "none",
  },
  {
    when: "it was written, and the ratingKey is another film's now",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/b.mp4", 7, 7)],
    want: "none",
  },
  {
    when: "it was written, and what has taken the file's place is not known to be as long",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/b.mp4", 7, null)],
    want: "none",
  },
  {
    when: "it was written, and what has taken the file's place is of another length",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/b.mp4", 0, 7)],
    want: "none",
  },
  {
    when: "it was written, the item's file was renamed, and another scene has those bytes",
    files: [file(HERE, { isTwin: true })],
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/c.mp4")],
    want: "none",
  },
  {
    when: "it was written, and the exact file has come",
    known: [known("3", "/x/b.mp4")],
    rows: [row("3", "/x/b.mp4"), row("1", HERE)],
    want: [["1", "path"]],
  },
  {
    when: "it was written, and another copy came",
    known: [known("3", "/x/a.mp4")],
    rows: [row("3", "/x/a.mp4"), row("1", "/y/a.mp4")],
    want: [["3", "remembered"]],
  },
  {
    when: "it was written with low confidence",
    known: [known("3", "/x/b.mp4", { confidence: "low", evidence: "bytes" })],
    rows: [row("3", "/x/b.mp4")],
    want: "none",
  },

  // Same file elsewhere.
  { when: "the same file is elsewhere", rows: [row("1", "/y/a.mp4")], want: [["1", "elsewhere"]] },
  {
    when: "the length is within a second",
    rows: [row("1", "/y/a.mp4", SIZE, LENGTH + 1_000)],
    want: [["1", "elsewhere"]],
  },
  {
    when: "the length is beyond a second",
    rows: [row("1", "/y/a.mp4", SIZE, LENGTH + 1_001)],
    want: "none",
  },
  { when: "its length is not known", rows: [row("1", "/y/a.mp4", SIZE, null)], want: "none" },
  { when: "its size is not known", rows: [row("1", "/y/a.mp4", 0)], want: "none" },
  {
    when: "another scene has such a file",
    files: [file(HERE, { isShared: true })],
    rows: [row("1", "/y/a.mp4")],
    want: "none",
  },
  {
    when: "two copies are elsewhere",
    rows: [row("1", "/y/a.mp4"), row("2", "/z/a.mp4")],
    want: "ambiguous",
  },
  {
    when: "its two files are elsewhere",
    files: [file(), file("/media/S/b.mp4", { size: 2 })],
    rows: [row("1", "/y/a.mp4"), row("2", "/y/b.mp4", 2)],
    want: [["1", "elsewhere"], ["2", "elsewhere"]],
  },
  {
    when: "it is elsewhere before all files are known",
    othersKnown: false,
    rows: [row("1", "/y/a.mp4")],
    want: "unsettled",
  },

  // No evidence.
  { when: "the bytes have another name", rows: [row("1", "/y/b.mp4")], want: "none" },
  { when: "only the name agrees", rows: [row("1", "/y/a.mp4", 7, 7)], want: "none" },
  {
    when: "name and length agree: another resolution",
    rows: [row("1", "/y/a.mp4", 7)],
    want: "none",
  },
  {
    when: "the end of the path agrees",
    files: noRule,
    rows: [row("1", "/other/S/a.mp4", 7, 7)],
    want: "none",
  },
  {
    when: "the name agrees and nothing is known",
    rows: [row("1", "/y/a.mp4", 0, null)],
    want: "none",
  },
];

for (const { when, want, ...given } of cases) {
  const text = typeof want === "string" ? want : want.map((pair) => pair.join(" by ")).join(", ");
  Deno.test(`matchScene() gives ${text} when ${when}`, () => {
    const { kind, items } = matchScene(sought(given));
    if (typeof want === "string") assertEquals([kind, items], [want, []]);
    else assertEquals([kind, items.map(({ item, evidence }) => [item, evidence])], ["items", want]);
  });
}

const COPIES = [row("2", "/z/a.mp4"), row("1", "/y/a.mp4")];

Deno.test("matchScene() shows every candidate of an ambiguous match", () => {
  const { candidates } = matchScene(sought({ rows: COPIES }));
  assertEquals(candidates.map(({ item }) => item), ["1", "2"]);
});

Deno.test("matchScene() takes the first of several, without strict matching, and says low", () => {
  const { items } = matchScene(sought({ rows: COPIES, strict: false }));
  assertEquals(items.map(({ item, confidence }) => [item, confidence]), [["1", "low"]]);
});

Deno.test("matchScene() keeps the low confidence by which an item was written", () => {
  const low = known("3", "/x/b.mp4", { evidence: "bytes", confidence: "low" });
  const { items } = matchScene(
    sought({ strict: false, known: [low], rows: [row("3", "/x/b.mp4")] }),
  );
  assertEquals(items.map(({ item, confidence }) => [item, confidence]), [["3", "low"]]);
});

Deno.test("a near miss is shown with what speaks against it, the nearest first", () => {
  const rows = [
    row("1", "/y/a.mp4", 7, 7),
    row("2", "/other/S/a.mp4", 7),
    row("3", "/y/b.mp4"),
    row("4", "/y/c.mp4", 5, 5),
  ];
  const { candidates } = matchScene(sought({ rows }));
  assertEquals(
    candidates.map(({ item, evidence, contradicted }) => [item, evidence, contradicted]),
    [["3", "bytes", false], ["2", null, false], ["1", null, true]],
  );
});

Deno.test("lastResort() has the items of the same bytes, and nothing else", () => {
  const rows = [row("3", "/y/b.mp4"), row("1", "/y/a.mp4", 7)];
  const match = matchScene(sought({ rows }));
  assertEquals(lastResort(match).map(({ item, confidence }) => [item, confidence]), [["3", "low"]]);
});

const claimed: { when: string; given: Partial<Sought>; rank: number }[] = [
  { when: "by its path", given: { rows: [row("1", HERE)] }, rank: 1 },
  { when: "by bytes elsewhere", given: { rows: [row("1", "/y/a.mp4")] }, rank: 4 },
  {
    when: "by its path in other letters, less",
    given: {
      files: [file("/media/\u00e9.mp4")],
      rows: [row("1", "/media/e\u0301.mp4")],
    },
    rank: 1.5,
  },
  {
    when: "as written before, by its path",
    given: { known: [known("1", "/x/b.mp4", { evidence: "path" })], rows: [row("1", "/x/b.mp4")] },
    rank: 3,
  },
  {
    when: "as written before, by bytes elsewhere: no better than those",
    given: { known: [known("1", "/x/b.mp4")], rows: [row("1", "/x/b.mp4")] },
    rank: 4,
  },
];
for (const { when, given, rank } of claimed) {
  Deno.test(`a scene claims an item ${when}`, () => {
    assertEquals(matchScene(sought(given)).items.map(({ claim }) => claim), [rank]);
  });
}
