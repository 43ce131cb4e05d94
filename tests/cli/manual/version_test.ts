import { assert, assertEquals } from "@std/assert";
import { reachedModules } from "../../reached_modules.ts";

Deno.test("the version is told without what the other commands need", async () => {
  const reached = await reachedModules([
    "main.ts",
    "src/cli/frame/program.ts",
    "src/cli/manual/version_command.ts",
  ]);
  const own = reached.filter((name) => !name.includes(":"));
  assert(own.includes("src/core/version.ts"), "nothing was followed");
  // What is built in or comes from npm costs 1 to 20 ms.
  assertEquals(reached.filter((name) => /^(node|npm):/.test(name)), []);
  assert(own.length <= 36, `${own.length} modules:\n${own.join("\n")}`);
});
