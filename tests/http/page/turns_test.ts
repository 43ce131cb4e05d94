import { assertEquals } from "@std/assert";
import { Turns } from "../../../src/http/page/scenes/turns.ts";

Deno.test("so many have a turn at once, so many wait in their order, and others are sent away", async () => {
  const turns = new Turns(2, 2);
  const got: string[] = [];
  const ask = async (name: string) => got.push(`${name} ${await turns.take()}`);
  const all = ["a", "b", "c", "d", "e"].map(ask);
  await Promise.all([all[0], all[1], all[4]]);
  assertEquals(got, ["a true", "b true", "e false"]);
  turns.giveBack();
  await all[2];
  turns.giveBack();
  await all[3];
  assertEquals(got.slice(3), ["c true", "d true"]);
  turns.giveBack();
  turns.giveBack();
  assertEquals(await Promise.all([turns.take(), turns.take()]), [true, true]);
});
