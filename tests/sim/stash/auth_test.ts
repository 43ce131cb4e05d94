import { assertEquals, assertStringIncludes } from "@std/assert";
import { raw, withStash } from "./testing.ts";

const QUERY = "/graphql?query=%7Bversion%7Bhash%7D%7D";
const IMAGE = "/scene/1/screenshot";

const CASES: {
  when: string;
  password?: boolean;
  path: string;
  headers?: Record<string, string>;
  status: number;
}[] = [
  {
    when: "the key is in the header",
    path: QUERY,
    headers: { ApiKey: "sim-stash-key" },
    status: 200,
  },
  { when: "the key is in the query", path: `${QUERY}&apikey=sim-stash-key`, status: 200 },
  { when: "the key is in an image URL", path: `${IMAGE}?apikey=sim-stash-key`, status: 200 },
  { when: "the key is wrong", path: QUERY, headers: { ApiKey: "stale" }, status: 401 },
  { when: "the key of an image is wrong", path: `${IMAGE}?apikey=stale`, status: 401 },
  {
    when: "the header is wrong and the query right",
    path: `${QUERY}&apikey=sim-stash-key`,
    headers: { ApiKey: "stale" },
    status: 401,
  },
  { when: "there is no key", path: QUERY, status: 401 },
  { when: "there is no key for an image", path: `${IMAGE}?t=5`, status: 302 },
  { when: "there is no key for a file", path: "/favicon.ico", status: 401 },
  { when: "there is neither password nor key", password: false, path: QUERY, status: 200 },
  {
    when: "the header is empty and there is no password",
    password: false,
    path: QUERY,
    headers: { ApiKey: "" },
    status: 200,
  },
  {
    when: "the key is stale although there is no password",
    password: false,
    path: QUERY,
    headers: { ApiKey: "stale" },
    status: 401,
  },
];
for (const { when, password, path, headers, status } of CASES) {
  Deno.test(`answers ${status} when ${when}`, () =>
    withStash({ scenes: [{}], password }, async ({ url }) => {
      const answer = await raw(url + path, { headers });
      assertEquals(answer.status, status);
      if (status === 401) {
        assertEquals([answer.headers["www-authenticate"], answer.text], ["FormBased", ""]);
      }
      if (status === 302) {
        const target = answer.headers.location ?? "";
        assertEquals(target, `/login?returnURL=${encodeURIComponent(`${IMAGE}?t=5`)}`);
      }
    }));
}

Deno.test("a session cookie is good for one hour and renewed by use", async () => {
  let now = 0;
  await withStash({ now: () => now }, async (stash) => {
    const get = async (cookie: string) => {
      const answer = await raw(stash.url + QUERY, { headers: { Cookie: cookie } });
      return { status: answer.status, next: answer.headers["set-cookie"]?.[0]?.split(";")[0] };
    };
    const first = await get(`a=b; session=${stash.sessionCookie()}`);
    assertEquals(first.status, 200);
    now = 3_599_000;
    const renewed = await get(first.next ?? "");
    assertEquals(renewed.status, 200);
    now = 3_601_000;
    assertEquals((await get(first.next ?? "")).status, 401);
    assertEquals((await get(renewed.next ?? "")).status, 200);
    assertEquals((await get("session=forged.0000")).status, 401);
  });
});

Deno.test("without a password a public forwarded address locks the server for all", () =>
  withStash({ password: false }, async ({ url }) => {
    const forwarded = (address: string) =>
      raw(url + QUERY, { headers: { "X-Forwarded-For": address } });
    assertEquals((await forwarded("192.168.1.4, 10.0.0.1")).status, 200);
    const tripped = await forwarded("203.0.113.9");
    assertEquals(tripped.status, 403);
    assertStringIncludes(tripped.text, "locked");
    assertEquals((await raw(url + QUERY)).status, 403);
  }));
