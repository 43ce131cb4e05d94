import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mapPath, type PathRule } from "../../src/core/path.ts";
import { type LibraryFolders, type Setup, setupProblem } from "../../src/core/setup.ts";

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
        isFound: isThere,
        alike: isThere || plex === null ? [] : [there[at]!],
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

Deno.test("nothing is wrong where some are there, or are found without rules", () => {
  assertEquals(setupProblem(setup("/data/scenes", null)), null);
  const found = setup("/media/Films", null);
  const looked = found.looked.map((each) => ({ ...each, isFound: true }));
  assertEquals(setupProblem({ ...found, looked }), null);
  assert(setupProblem({ ...setup("/media/Films", wrong), looked }) !== null);
});
