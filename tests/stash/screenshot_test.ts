import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { serve } from "../target/plex/stub_server.ts";
import { API_KEY, clientOf } from "./stash_fixture.ts";

const BYTES = new Uint8Array([0xff, 0xd8, 0xff, 0x0a]);

function image(contentType: string, headers: Record<string, string> = {}): Response {
  return new Response(BYTES, { headers: { "Content-Type": contentType, ...headers } });
}

Deno.test("screenshot() gives bytes, type and ETag, asked with the key and without a query", async () => {
  await using stub = serve(() => image("image/jpeg", { ETag: '"abc"' }));
  assertEquals(await clientOf(stub).screenshot("45"), {
    status: "image",
    bytes: BYTES,
    contentType: "image/jpeg",
    etag: '"abc"',
  });
  const { method, path, headers } = stub.seen[0]!;
  assertEquals(`${method} ${path}`, "GET /scene/45/screenshot");
  assertEquals(headers.get("apikey"), API_KEY);
  assertEquals(headers.has("if-none-match"), false);
});

Deno.test("screenshot() is the same when the ETag still stands", async () => {
  await using stub = serve(({ headers }) =>
    headers.get("if-none-match") === '"abc"'
      ? new Response(null, { status: 304 })
      : image("image/png", { ETag: '"new"' })
  );
  const stash = clientOf(stub);
  assertEquals(await stash.screenshot("45", '"abc"'), { status: "same" });
  assertEquals((await stash.screenshot("45", '"old"')).status, "image");
});

Deno.test("screenshot() asks anew when the stored ETag cannot be a header", async () => {
  await using stub = serve(() => image("image/png"));
  assertEquals((await clientOf(stub).screenshot("45", "line\nbreak")).status, "image");
});

const KINDS: { when: string; answer: () => Response; want: string }[] = [
  { when: "Stash draws its placeholder", answer: () => image("image/svg+xml"), want: "none" },
  {
    when: "the placeholder names a charset",
    answer: () => image("image/SVG+xml; charset=utf-8"),
    want: "none",
  },
];

for (const { when, answer, want } of KINDS) {
  Deno.test(`screenshot() gives "${want}" when ${when}`, async () => {
    await using stub = serve(answer);
    assertEquals((await clientOf(stub).screenshot("45")).status, want);
  });
}

/** Text stands for its bytes. */
const FORMATS: { head: string; type: string }[] = [
  { head: "\xff\xd8\xff\xe0..JFIF", type: "image/jpeg" },
  { head: "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", type: "image/png" },
  { head: "GIF87a", type: "image/gif" },
  { head: "GIF89a", type: "image/gif" },
  { head: "RIFF\x10\x20\0\0WEBPVP8 ", type: "image/webp" },
  { head: "\0\0\0\x20ftypavif\0\0\0\0mif1", type: "image/avif" },
  { head: "\0\0\0\x20ftypmif1\0\0\0\0avif", type: "image/avif" },
  { head: "BM\x36\x10\0\0\0\0\0\0", type: "image/bmp" },
];

for (const { head, type } of FORMATS) {
  for (const said of [type, "application/octet-stream", "image/x-unknown"]) {
    Deno.test(`screenshot() tells ${type} by ${JSON.stringify(head)}, said to be ${said}`, async () => {
      const body = bytesOf(head);
      await using stub = serve(() => new Response(body, { headers: { "Content-Type": said } }));
      const shot = await clientOf(stub).screenshot("45");
      assertEquals(shot, { status: "image", bytes: body, contentType: type, etag: null });
    });
  }
}

/** What is no image, whatever it is said to be. */
const NO_IMAGES = [
  "<html>",
  "<!DOCTYPE html>",
  "{}",
  "\xff",
  "\xff\xd8\0\n",
  "RIFF\x10\0\0\0AVI ",
  "BMW",
  "\0\0\0\x20ftypisom",
  "\x1f\x8b\x08",
];

for (const head of NO_IMAGES) {
  for (const said of ["image/jpeg", "application/octet-stream"]) {
    Deno.test(`screenshot() takes ${JSON.stringify(head)} for no image, though it is said to be ${said}`, async () => {
      const body = bytesOf(head);
      await using stub = serve(() => new Response(body, { headers: { "Content-Type": said } }));
      const error = await assertRejects(() => clientOf(stub).screenshot("45"), PlexsyncError);
      assertEquals([error.type, error.status], ["StashUnavailable", 200]);
    });
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

const UNUSABLE: { when: string; answer: () => Response }[] = [
  {
    when: "it leads to the log-in page",
    answer: () => new Response(null, { status: 302, headers: { Location: "/login" } }),
  },
  { when: "a page comes in its place", answer: () => image("text/html") },
  { when: "there is no such scene", answer: () => new Response("", { status: 404 }) },
  {
    when: "the answer is empty",
    answer: () => new Response(null, { headers: { "Content-Type": "image/png" } }),
  },
  { when: "304 comes unasked", answer: () => new Response(null, { status: 304 }) },
];

for (const { when, answer } of UNUSABLE) {
  Deno.test(`screenshot() fails as StashUnavailable when ${when}`, async () => {
    await using stub = serve(answer);
    const error = await assertRejects(() => clientOf(stub).screenshot("45"), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
    assertEquals(stub.seen.length, 1);
  });
}

Deno.test("screenshot() fails as PermanentError for a cover above the limit", async () => {
  await using stub = serve(() =>
    new Response(new Uint8Array(2049), {
      headers: { "Content-Type": "image/png" },
    })
  );
  const stash = clientOf(stub, { maxImageBytes: 2048 });
  const error = await assertRejects(() => stash.screenshot("45"), PlexsyncError);
  assertEquals(error.type, "PermanentError");
});
