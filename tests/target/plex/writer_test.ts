import { assert, assertEquals } from "@std/assert";
import { type Edit, type Item, NO_EDIT } from "../../../src/core/sync/item.ts";
import type { Shortfall } from "../../../src/core/sync/verify.ts";
import { PlexWriter } from "../../../src/target/plex/writer.ts";
import { item } from "../../core/samples.ts";

const REMOVES: Edit = {
  ...NO_EDIT,
  names: { tags: { want: [{ name: "New" }], remove: ["Old, older"] } },
};
/** What a server left of it. */
const STAYS: Shortfall = {
  edit: REMOVES,
  surplus: { tags: ["Old, older"] },
  fields: ["tags"],
  foreign: [],
  isHeard: true,
};

/** A writer, and the requests of each of its edits. */
function writing() {
  const puts: (readonly string[])[] = [];
  const put = (_item: unknown, paths: readonly string[]) => {
    puts.push(paths);
    return Promise.resolve();
  };
  const writer = new PlexWriter({ put, setRating: () => Promise.resolve() });
  /** The requests of the next edit of an item of its own, without its id. */
  const requests = async (id: string) => {
    await writer.write(thing(id), REMOVES);
    return puts.at(-1)!.map((path) => path.replace(`id=${id}`, "id="));
  };
  return { writer, requests };
}

function thing(id: string): Item {
  return { ...item(), id };
}

/** Writes to a server that needs the way of this round. */
async function learnt(rounds: number) {
  const { writer, requests } = writing();
  const plain = await requests("1");
  const one = thing("2");
  await writer.write(one, REMOVES);
  for (let round = 0; round < rounds; round++) assert(await writer.repair(one, STAYS, round));
  writer.repaired(one);
  return { requests, plain };
}

Deno.test("PlexWriter takes names away as it was seen to work, from the first request on", async () => {
  const { requests, plain } = await learnt(4);
  const by = await requests("3");
  assert(JSON.stringify(by) !== JSON.stringify(plain));
  assertEquals(await requests("4"), by);
});

Deno.test("PlexWriter learns no way of removal from a server that takes nothing in", async () => {
  const { writer, requests } = writing();
  const plain = await requests("1");
  const one = thing("2");
  await writer.write(one, REMOVES);
  let round = 0;
  while (await writer.repair(one, STAYS, round)) round++;
  assert(round > 3, "it tried other ways");
  assertEquals(await requests("3"), plain);
});

Deno.test("PlexWriter learns no way of removal before it was seen to work", async () => {
  const { writer, requests } = writing();
  const plain = await requests("1");
  const one = thing("2");
  await writer.write(one, REMOVES);
  for (let round = 0; round < 4; round++) assert(await writer.repair(one, STAYS, round));
  assertEquals(await requests("3"), plain);
  writer.repaired(one);
  assert(JSON.stringify(await requests("4")) !== JSON.stringify(plain));
});

Deno.test("PlexWriter learns no way of removal by an item that did not hear the first request", async () => {
  const { writer, requests } = writing();
  const plain = await requests("1");
  const one = thing("2");
  await writer.write(one, REMOVES);
  assert(await writer.repair(one, { ...STAYS, isHeard: false }, 0));
  for (let round = 1; round < 4; round++) assert(await writer.repair(one, STAYS, round));
  writer.repaired(one);
  assertEquals(await requests("3"), plain);
});

Deno.test("PlexWriter doubts a way that it learned long ago", async () => {
  const { requests, plain } = await learnt(4);
  const by = await requests("3");
  const later: string[][] = [];
  for (let id = 4; id < 104; id++) later.push(await requests(String(id)));
  assertEquals(later.filter((each) => JSON.stringify(each) === JSON.stringify(by)).length, 49);
  assertEquals(later.at(-1), plain);
});
