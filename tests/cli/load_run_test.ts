import { assert } from "@std/assert";
import { COMMANDS } from "../../src/cli/frame/commands.ts";

Deno.test("run is loaded in parts, with a turn for others after each", async () => {
  let turns = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = () => {
    turns++;
    timer = setTimeout(turn);
  };
  turn();
  await COMMANDS.run!();
  const known = turns;
  // All of it is loaded by now: what is waited for is turns alone.
  const { command } = await COMMANDS.run!();
  clearTimeout(timer);
  assert(command.usage!.startsWith("run"));
  assert(turns - known >= 9, `${turns - known} turns`);
});
