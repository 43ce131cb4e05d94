/**
 * Every command of the real program, source or executable, where there is nothing: no settings, no
 * data, no files beside it. What it needs it must bring along.
 */
import { assert, assertEquals } from "@std/assert";
import { loadCommands } from "../../src/cli/frame/commands.ts";
import { EXIT_CODES } from "../../src/cli/frame/exit_code.ts";
import { runProgram } from "../program.ts";
import { assertNoStackTrace } from "./care.ts";

for (const [name, { examples }] of Object.entries(await loadCommands())) {
  Deno.test(`the examples of ${name} end with an answer in an empty directory`, async () => {
    for (const { line } of examples) {
      const [call = ""] = line.split(/ (?:\|\||\|) /);
      const args = call.split(" ").slice(1);
      const { code, stdout, stderr } = await runProgram(args);
      const said = `${line} ended with ${code}\n${stdout}\n${stderr}`;
      assert(code in EXIT_CODES, said);
      assertNoStackTrace(stdout + stderr);
      // Words for people on one side or the other, and on the right one.
      if (code === 0) assert(stdout !== "" || stderr !== "", said);
      if (code === 2) assertEquals([stdout, /^error: /m.test(stderr)], ["", true], said);
    }
  });
}
