import { assert, assertEquals } from "@std/assert";
import {
  type FilesOfTarget,
  ruleText,
  type Sighting,
  Tally,
  Votes,
} from "../../../src/core/match/learned_rules.ts";
import { baseName, pathKey, type PathRule, widestRule } from "../../../src/core/match/path.ts";

const WIDEST: [string, string, string | null][] = [
  ["/data/a/x.mp4", "/media/a/x.mp4", "/data → /media"],
  ["/data/x.mp4", "/media/films/x.mp4", "/data → /media/films"],
  ["/data/x.mp4", "/media/data/x.mp4", "/ → /media"],
  ["/media/data/x.mp4", "/data/x.mp4", "/media → /"],
  ["/data/x.mp4", "/media/y.mp4", null],
  ["/data/X.mp4", "/media/x.mp4", null],
  ["F:\\Videos\\Late\\X.mp4", "/mnt/videos/Late/X.mp4", "F:\\Videos → /mnt/videos"],
  ["F:\\X.mp4", "/mnt/X.mp4", "F:\\ → /mnt"],
  ["/mnt/videos/late/x.mp4", "F:\\Videos\\Late\\X.mp4", "/mnt → F:\\"],
  ["\\\\nas\\Share\\a\\x.mp4", "/mnt/a/x.mp4", "\\\\nas\\Share → /mnt"],
  ["\\\\nas\\Share\\x.mp4", "/mnt/Share/x.mp4", "\\\\nas\\Share → /mnt/Share"],
];
for (const [stash, plex, want] of WIDEST) {
  Deno.test(`widestRule() from ${stash} to ${plex} is ${want}`, () => {
    const rule = widestRule(stash, plex);
    assertEquals(rule === null ? null : ruleText(rule), want);
  });
}

/** Files of scenes, and of the target where they or `also` have pairs. */
function learn(sightings: readonly Sighting[], also: readonly Sighting[] = []) {
  const there = [...sightings, ...also].flatMap(({ pairs, durationMs }) =>
    pairs.map((path) => ({ path, durationMs }))
  );
  const target: FilesOfTarget = {
    has: (path) => there.some((each) => pathKey(each.path) === pathKey(path)),
    named: (path) => there.filter((each) => baseName(each.path) === baseName(path)),
  };
  const votes = new Votes();
  for (const each of sightings) votes.add(each);
  const tally = new Tally(votes.proposals(), target);
  for (const each of sightings) tally.add(each);
  return { rules: tally.learned(), refusal: (rule: PathRule) => tally.refusal(rule) };
}

/** So many files, each of another length in each folder, which the target has in these folders. */
function files(count: number, stash: string, ...plex: string[]): Sighting[] {
  const offset = stash.length * 60_000;
  return Array.from({ length: count }, (_, at) => ({
    path: `${stash}/${at}.mp4`,
    durationMs: offset + at * 5_000,
    pairs: plex.map((folder) => `${folder}/${at}.mp4`),
  }));
}

const texts = (rules: readonly PathRule[]) => rules.map(ruleText).sort();

const CASES: { when: string; sightings: Sighting[]; also?: Sighting[]; want: string[] }[] = [
  {
    when: "20 files agree",
    sightings: files(20, "/data/f", "/media/f"),
    want: ["/data/f → /media/f"],
  },
  { when: "19 files agree", sightings: files(19, "/data/f", "/media/f"), want: [] },
  {
    when: "the voters lie in several folders: the deepest that holds all of them",
    sightings: [...files(12, "/data/x/a", "/media/x/a"), ...files(12, "/data/x/b", "/media/x/b")],
    want: ["/data/x → /media/x"],
  },
  {
    when: "98 of 100 agree",
    sightings: [...files(98, "/data/f", "/media/f"), ...files(2, "/data/f/g", "/other/h")],
    want: ["/data/f → /media/f"],
  },
  {
    when: "97 of 100 agree",
    sightings: [...files(97, "/data/f", "/media/f"), ...files(3, "/data/f/g", "/other/h")],
    want: [],
  },
  {
    when: "files that stand at the same path in both speak against it",
    sightings: [...files(97, "/data/f", "/media/f"), ...files(3, "/data/f/g", "/data/f/g")],
    want: [],
  },
  {
    when: "two folders are mounted apart",
    sightings: [...files(30, "/data/a", "/one"), ...files(30, "/data/two", "/two")],
    want: ["/data/a → /one", "/data/two → /two"],
  },
  {
    when: "a folder's name begins like another's",
    sightings: [...files(30, "/data/tv", "/media/tv"), ...files(30, "/data/tv4k", "/uhd")],
    want: ["/data/tv → /media/tv", "/data/tv4k → /uhd"],
  },
  {
    when: "a backup has every file too",
    sightings: files(40, "/data/f", "/media/f", "/backup/f"),
    want: [],
  },
  {
    when: "a backup has every tenth",
    sightings: [
      ...files(36, "/data/f", "/media/f"),
      ...files(4, "/data/f/new", "/media/f/new", "/backup/f/new"),
    ],
    want: [],
  },
  {
    when: "only a backup's copies are equal to Stash's, the files beside them are newer",
    sightings: files(40, "/data/f", "/backup/f"),
    also: files(40, "/data/f", "/media/f"),
    want: [],
  },
  {
    when: "one name of a hundred is elsewhere too, by chance",
    sightings: files(100, "/data/f", "/media/f"),
    also: [{ path: "", durationMs: null, pairs: ["/media/g/7.mp4"] }],
    want: ["/data/f → /media/f"],
  },
  { when: "paths are equal", sightings: files(40, "/data/f", "/data/f"), want: [] },
  { when: "the target has none of the files", sightings: files(40, "/data/f"), want: [] },
];
for (const { when, sightings, also, want } of CASES) {
  Deno.test(`rules are learned when ${when}`, () => {
    assertEquals(texts(learn(sightings, also).rules), want);
  });
}

Deno.test("a learned rule tells how many files it covers, and how many are where it says", () => {
  const { rules } = learn([...files(30, "/data/f", "/media/f"), ...files(5, "/data/f/lost")]);
  assertEquals(rules, [
    { stash: "/data/f", plex: "/media/f", votes: 30, pairs: 30, files: 35, found: 30 },
  ]);
});

Deno.test("a rule that is refused tells why", () => {
  const rule = { stash: "/data/f", plex: "/media/f" };
  assertEquals(learn(files(5, "/data/f", "/media/f")).refusal(rule), "too few files speak for it");
  const backup = learn(
    files(40, "/data/f", "/media/f"),
    files(40, "/data/f", "/backup/f"),
  );
  assertEquals(backup.refusal(rule), { rival: "/backup/f" });
});

Deno.test("a library with a rule for each file is counted in bounded memory, and its right rule found", () => {
  const votes = new Votes();
  for (let at = 0; at < 40_000; at++) {
    votes.add(
      at % 4 === 0
        ? { path: `/data/f/${at}.mp4`, durationMs: at, pairs: [`/media/f/${at}.mp4`] }
        : { path: `/x/${at}/a.mp4`, durationMs: at, pairs: [`/y/film ${at}/a.mp4`] },
    );
  }
  assertEquals(texts(votes.proposals()), ["/data/f → /media/f"]);
  assert(votes.size <= 5_000, `${votes.size} are held`);
});
