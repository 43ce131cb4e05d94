import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { generateLibrary, type LibraryOptions } from "./library.ts";

const pathsOf = (items: { files: { path: string }[] }[]) =>
  new Set(items.flatMap((item) => item.files.map((file) => file.path)));
const baseOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

Deno.test("generateLibrary() gives the same for the same seed, another for another", () => {
  const options = { scenes: 200, seed: 7, missingPercent: 10, ambiguous: 3 };
  assertEquals(generateLibrary(options), generateLibrary(options));
  assertNotEquals(generateLibrary(options).scenes, generateLibrary({ ...options, seed: 8 }).scenes);
});

for (
  const { scenes, missingPercent, ambiguous, missing } of [
    { scenes: 100, missingPercent: 5, ambiguous: 2, missing: 5 },
    { scenes: 30, missingPercent: 5, ambiguous: 0, missing: 2 },
    { scenes: 10, missingPercent: 100, ambiguous: 0, missing: 10 },
    { scenes: 10, missingPercent: 40, ambiguous: 6, missing: 4 },
    { scenes: 0, missingPercent: 50, ambiguous: 0, missing: 0 },
  ]
) {
  Deno.test(`${missingPercent} % of ${scenes} scenes are ${missing} missing, beside ${ambiguous} ambiguous`, () => {
    const library = generateLibrary({ scenes, seed: 3, missingPercent, ambiguous });
    assertEquals(library.missingIds.length, missing);
    assertEquals(library.ambiguousIds.length, ambiguous);
    assertEquals(
      new Set([...library.missingIds, ...library.ambiguousIds]).size,
      missing + ambiguous,
    );
    assertEquals(library.plexItems.length, scenes - missing + ambiguous);
  });
}

Deno.test("Plex holds a scene's own path, nothing of a missing one, two look-alikes of an ambiguous one", () => {
  const library = generateLibrary({
    scenes: 300,
    seed: 1,
    missingPercent: 10,
    ambiguous: 5,
    plexRoot: "/media/x/",
  });
  const held = pathsOf(library.plexItems);
  for (const scene of library.scenes) {
    const id = String(scene.id);
    const files = scene.files ?? [];
    const own = files.map((file) => file.path.replace("/data/scenes", "/media/x"));
    const same = library.plexItems.filter((item) =>
      item.files.some((file) => baseOf(file.path) === baseOf(files[0]?.path ?? ""))
    );
    if (library.missingIds.includes(id)) assertEquals(same, []);
    else if (library.ambiguousIds.includes(id)) {
      const [file] = files;
      assert(!held.has(own[0] ?? ""));
      assertEquals(same.length, 2);
      for (const { files: [copy] } of same) {
        assertEquals(copy?.size, file?.size);
        assertEquals(copy?.durationMs, Math.round((file?.duration ?? 0) * 1000));
      }
    } else {
      assertEquals(same.length, 1);
      assert(own.every((path) => held.has(path)));
    }
  }
});

Deno.test("what Plex lacks does not change the scenes, but for the second files of ambiguous ones", () => {
  const plain = generateLibrary({ scenes: 50, seed: 4 });
  const lacking = generateLibrary({ scenes: 50, seed: 4, missingPercent: 20 });
  assertEquals(lacking.scenes, plain.scenes);
});

Deno.test("a library has variety, and no scene without anything to sync", () => {
  const { scenes } = generateLibrary({ scenes: 5000, seed: 2 });
  const share = (test: (scene: typeof scenes[number]) => boolean) => scenes.filter(test).length;
  const bare = share((s) =>
    !s.studio && !s.details && !s.date && s.tags?.length === 0 && s.performers?.length === 0
  );
  assertEquals(bare, 0);
  assertEquals(share((s) => s.studio === null && s.details === ""), 0);
  assertEquals(
    new Set(scenes.flatMap((s) => s.files?.map((file) => file.path) ?? [])).size,
    scenes.flatMap((s) => s.files).length,
  );
  assertEquals(new Set(scenes.map((s) => baseOf(s.files?.[0]?.path ?? ""))).size, 5000);
  for (
    const [what, count, low, high] of [
      ["no title", share((s) => s.title === ""), 5, 100],
      ["no studio", share((s) => s.studio === null), 200, 1000],
      ["rating", share((s) => s.rating100 !== null), 1000, 2500],
      ["two files", share((s) => s.files?.length === 2), 50, 400],
      ["no file", share((s) => s.files?.length === 0), 0, 0],
      ["no date", share((s) => s.date === null), 50, 500],
      ["partial date", share((s) => /^\d{4}(-\d{2})?$/.test(s.date ?? "")), 50, 500],
      ["long summary", share((s) => (s.details ?? "").length > 2000), 20, 500],
      [
        "odd tag",
        share((s) => s.tags?.some((tag) => /[,&']/.test(String(tag))) ?? false),
        50,
        2000,
      ],
      ["title in another script", share((s) => /[\u0300-\u{1ffff}]/u.test(s.title ?? "")), 50, 400],
      ["right to left", share((s) => /[\u0590-\u06ff]/.test(s.title ?? "")), 5, 200],
    ] as const
  ) assert(count >= low && count <= high, `${what}: ${count} of 5000`);
  assertEquals(new Set(scenes.map((s) => s.studio ?? "")).size, 41);
});

for (
  const options of [
    { scenes: -1, seed: 1 },
    { scenes: 1.5, seed: 1 },
    { scenes: 10, seed: 1, missingPercent: 101 },
    { scenes: 10, seed: 1, missingPercent: 50, ambiguous: 6 },
  ] satisfies LibraryOptions[]
) {
  Deno.test(`generateLibrary() refuses ${JSON.stringify(options)}`, () => {
    assertThrows(() => generateLibrary(options), RangeError, "must be");
  });
}
