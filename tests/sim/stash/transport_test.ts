import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { gunzipSync } from "node:zlib";
import type { StashVersion } from "./server.ts";
import { ask, raw, type RawRequest, withStash } from "./testing.ts";

const KEY = { ApiKey: "sim-stash-key" };
const JSON_IN = { ...KEY, "Content-Type": "application/json" };
const JSON_OUT = { ...JSON_IN, Accept: "application/json" };
const post = (query: string, headers: Record<string, string> = JSON_OUT): RawRequest => ({
  method: "POST",
  headers,
  body: JSON.stringify({ query }),
});
const NEWER_TYPE = "application/graphql-response+json";

const ACCEPT: { version: StashVersion; accept?: string; type: string; bad: number }[] = [
  { version: "0.30", accept: "application/json", type: "application/json", bad: 422 },
  { version: "0.30", accept: "*/*", type: NEWER_TYPE, bad: 400 },
  { version: "0.30", type: NEWER_TYPE, bad: 400 },
  {
    version: "0.30",
    accept: "text/html, application/json;q=0.5",
    type: "application/json",
    bad: 422,
  },
  { version: "0.27", accept: "*/*", type: "application/json", bad: 422 },
];
for (const { version, accept, type, bad } of ACCEPT) {
  const headers: Record<string, string> = accept === undefined
    ? JSON_IN
    : { ...JSON_IN, Accept: accept };
  Deno.test(`v${version} with Accept ${accept ?? "left out"} answers ${type}, and ${bad} to an unknown field`, () =>
    withStash({ version }, async ({ url }) => {
      const good = await raw(`${url}/graphql`, post("{version{version}}", headers));
      assertEquals([good.status, good.headers["content-type"]], [200, type]);
      const wrong = await raw(`${url}/graphql`, post("{version{nope}}", headers));
      assertEquals([wrong.status, wrong.headers["content-type"]], [bad, type]);
      const { errors, data } = JSON.parse(wrong.text);
      assertEquals([errors[0].extensions.code, data], ["GRAPHQL_VALIDATION_FAILED", null]);
      assert(errors[0].locations[0].line === 1);
    }));
}

Deno.test("gzip comes when asked for, and only with application/json", () =>
  withStash({}, async ({ url }) => {
    const packed = await raw(
      `${url}/graphql`,
      post("{version{version}}", { ...JSON_OUT, "Accept-Encoding": "gzip, deflate" }),
    );
    assertEquals(packed.headers["content-encoding"], "gzip");
    assertStringIncludes(gunzipSync(packed.body).toString(), "v0.30.1");
    const newer = await raw(
      `${url}/graphql`,
      post("{version{version}}", { ...JSON_IN, Accept: "*/*", "Accept-Encoding": "gzip" }),
    );
    assertEquals(newer.headers["content-encoding"], undefined);
    const plain = await raw(`${url}/graphql`, post("{version{version}}"));
    assertEquals(plain.headers["content-encoding"], undefined);
  }));

const REFUSED: {
  when: string;
  request: RawRequest;
  path?: string;
  status: number;
  text: string;
}[] = [
  {
    when: "a form is posted",
    request: {
      method: "POST",
      headers: { ...KEY, "Content-Type": "application/x-www-form-urlencoded" },
      body: "a=1",
    },
    status: 400,
    text: "transport not supported",
  },
  {
    when: "the content type is left out",
    request: { method: "POST", headers: KEY, body: "{}" },
    status: 400,
    text: "transport not supported",
  },
  {
    when: "the body is no JSON",
    request: { method: "POST", headers: JSON_OUT, body: "{query" },
    status: 400,
    text: "could not be decoded",
  },
  {
    when: "the body is a batch",
    request: { method: "POST", headers: JSON_OUT, body: '[{"query":"{version{hash}}"}]' },
    status: 400,
    text: "could not be decoded",
  },
  {
    when: "the query does not parse",
    request: post("{version{"),
    status: 422,
    text: "GRAPHQL_PARSE_FAILED",
  },
  {
    when: "a variable has the wrong type",
    request: {
      method: "POST",
      headers: JSON_OUT,
      body: JSON.stringify({ query: "query($id:ID!){findTag(id:$id){id}}", variables: {} }),
    },
    status: 422,
    text: "GRAPHQL_VALIDATION_FAILED",
  },
  {
    when: "GET asks for a mutation",
    request: { headers: { ...KEY, Accept: "application/json" } },
    path: `/graphql?query=${encodeURIComponent('mutation{sceneDestroy(input:{id:"1"})}')}`,
    status: 406,
    text: "GET requests only allow query operations",
  },
];
for (const { when, request, path, status, text } of REFUSED) {
  Deno.test(`GraphQL answers ${status} when ${when}`, () =>
    withStash({ scenes: [{}] }, async (stash) => {
      const answer = await raw(stash.url + (path ?? "/graphql"), request);
      assertEquals(answer.status, status);
      assertStringIncludes(answer.text, text);
      assertEquals(stash.scenes().length, 1);
    }));
}

Deno.test("GET runs queries, with variables", () =>
  withStash({ scenes: [{ title: "One" }] }, async ({ url }) => {
    const query = encodeURIComponent("query($id: ID) { findScene(id: $id) { title } }");
    const variables = encodeURIComponent('{"id":"1"}');
    const answer = await raw(`${url}/graphql?query=${query}&variables=${variables}`, {
      headers: KEY,
    });
    assertEquals(JSON.parse(answer.text), { data: { findScene: { title: "One" } } });
  }));

Deno.test("a resolver error is 200 with errors before data, message and path only", () =>
  withStash({}, async ({ url }) => {
    const query = `mutation { sceneUpdate(input: { id: "7" }) { id } }`;
    const answer = await raw(`${url}/graphql`, post(query));
    assertEquals(answer.status, 200);
    assertEquals(
      answer.text,
      '{"errors":[{"message":"scene with id 7 not found","path":["sceneUpdate"]}],"data":{"sceneUpdate":null}}',
    );
  }));

Deno.test("one failing alias leaves the others", () =>
  withStash({ scenes: [{ title: "One" }] }, async (stash) => {
    const query =
      `{ a: findScene(id: "1") { title } b: findScene(id: "x") { title } c: findScene(id: "9") { id } }`;
    const { status, data, errors } = await ask(stash, query);
    assertEquals([status, data], [200, { a: { title: "One" }, b: null, c: null }]);
    assertEquals(errors?.map((error) => error.path), [["b"]]);
  }));

Deno.test("/healthz lives without a key, other pages are the web interface", () =>
  withStash({}, async ({ url }) => {
    const health = await raw(`${url}/healthz`);
    assertEquals([health.status, health.text], [200, "."]);
    const page = await raw(`${url}/stash/graphql`, { headers: KEY });
    assertEquals(page.status, 200);
    assertMatch(page.text, /^<!DOCTYPE html>/);
    assertEquals((await raw(`${url}/nothing.js`, { headers: KEY })).status, 404);
  }));

Deno.test("any origin is allowed, also on a refusal", () =>
  withStash({}, async ({ url }) => {
    const answer = await raw(`${url}/graphql`, { headers: { Origin: "http://elsewhere" } });
    assertEquals([answer.status, answer.headers["access-control-allow-origin"]], [401, "*"]);
  }));
