import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { crc32, inflateSync } from "node:zlib";
import { coverPng } from "./png.ts";
import { ask, raw, withStash } from "./testing.ts";

const KEY = { ApiKey: "sim-stash-key" };

Deno.test("coverPng() is a valid 32 x 18 picture and differs for each number", () => {
  const seen = new Set<string>();
  for (const number of [0, 1, 2, 17, 255, 256, 65_536, 16_777_216, 16_777_217]) {
    const png = coverPng(number);
    assertEquals(readPng(png), { width: 32, height: 18, bytes: 18 * (1 + 32 * 3) });
    assertEquals(coverPng(number), png);
    seen.add(createHash("md5").update(png).digest("hex"));
  }
  assertEquals(seen.size, 9);
});

/** Checks every chunk's sum on the way. */
function readPng(png: Uint8Array): { width: number; height: number; bytes: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const found = { width: 0, height: 0, bytes: 0 };
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
    assertEquals(view.getUint32(at + 8 + length), crc32(png.subarray(at + 4, at + 8 + length)));
    if (type === "IHDR") {
      [found.width, found.height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    }
    if (type === "IDAT") found.bytes = inflateSync(png.subarray(at + 8, at + 8 + length)).length;
    at += 12 + length;
  }
  return found;
}

Deno.test("a cover has the MD5 of its bytes as ETag, and 304 for whoever knows it", () =>
  withStash({ scenes: [{}, {}] }, async ({ url }) => {
    const first = await raw(`${url}/scene/1/screenshot`, { headers: KEY });
    const { etag = "" } = first.headers;
    assertEquals([first.status, first.headers["content-type"]], [200, "image/png"]);
    assertEquals(etag, `"${createHash("md5").update(first.body).digest("hex")}"`);
    assertEquals(first.headers["cache-control"], "no-cache");
    const other = await raw(`${url}/scene/2/screenshot?t=123`, { headers: KEY });
    assertNotEquals(other.headers.etag, etag);
    assertEquals(other.headers["cache-control"], "private, max-age=31536000, immutable");
    for (const known of [etag, `"x", W/${etag}`, "*"]) {
      const again = await raw(`${url}/scene/1/screenshot`, {
        headers: { ...KEY, "If-None-Match": known },
      });
      assertEquals([again.status, again.body.length, again.headers.etag], [304, 0, etag]);
    }
    const stale = await raw(`${url}/scene/1/screenshot`, {
      headers: { ...KEY, "If-None-Match": '"x"' },
    });
    assertEquals(stale.status, 200);
  }));

const RANGES = [
  { range: "bytes=0-3", status: 206, place: "bytes 0-3/9", text: "GIF8" },
  { range: "bytes=6-", status: 206, place: "bytes 6-8/9", text: "678" },
  { range: "bytes=-2", status: 206, place: "bytes 7-8/9", text: "78" },
  { range: "bytes=99-", status: 416, place: "bytes */9", text: "" },
  { range: "bytes=0-1,4-5", status: 200, place: undefined, text: "GIF845678" },
];
for (const { range, status, place, text } of RANGES) {
  Deno.test(`range ${range} of a picture of 9 bytes answers ${status}`, () =>
    withStash({ scenes: [{}] }, async (stash) => {
      stash.setCover("1", new TextEncoder().encode("GIF845678"));
      const answer = await raw(`${stash.url}/scene/1/screenshot`, {
        headers: { ...KEY, Range: range },
      });
      assertEquals([answer.status, answer.headers["content-range"], answer.text], [
        status,
        place,
        text,
      ]);
    }));
}

const FORMATS: { bytes: number[]; type: string }[] = [
  { bytes: [0xff, 0xd8, 0xff, 0xe0], type: "image/jpeg" },
  { bytes: [...new TextEncoder().encode("RIFF1234WEBPVP8 ")], type: "image/webp" },
  { bytes: [1, 2, 3, 4], type: "application/octet-stream" },
];
for (const { bytes, type } of FORMATS) {
  Deno.test(`stored bytes are served as they are, as ${type}`, () =>
    withStash({ scenes: [{}] }, async (stash) => {
      stash.setCover("1", new Uint8Array(bytes));
      const answer = await raw(`${stash.url}/scene/1/screenshot`, { headers: KEY });
      assertEquals([answer.headers["content-type"], [...answer.body]], [type, bytes]);
    }));
}

Deno.test("no cover is an SVG with 200, no scene is 404", () =>
  withStash({ scenes: [{ cover: null }] }, async ({ url }) => {
    const none = await raw(`${url}/scene/1/screenshot`, { headers: KEY });
    assertEquals([none.status, none.headers["content-type"]], [200, "image/svg+xml"]);
    assertStringIncludes(none.text, "<svg");
    assertEquals((await raw(`${url}/scene/2/screenshot`, { headers: KEY })).status, 404);
    assertEquals((await raw(`${url}/scene/x/screenshot`, { headers: KEY })).status, 404);
  }));

Deno.test("a cover sent with sceneUpdate is stored, as data URL or bare base64", () =>
  withStash({ scenes: [{ cover: null }] }, async (stash) => {
    const query = "mutation($c: String) { sceneUpdate(input: { id: 1, cover_image: $c }) { id } }";
    const etags = new Set<string | undefined>();
    for (const bytes of ["GIF89a-one", "GIF89a-two"]) {
      const base64 = btoa(bytes);
      const cover = etags.size === 0 ? `data:image/gif;base64,${base64}` : base64;
      assertEquals((await ask(stash, query, { c: cover })).errors, undefined);
      const answer = await raw(`${stash.url}/scene/1/screenshot`, { headers: KEY });
      assertEquals([answer.text, answer.headers["content-type"]], [bytes, "image/gif"]);
      etags.add(answer.headers.etag);
    }
    assertEquals(etags.size, 2);
  }));

Deno.test("performers, studios and tags have stock pictures", () =>
  withStash({ scenes: [{ performers: ["P"], studio: "S", tags: ["T"] }] }, async ({ url }) => {
    const types = [];
    for (const kind of ["performer", "studio", "tag"]) {
      const answer = await raw(`${url}/${kind}/1/image?t=1&default=true`, { headers: KEY });
      assert(answer.status === 200);
      types.push(answer.headers["content-type"]);
    }
    assertEquals(types, ["image/png", "image/svg+xml", "image/svg+xml"]);
    assertEquals((await raw(`${url}/studio/9/image`, { headers: KEY })).status, 404);
  }));
