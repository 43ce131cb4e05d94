import { assertEquals, assertMatch } from "@std/assert";
import { DataDir } from "../data_dir.ts";

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
  { args: ["queue", "clear", "--yes", "no"], says: /Unexpected "no"/ },
  {
    args: ["queue", "claer", "--yes"],
    says: /Unknown: queue claer\nhint: The nearest is queue clear/,
  },
  { args: ["queue", "bury", "--yes"], says: /Unknown: queue bury\nhint: It takes list, clear$/m },
  { args: ["queue", "list", "--limit", "-1"], says: /--limit must be .* at least 1: it is "-1"/ },
  { args: ["queue", "list", "--limit=-1"], says: /--limit must be .* at least 1: it is "-1"/ },
  { args: ["dead", "show", "-5"], says: /Unexpected "-5"\nhint: No command takes a negative/ },
  { args: ["dead", "show", "0x1"], says: /Not the ID of a dead letter: "0x1"/ },
  { args: ["match", "pin", "1e1", "5"], says: /Not a number: "1e1"/ },
  { args: ["match", "pin", "12"], says: /match pin takes SCENE ITEM\nhint: For example: plexsync/ },
  { args: ["clear"], says: /Unknown command "clear"\nhint: plexsync --help lists the commands$/m },
  { args: ["que"], says: /Unknown command "que"\nhint: The nearest is queue/ },
  { args: ["queue", "clear", "--force"], says: /Unknown flag --force\nhint: --help lists all$/m },
  { args: ["queue", "clear", "-y"], says: /Unknown flag -y\n/ },
  { args: ["queue", "list", "--state="], says: /--state needs a value/ },
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

for (const args of [["--version"], ["-v"], ["run", "-v"], ["run", "--once", "--version"]]) {
  Deno.test(`plexsync ${args.join(" ")} tells the version, and does nothing else`, async () => {
    using dir = new DataDir();
    const { code, stdout } = await dir.call(...args);
    assertEquals(code, 0);
    assertMatch(stdout, /^plexsync \d+\.\d+\.\d+ \(/);
    assertEquals(dir.names(), []);
  });
}

Deno.test("a flag that takes a list may be given repeatedly", async () => {
  using dir = new DataDir();
  await dir.store((store) => store.jobs.enqueue(["1", "2", "3"], "poke", 1));
  const { stdout } = await dir.call("queue", "list", "--json", "--scene", "1", "--scene=3,2");
  const scenes = JSON.parse(stdout).map((job: { scene_id: string }) => job.scene_id);
  assertEquals(scenes.sort(), ["1", "2", "3"]);
});
