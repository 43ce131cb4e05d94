import { assertEquals } from "@std/assert";
import { chooseLibraries, titlesText } from "../../../src/core/match/libraries.ts";

const library = (id: string, title: string) => ({ id, title });
const FILMS = library("1", "Films");
const SMALL = library("2", "films");
const CLIPS = library("3", " Clips ");
const ALL = library("4", "All");
const ONE = library("5", "1");
const TWIN = library("6", "Films");

const CASES: { when: string; all: typeof FILMS[]; names: string[]; want: string[] | string }[] = [
  { when: "no name is given", all: [FILMS, CLIPS], names: [], want: ["1", "3"] },
  { when: "a title is exact", all: [SMALL, FILMS], names: ["Films"], want: ["1"] },
  { when: "a title differs in letter case", all: [CLIPS, FILMS], names: ["FILMS"], want: ["1"] },
  {
    when: "two differ in letter case only",
    all: [SMALL, FILMS],
    names: ["FILMS"],
    want: "2 FILMS",
  },
  { when: "two have the same title", all: [FILMS, TWIN, CLIPS], names: ["Films"], want: "2 Films" },
  { when: "a key tells them apart", all: [FILMS, TWIN], names: ["6"], want: ["6"] },
  { when: "a title is another's key", all: [FILMS, ONE], names: ["1"], want: ["5"] },
  { when: "a title has blank edges", all: [FILMS, CLIPS], names: ["Clips"], want: ["3"] },
  {
    when: "a plain title is beside one with blanks",
    all: [CLIPS, library("7", "Clips")],
    names: ["Clips"],
    want: ["7"],
  },
  { when: "all is no title", all: [FILMS, CLIPS], names: ["all"], want: ["1", "3"] },
  { when: "all is a title", all: [FILMS, ALL], names: ["all"], want: ["4"] },
  { when: "one is named twice", all: [FILMS, CLIPS], names: ["Films", "1"], want: ["1"] },
  { when: "nothing is called so", all: [FILMS], names: ["Films", "Filmz"], want: "missing Filmz" },
];

for (const { when, all, names, want } of CASES) {
  Deno.test(`chooseLibraries() when ${when}`, () => {
    const choice = chooseLibraries(all, names);
    const found = choice.kind === "chosen"
      ? choice.libraries.map(({ id }) => id)
      : choice.kind === "missing"
      ? `missing ${choice.name}`
      : `${choice.libraries.length} ${choice.name}`;
    assertEquals(found, want);
  });
}

Deno.test("titlesText() shows blanks, and the keys of those that share a title", () => {
  assertEquals(
    titlesText([FILMS, TWIN, CLIPS]),
    '"Films" (key 1), "Films" (key 6), " Clips "',
  );
});
