import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mapPath, type PathRule } from "../../../src/core/match/path.ts";
import {
  foldersText,
  type LibraryFolders,
  type LookedAt,
  pathMapText,
  type Setup,
  setupProblem,
} from "../../../src/core/match/setup.ts";

const FILMS: LibraryFolders = {
  id: "1",
  title: "Films",
  isSynced: true,
  folders: ["/media/Films"],
  alike: [],
};

/** Ten files of Stash in `/data/scenes`, which Plex has in `plex`. */
function setup(plex: string | null, given: PathRule[] | null, more: Partial<Setup> = {}): Setup {
  const names = Array.from({ length: 10 }, (_, at) => `${at}.mp4`);
  const there = plex === null ? [] : names.map((name) => `${plex}/${name}`);
  return {
    target: { id: "plex", title: "Plex" },
    given,
    libraries: [FILMS],
    sample: there,
    looked: names.map((name, at) => {
      const stashPath = `/data/scenes/${name}`;
      const { path } = mapPath(stashPath, given ?? []);
      const isThere = there.includes(path);
      return {
        stashPath,
        path,
        isThere,
        isOther: false,
        isFound: isThere,
        alike: isThere || plex === null ? [] : [there[at]!],
        isProven: true,
      };
    }),
    ...more,
  };
}

const wrong = [{ stash: "/data", plex: "/wrong" }];
const RIGHT = '{ stash = "/data/scenes", plex = "/media/Films" }';
const CASES: { when: string; given: PathRule[] | null; plex: string; hint: string }[] = [
  { when: "wrong", given: wrong, plex: "/media/Films", hint: `path_map = [${RIGHT}]` },
  {
    when: "in another letter case",
    given: [{ stash: "/data/scenes", plex: "/media/films" }],
    plex: "/media/Films",
    hint: `path_map = [${RIGHT}]`,
  },
  { when: "missing", given: null, plex: "/media/Films", hint: `path_map = [${RIGHT}]` },
  { when: "needless", given: wrong, plex: "/data/scenes", hint: "path_map = []" },
];
for (const { when, given, plex, hint } of CASES) {
  Deno.test(`a path_map that is ${when} is said with the one that fits, and that one works`, () => {
    const problem = setupProblem(setup(plex, given));
    assertStringIncludes(problem?.hint ?? "", hint);
    assertStringIncludes(hint, pathMapText(problem!.rules!));
    for (const path of ["/data/scenes/0.mp4", `${plex}/0.mp4`]) {
      assertStringIncludes(problem!.summary, path);
    }
    const rules = [...hint.matchAll(/stash = ("[^"]*"), plex = ("[^"]*")/g)].map((found) => ({
      stash: JSON.parse(found[1]!),
      plex: JSON.parse(found[2]!),
    }));
    assertEquals(setupProblem(setup(plex, rules)), null);
  });
}

Deno.test("rules for folders that nothing was looked at in stay in what is proposed", () => {
  const other = { stash: "/more", plex: "/mnt/more" };
  const { hint } = setupProblem(setup("/media/Films", [...wrong, other]))!;
  assertStringIncludes(hint!, `${RIGHT}, { stash = "/more", plex = "/mnt/more" }`);
});

Deno.test("a library that has the files and is not synced is named, with all that are", () => {
  const scenes: LibraryFolders = {
    id: "2",
    title: "Scenes",
    isSynced: false,
    folders: ["/data/scenes"],
    alike: [],
  };
  const { hint } = setupProblem(setup(null, [], { libraries: [FILMS, scenes] }))!;
  assertStringIncludes(hint!, 'plex_library = ["Films", "Scenes"]');
  const moved = {
    ...scenes,
    folders: ["/mnt"],
    alike: [{ stashPath: "/data/scenes/1.mp4", path: "/mnt/1.mp4" }],
  };
  const both = setupProblem(setup(null, null, { libraries: [FILMS, moved] }))!.hint!;
  assertStringIncludes(both, 'plex_library = ["Films", "Scenes"]');
  assertStringIncludes(both, 'path_map = [{ stash = "/data/scenes", plex = "/mnt" }]');
});

Deno.test("a library without the folder is said with the folders that there are", () => {
  const { hint } = setupProblem(setup(null, null))!;
  assertStringIncludes(hint!, "/media/Films");
  assertStringIncludes(hint!, "add the folder");
});

Deno.test("a library that is left out is told from those whose folders are synced", () => {
  const left = {
    ...FILMS,
    id: "2",
    title: "Clips",
    isSynced: false,
    folders: ["/mnt/a", "/mnt/b"],
  };
  const { hint } = setupProblem(setup(null, null, { libraries: [FILMS, left] }))!;
  assertStringIncludes(
    hint!,
    'libraries are /media/Films; plex_library leaves out "Clips" (/mnt/a, /mnt/b)',
  );
  assertEquals(foldersText([left], { id: "plex" }).includes("are none;"), true);
  const more = "tells plexsync config check --online";
  assert(!hint!.includes(more));
  const unseen = setupProblem(setup(null, null, { libraries: [FILMS, { ...left, alike: null }] }));
  assertStringIncludes(unseen!.hint!, more);
});

