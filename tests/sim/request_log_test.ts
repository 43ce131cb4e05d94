import { assertEquals } from "@std/assert";
import { blankSecrets, RequestLog } from "./request_log.ts";

Deno.test("RequestLog lists in order of arrival, open requests with status 0", () => {
  const log = new RequestLog();
  const first = log.begin("GET", "/a", "x=1%20");
  log.begin("POST", "/b", "", "findScenes");
  first(200);
  assertEquals(log.list().map((entry) => [entry.method, entry.path, entry.query, entry.status]), [
    ["GET", "/a", "x=1%20", 200],
    ["POST", "/b", "", 0],
  ]);
  assertEquals(log.list()[1]?.toJSON().note, "findScenes");
  assertEquals(log.list()[0]?.params, [["x", "1 "]]);
  log.clear();
  assertEquals(log.list(), []);
});

Deno.test("RequestLog forgets the oldest beyond its limit", () => {
  const log = new RequestLog(10);
  for (let i = 0; i < 1000; i++) log.begin("GET", `/${i}`, "");
  const paths = log.list().map((entry) => entry.path);
  assertEquals([paths.length, paths[0], paths[9]], [10, "/990", "/999"]);
});

const queries: [string, string][] = [
  ["a=1&X-Plex-Token=secret&b=2", "a=1&X-Plex-Token=&b=2"],
  ["x-plex-token=secret", "x-plex-token="],
  ["apikey=secret&q=token", "apikey=&q=token"],
  ["X%2DPlex%2DToken=secret", "X%2DPlex%2DToken="],
  ["", ""],
];
for (const [query, want] of queries) {
  Deno.test(`blankSecrets("${query}") is "${want}"`, () => assertEquals(blankSecrets(query), want));
}
