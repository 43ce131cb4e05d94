import { assertEquals, assertMatch } from "@std/assert";
import { DataDir } from "./data_dir.ts";

const REFUSED: readonly { args: readonly string[]; says: RegExp }[] = [
  {
    args: ["queue", "clear", "--yes=no"],
    says: /^error: --yes takes only true or false: it is "no"/,
  },
  { args: ["queue", "clear", "--yes=0"], says: /takes only true or false/ },
  { args: ["queue", "clear", "--yes="], says: /takes only true or false/ },
  { args: ["run", "help"], says: /^error: Unexpected "help"\nhint: plexsync help run/ },
  { args: ["run", "--once", "no"], says: /Unexpected "no"/ },
  { args: ["version", "now"], says: /Unexpected "now"/ },
  { args: ["health", "check"], says: /Unexpected "check"/ },
];

for (const { args, says } of REFUSED) {
  Deno.test(`plexsync ${args.join(" ")} is refused before anything is done`, async () => {
    using dir = new DataDir();
    await dir.store((store) => store.jobs.enqueue(["1"], "poke", 1));
    const { code, stderr } = await dir.call(...args);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, says);
    await dir.store((store) => assertEquals(store.jobs.count(), 1));
  });
}

Deno.test("a switch may be given as true or false", async () => {
  using dir = new DataDir();
  await dir.store((store) => store.jobs.enqueue(["1"], "poke", 1));
  assertEquals((await dir.call("queue", "clear", "--yes=false")).code, 2);
  await dir.store((store) => assertEquals(store.jobs.count(), 1));
  assertEquals((await dir.call("queue", "clear", "--yes=true")).code, 0);
  await dir.store((store) => assertEquals(store.jobs.count(), 0));
});
