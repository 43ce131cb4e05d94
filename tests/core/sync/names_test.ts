import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  areSameNames,
  holdsSpelling,
  isSameFolded,
  isSameSpelling,
  pairNames,
} from "../../../src/core/sync/names.ts";
import { tagKey } from "../../../src/core/text/sanitize.ts";

const never = () => false;

const PAIRS = [
  { what: "the same name", wanted: ["Ada"], standing: ["Bo", "Ada"], want: [["Ada", "Ada"]] },
  {
    what: "blanks told apart by number",
    wanted: ["A  B "],
    standing: ["A B"],
    want: [["A  B ", "A B"]],
  },
  {
    what: "another normal form",
    wanted: ["Zo\u00eb"],
    standing: ["Zoe\u0308"],
    want: [["Zo\u00eb", "Zoe\u0308"]],
  },
  {
    what: "a raised first letter",
    wanted: [".hidden"],
    standing: [".Hidden"],
    want: [[".hidden", ".Hidden"]],
  },
  { what: "another letter case", wanted: ["SOLO"], standing: ["Solo"], want: [["SOLO", "Solo"]] },
  {
    what: "a case mapping that is longer",
    wanted: ["Maß"],
    standing: ["MASS"],
    want: [["Maß", "MASS"]],
  },
  {
    what: "the best spelling before the first one",
    wanted: ["solo", "Solo"],
    standing: ["Solo", "solo"],
    want: [["solo", "solo"], ["Solo", "Solo"]],
  },
  { what: "each standing name but once", wanted: ["a", "A"], standing: ["A"], want: [["A", "A"]] },
  { what: "nothing", wanted: ["a"], standing: ["b"], want: [] },
];

for (const { what, wanted, standing, want } of PAIRS) {
  Deno.test(`pairNames() pairs by ${what}`, () => {
    const pairs = [...pairNames(wanted, standing, never)].sort();
    assertEquals(pairs, [...want as [string, string][]].sort());
  });
}

Deno.test("pairNames() lets two names share the form that a server made of both", () => {
  const isForm = (_wanted: string, stands: string) => stands === "One";
  const pairs = pairNames(["one", "uno"], ["One", "Two"], isForm);
  assertEquals([...pairs], [["one", "One"], ["uno", "One"]]);
});

/** The rule in its plainest words, without any index. */
function byTheRule(wanted: readonly string[], standing: readonly string[]): [string, string][] {
  const spelt = (name: string) => name.normalize("NFC").replace(/\s+/g, " ").trim();
  const rules = [
    (a: string, b: string) => spelt(a) === spelt(b),
    isSameSpelling,
    (a: string, b: string) => tagKey(a) === tagKey(b),
    isSameFolded,
  ];
  const pairs = new Map<string, string>();
  const free = [...new Set(standing)];
  for (const fits of rules) {
    for (const name of wanted) {
      const at = pairs.has(name) ? -1 : free.findIndex((stands) => fits(name, stands));
      if (at >= 0) pairs.set(name, free.splice(at, 1)[0]!);
    }
  }
  return [...pairs];
}

Deno.test("pairNames() pairs any lists by its rules, the stricter first", () => {
  const letter = fc.constantFrom("a", "A", "ß", "SS", "ı", "I", " ", "é", "e\u0301");
  const name = fc.array(letter, { minLength: 1, maxLength: 3 }).map((letters) => letters.join(""));
  fc.assert(fc.property(fc.array(name), fc.array(name), (wanted, standing) => {
    assertEquals([...pairNames(wanted, standing, never)], byTheRule(wanted, standing));
  }));
});

const LISTS: { wanted: string[]; standing: string[]; are: boolean }[] = [
  { wanted: [], standing: [], are: true },
  { wanted: ["Ada", "Bo"], standing: ["Bo", "Ada"], are: true },
  { wanted: ["Zo\u00eb"], standing: ["Zo\u00eb"], are: true },
  { wanted: ["Ada"], standing: [], are: false },
  { wanted: ["Ada"], standing: ["ada"], are: false },
  { wanted: ["Ada", "Bo"], standing: ["Ada", "Cy"], are: false },
  { wanted: ["Ada", "Ada"], standing: ["Ada", "Bo"], are: false },
  { wanted: ["Ada", "Bo"], standing: ["Ada", "Ada"], are: false },
  { wanted: ["Ada  B", "Ada B"], standing: ["Ada  B", "Ada B"], are: false },
  { wanted: ["Zoe\u0308"], standing: ["Zoe\u0308"], are: false },
];
for (const { wanted, standing, are } of LISTS) {
  Deno.test(`areSameNames() of ${JSON.stringify([wanted, standing])} is ${are}`, () => {
    assertEquals(areSameNames(wanted, standing), are);
  });
}

Deno.test("names that are the same are paired each with itself", () => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 }), (names) => {
    const turned = names.toReversed();
    if (!areSameNames(names, turned)) return;
    assertEquals([...pairNames(names, turned, never)].every(([a, b]) => a === b), true);
    for (const name of names) assertEquals(holdsSpelling(turned, name), true);
  }));
});
