import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { currentImports } from "../program.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;

/** The same kind of imports as this test runs with: real packages or stand-ins. */
function command(args: string[]): Deno.Command {
  const map = currentImports().flags.filter((flag) => flag.startsWith("--import-map"));
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--quiet",
      ...map,
      "--allow-net=127.0.0.1",
      "--allow-env=NODE_ENV",
      "--allow-read",
      MAIN,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** All text up to and including the first line break. */
async function firstLine(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += value;
  }
  return text;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`sim prints one line, serves both, and ends with 0 on ${signal}`, async () => {
    const child = command(["--scenes", "8", "--missing", "25", "--plex-root", "/media/x"]).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const line = await firstLine(reader);
    try {
      const said = JSON.parse(line);
      assertEquals(Object.keys(said), [
        "plex_url",
        "plex_token",
        "plex_library",
        "stash_url",
        "stash_api_key",
      ]);
      const query = encodeURIComponent("{findScenes{count}}");
      const stash = await fetch(`${said.stash_url}/graphql?query=${query}`, {
        headers: { ApiKey: said.stash_api_key },
      });
      assertEquals(await stash.json(), { data: { findScenes: { count: 8 } } });
      const plex = await fetch(`${said.plex_url}/library/sections`, {
        headers: { "X-Plex-Token": said.plex_token, Accept: "application/json" },
      });
      assertStringIncludes(await plex.text(), `"title":"${said.plex_library}"`);
      const items = await (await fetch(`${said.plex_url}/__sim__/items`)).json();
      assertEquals(items.length, 6);
      assert(items.every((item: { files: string[] }) => item.files[0]?.startsWith("/media/x/")));
    } finally {
      child.kill(signal);
    }
    const { done } = await reader.read();
    const [status, errors] = await Promise.all([child.status, new Response(child.stderr).text()]);
    assertEquals([done, status.code, errors], [true, 0, ""]);
  });
}

for (
  const { args, reason } of [
    { args: ["--scenes", "many"], reason: "--scenes must be" },
    { args: ["--stash-zone", "Mars/Base"], reason: "Mars/Base" },
    { args: ["--scenes", "5", "--ambiguous", "6"], reason: "ambiguous must be" },
  ]
) {
  Deno.test(`sim ${args.join(" ")} ends with 2 and says why on stderr alone`, async () => {
    const { code, stdout, stderr } = await command(args).output();
    assertEquals([code, stdout.length], [2, 0]);
    assertStringIncludes(new TextDecoder().decode(stderr), reason);
  });
}

Deno.test("sim --help is the usage on stdout, with 0", async () => {
  const { code, stdout } = await command(["--help"]).output();
  assertEquals(code, 0);
  assertMatch(new TextDecoder().decode(stdout), /^Usage: deno task sim/);
});

async function withFile(text: string, use: (path: string) => Promise<void>) {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("sim --library serves that library, and names its sections", async () => {
  const library = {
    plex: {
      sections: ["A", "B"].map((title, at) => ({
        key: String(at + 1),
        title,
        type: "movie",
        locations: ["/m"],
      })),
      items: [{ ratingKey: "9", section: "2", media: [{ parts: [{ file: "/m/x.mp4" }] }] }],
    },
    stash: { scenes: [{ id: 4, title: "Four" }] },
  };
  await withFile(JSON.stringify(library), async (path) => {
    const child = command(["--library", path]).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    try {
      const said = JSON.parse(await firstLine(reader));
      assertEquals(said.plex_library, "A, B");
      const items = await (await fetch(`${said.plex_url}/__sim__/items`)).json();
      assertEquals([items[0].ratingKey, items[0].files], ["9", ["/m/x.mp4"]]);
      const scenes = await (await fetch(`${said.stash_url}/__sim__/scenes`)).json();
      assertEquals([scenes[0].id, scenes[0].title], ["4", "Four"]);
    } finally {
      child.kill("SIGTERM");
    }
    await reader.cancel();
    assertEquals([(await child.status).code, await new Response(child.stderr).text()], [0, ""]);
  });
});

for (
  const { text, reason } of [
    { text: "{", reason: "JSON" },
    { text: '{"plex":{"sections":[],"items":[]},"stash":{"scenes":[]}}', reason: "plex.sections" },
  ]
) {
  Deno.test(`sim --library with ${text} ends with 2 and names the file and the mistake`, async () => {
    await withFile(text, async (path) => {
      const { code, stdout, stderr } = await command(["--library", path]).output();
      assertEquals([code, stdout.length], [2, 0]);
      const said = new TextDecoder().decode(stderr);
      assertStringIncludes(said, `Cannot load the library ${path}: `);
      assertStringIncludes(said, reason);
    });
  });
}
