import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { serve } from "../target/plex/stub_server.ts";
import { API_KEY, clientOf } from "./stash_fixture.ts";

const BYTES = new Uint8Array([0xff, 0xd8, 0x00, 0x0a]);

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
  { when: "the cover is WebP", answer: () => image("image/webp"), want: "image" },
  {
    when: "Stash does not know the format",
    answer: () => image("application/octet-stream"),
    want: "image",
  },
];

for (const { when, answer, want } of KINDS) {
  Deno.test(`screenshot() gives "${want}" when ${when}`, async () => {
    await using stub = serve(answer);
    assertEquals((await clientOf(stub).screenshot("45")).status, want);
  });
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