Deno.test("nothing is wrong where some are there, or are found without rules", () => {
  assertEquals(setupProblem(setup("/data/scenes", null)), null);
  const found = setup("/media/Films", null);
  const looked = found.looked.map((each) => ({ ...each, isFound: true }));
  assertEquals(setupProblem({ ...found, looked }), null);
  assert(setupProblem({ ...setup("/media/Films", wrong), looked }) !== null);
});

/** A file of Stash, what Plex has of it, and where the rules lead. */
function lookedAt(stashPath: string, plexPath: string | null, given: PathRule[]): LookedAt {
  const { path } = mapPath(stashPath, given);
  const isThere = path === plexPath;
  const alike = isThere || plexPath === null ? [] : [plexPath];
  return { stashPath, path, isThere, isOther: false, isFound: isThere, alike, isProven: true };
}

/** Four films of `/data/films` in `/media/films`, and as many clips elsewhere. */
function halfRight(
  given: PathRule[],
  stash: string,
  plex: string | null,
  more: Partial<Setup> = {},
): Setup {
  const names = ["1.mp4", "a/2.mp4", "b/3.mp4", "b/4.mp4"];
  return setup("/media", given, {
    looked: [
      ...names.map((name) => lookedAt(`/data/films/${name}`, `/media/films/${name}`, given)),
      ...names.map((name) =>
        lookedAt(`${stash}/${name}`, plex === null ? null : `${plex}/${name}`, given)
      ),
    ],
    ...more,
  });
}

const FILMS_RULE = { stash: "/data", plex: "/media" };
const PARTLY: { when: string; given: PathRule[]; stash: string; plex: string; want: string }[] = [
  {
    when: "one rule of two is wrong",
    given: [FILMS_RULE, { stash: "/clips", plex: "/wrong" }],
    stash: "/clips",
    plex: "/mnt/clips",
    want: '[{ stash = "/clips", plex = "/mnt/clips" }, { stash = "/data", plex = "/media" }]',
  },
  {
    when: "a rule is right for one library only",
    given: [FILMS_RULE],
    stash: "/data/clips",
    plex: "/mnt/clips",
    want: '[{ stash = "/data/clips", plex = "/mnt/clips" }, { stash = "/data", plex = "/media" }]',
  },
  {
    when: "a rule is in another letter case",
    given: [FILMS_RULE, { stash: "/clips", plex: "/mnt/Clips" }],
    stash: "/clips",
    plex: "/mnt/clips",
    want: '[{ stash = "/clips", plex = "/mnt/clips" }, { stash = "/data", plex = "/media" }]',
  },
];
for (const { when, given, stash, plex, want } of PARTLY) {
  Deno.test(`a path_map by which some are found is warned of when ${when}, and what fits works`, () => {
    const problem = setupProblem(halfRight(given, stash, plex))!;
    assertEquals([problem.id, problem.severity], ["plex_paths_partly_unfit", "warning"]);
    assertStringIncludes(problem.summary, "4 of 8 files");
    for (const path of [`${stash}/1.mp4`, `${plex}/1.mp4`]) {
      assertStringIncludes(problem.summary, path);
    }
    assertStringIncludes(problem.hint!, `path_map = ${want}, which fits 4 of 4 files`);
    const rules = [...want.matchAll(/stash = "([^"]*)", plex = "([^"]*)"/g)].map((found) => ({
      stash: found[1]!,
      plex: found[2]!,
    }));
    assertEquals(setupProblem(halfRight(rules, stash, plex)), null);
  });
}

Deno.test("a rule that leads to no library is named, and one to a library that is not synced is not", () => {
  const given = [FILMS_RULE, { stash: "/clips", plex: "/wrong" }];
  const libraries = [{ ...FILMS, folders: ["/media"] }];
  const { hint } = setupProblem(halfRight(given, "/clips", null, { libraries }))!;
  assertStringIncludes(hint!, '{ stash = "/clips", plex = "/wrong" }');
  assertStringIncludes(hint!, "/media");
  const other = { ...FILMS, id: "2", isSynced: false, folders: ["/wrong/clips"] };
  const known = { libraries: [...libraries, other] };
  assertEquals(setupProblem(halfRight(given, "/clips", null, known)), null);
});

Deno.test("files that were moved by hand, and others' folders, are nothing to warn of", () => {
  const few = halfRight([FILMS_RULE], "/data/clips", "/mnt/clips");
  assertEquals(setupProblem({ ...few, looked: few.looked.slice(0, 6) }), null);
  const unproven = few.looked.map((each) => ({ ...each, isProven: false }));
  assertEquals(setupProblem({ ...few, looked: unproven }), null);
});

Deno.test("two servers that see different disks under one name are told so", () => {
  const { looked } = setup("/data/scenes", null);
  const others = looked.map((each) => ({ ...each, isOther: true, isFound: false }));
  const { hint } = setupProblem({ ...setup("/data/scenes", null), looked: others })!;
  assertStringIncludes(hint!, "other files at these paths");
  const given = [{ stash: "/clips", plex: "/media" }];
  const half = halfRight([FILMS_RULE, ...given], "/clips", "/media");
  const wrong = half.looked.map((each) => ({ ...each, isOther: each.stashPath < "/d" }));
  assertStringIncludes(setupProblem({ ...half, looked: wrong })!.hint!, "leads to other files");
});
