import { assertEquals } from "@std/assert";
import { restNews } from "../../../src/app/reports/rest_news.ts";

Deno.test("restNews() tells why work rests when it begins to, and each other reason", () => {
  const told: string[][] = [];
  const look = restNews((problems) => told.push(problems));
  for (const at of [[], ["Plex is down"], ["Plex is down"], ["a", "b"], [], [], ["a", "b"]]) {
    look(at);
  }
  assertEquals(told, [["Plex is down"], ["a", "b"], ["a", "b"]]);
});
