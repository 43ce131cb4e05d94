import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { createObfuscator } from "../../../src/core/text/obfuscate.ts";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { collect } from "../../log/harness.ts";

const obfuscate = createObfuscator("salt");

const SHAPES = [
  [
    "/data/Some Studio/My Film.mp4",
    /^\/[a-z]+-[a-z]+-\d+\/[a-z]+-[a-z]+-\d+\/[a-z]+-[a-z]+-\d+\.mp4$/,
  ],
  ["C:\\Media\\film.mkv", /^C:\\[a-z]+-[a-z]+-\d+\\[a-z]+-[a-z]+-\d+\.mkv$/],
  ["\\\\nas\\share", /^\\\\[a-z]+-[a-z]+-\d+\\[a-z]+-[a-z]+-\d+$/],
  ["/a/../.hidden", /^\/[a-z]+-[a-z]+-\d+\/\.\.\/[a-z]+-[a-z]+-\d+$/],
  ["/", /^\/$/],
] as const;

for (const [path, shape] of SHAPES) {
  Deno.test(`createObfuscator() keeps the shape of ${path}`, () =>
    assertMatch(obfuscate(path), shape));
}

Deno.test("createObfuscator() gives one name the same words everywhere, with one salt", () => {
  const [, folder] = obfuscate("/data/film.mp4").split("/");
  assertEquals(obfuscate("/data/other.mp4").split("/")[1], folder);
  assertEquals(createObfuscator("salt")("/data"), `/${folder}`);
  assertNotEquals(createObfuscator("other")("/data"), `/${folder}`);
});

Deno.test("createObfuscator() leaves no name of the path, and as many parts", () => {
  const name = fc.string({ minLength: 6, maxLength: 20 }).map((text) =>
    `Q${text.replace(/[\\/]/g, "_")}`
  );
  fc.assert(fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (names) => {
    const words = obfuscate(`/${names.join("/")}`);
    assertEquals(words.split("/").length, names.length + 1);
    for (const part of names) assert(!words.includes(part));
  }));
});

Deno.test("createObfuscator() tells many names apart", () => {
  const words = new Set(Array.from({ length: 2_000 }, (_, n) => obfuscate(`/film ${n}`)));
  assert(words.size >= 1_998, `${words.size} of 2000`);
});

Deno.test("obfuscate_paths hides a record's paths wherever they stand", () => {
  const path = "/data/Studio/My Film.mp4";
  for (const format of ["text", "json"] as const) {
    const { log, lines } = collect({ format, obfuscatePaths: true, pathSalt: "s" });
    const error = new PlexsyncError("PlexNotFound", `No item has ${path}`, { path });
    log.warning(`Scene 12 waits: ${path}`, {
      error,
      plex_path: "/data/Studio",
      candidates: [path],
    });
    log.info(`Reads ${log.path(path)}`);
    for (const line of lines) assert(!/data|Studio|My Film/.test(line), line);
    const hidden = createObfuscator("s")(path);
    // In the message, the error's message and stack, the path, the candidates.
    assertEquals(lines[0]!.split(hidden).length, 6);
    assertEquals(lines[1]!.split(hidden).length, 2);
  }
});

Deno.test("obfuscate_paths takes a name without a folder out of its field only", () => {
  const { log, lines } = collect({ obfuscatePaths: true, pathSalt: "s" });
  log.info("a scene", { path: "a" });
  assertEquals(lines, [`\x01i\x02[PlexSync Worker] a scene path=${createObfuscator("s")("a")}\n`]);
});

Deno.test("obfuscate_paths hides the paths of candidates, their items stay", () => {
  const { log, lines } = collect({ format: "json", target: "file", obfuscatePaths: true });
  const candidates = ["item 5: /data/Studio/a.mp4", "item 6: C:\\data\\a.mp4", "item 7"];
  log.error("m", { error: new PlexsyncError("AmbiguousMatch", "2 fit", { candidates }) });
  const shown = JSON.parse(lines[0]!).candidates as string[];
  for (const line of shown) assert(!/data|Studio/.test(line), line);
  assertMatch(shown[0]!, /^item 5: \/\S+\/\S+\/\S+\.mp4$/);
  assertMatch(shown[1]!, /^item 6: C:\\\S+\\\S+\.mp4$/);
  assertEquals(shown[2], "item 7");
});

Deno.test("paths stand as they are unless obfuscation is asked for", () => {
  const { log, lines } = collect();
  log.info(log.path("/data/a.mp4"), { path: "/data/a.mp4" });
  assertEquals(lines, ["\x01i\x02[PlexSync Worker] /data/a.mp4 path=/data/a.mp4\n"]);
});
