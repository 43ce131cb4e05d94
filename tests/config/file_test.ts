import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { diskFiles } from "../../src/config/files.ts";
import { FILE, load, memoryFiles, problemsOf } from "./harness.ts";

const SYSTEM = "/etc/plexsync/plexsync.toml";

const LOOKUPS: {
  when: string;
  flags: Record<string, string>;
  env: Record<string, string>;
  want: string;
}[] = [
  {
    when: "--config",
    flags: { config: "/a.toml" },
    env: { PLEXSYNC_CONFIG: "/b.toml" },
    want: "/a.toml",
  },
  { when: "$PLEXSYNC_CONFIG", flags: {}, env: { PLEXSYNC_CONFIG: "/b.toml" }, want: "/b.toml" },
  { when: "the data directory", flags: {}, env: {}, want: FILE },
];

for (const { when, flags, env, want } of LOOKUPS) {
  Deno.test(`loadConfig() reads the file of ${when} before the later ones`, () => {
    const everywhere = ["/a.toml", "/b.toml", FILE, SYSTEM].slice(
      ["/a.toml", "/b.toml", FILE].indexOf(want),
    );
    const files = memoryFiles(
      Object.fromEntries(everywhere.map((path, index) => [path, `batch_size = ${index + 1}`])),
    );
    const loaded = load({ flags, env, files });
    assertEquals(loaded.file, want);
    assertEquals(loaded.config.batchSize, 1);
  });
}

Deno.test("loadConfig() reads the system's file last, and does without any", () => {
  assertEquals(load({ files: memoryFiles({ [SYSTEM]: "batch_size = 7" }) }).config.batchSize, 7);
  assertEquals(load().file, undefined);
});

Deno.test("loadConfig() refuses a named file that is missing, and asks for nothing else", () => {
  assertEquals(problemsOf({ flags: { config: "/none.toml" }, requireFor: "daemon" }), [
    "Cannot read the config file /none.toml: no such file",
  ]);
});

Deno.test("loadConfig() refuses a standard file that cannot be read", () => {
  const files = memoryFiles({ [FILE]: new Error("permission denied") });
  assertEquals(problemsOf({ files }), [
    `Cannot read the config file ${FILE}: permission denied`,
  ]);
});

Deno.test("loadConfig() names line and column of a TOML mistake, and nothing that stands there", () => {
  const [problem, ...more] = problemsOf({ toml: "enabled = true\nplex_token = sekret-token\n" });
  assertEquals(more, []);
  assertEquals(problem, `Cannot understand ${FILE}, line 2, column 14: invalid value`);
});

Deno.test("loadConfig() names the nearest key and the line of an unknown one, never its value", () => {
  assertEquals(problemsOf({ toml: '# mine\nplex_tokn = "sekret"\n\n[plex]\nurl = "x"\n' }), [
    `Unknown key "plex_tokn" in ${FILE}, line 2: the nearest is "plex_token"`,
    `Unknown key "plex" in ${FILE}, line 4: the nearest is "plex_url"; ` +
    "settings stand at the top level, without [sections]",
  ]);
});

Deno.test("loadConfig() reads a file with a byte order mark and Windows line ends", () => {
  assertEquals(load({ toml: "\uFEFFbatch_size = 9\r\nmax_tags = 20\r\n" }).config.batchSize, 9);
});

Deno.test("loadConfig() warns of a file with secrets that others can read", () => {
  const toml = 'plex_token = "tok"\nlisten_token = "tik"\n';
  const files = memoryFiles({ [FILE]: toml }, { [FILE]: 0o640 });
  assertEquals(load({ files }).warnings, [
    `Other users can read ${FILE}, which holds plex_token, listen_token; run: chmod 600 ${FILE}`,
  ]);
  const open = memoryFiles({ [FILE]: "batch_size = 1" }, { [FILE]: 0o644 });
  assertEquals(load({ files: open }).warnings, []);
  assertEquals(load({ files: memoryFiles({ [FILE]: toml }) }).warnings, []);
});

Deno.test("diskFiles reads text and mode, and tells a missing file from one that cannot be read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/plexsync.toml`;
    await Deno.writeTextFile(path, "enabled = true\n", { mode: 0o640 });
    assertEquals(diskFiles.readText(path), "enabled = true\n");
    assertEquals(diskFiles.readText(`${folder}/none`), undefined);
    assertEquals(diskFiles.readText(`${path}/below-a-file`), undefined);
    if (Deno.build.os !== "windows") assertEquals(diskFiles.mode(path), 0o640);
    const problems = problemsOf({ flags: { config: folder }, files: diskFiles });
    assertEquals(problems.length, 1);
    assertStringIncludes(problems[0]!, `Cannot read the config file ${folder}`);
    assert(!problems[0]!.includes("no such file"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
