import { assertEquals, assertThrows } from "@std/assert";
import { FACES } from "../../../main.ts";
import { confirmed } from "../../../src/cli/terminal/ask_first.ts";
import type { Input } from "../../../src/cli/terminal/standard_input.ts";
import type { Invocation } from "../../../src/cli/frame/command.ts";
import { UserError } from "../../../src/core/failures/errors.ts";
import { fakeTerminal } from "../terminal.ts";

function ask(answer: string | null, { yes = false, count = 3, stdin = true, stderr = true } = {}) {
  const world = fakeTerminal({ terminal: { stderr } });
  const invocation: Invocation = {
    world,
    around: { world, flags: {} },
    faces: FACES,
    values: {},
    switches: new Set(yes ? ["yes"] : []),
    action: "",
    words: [],
    json: false,
  };
  let read = 0;
  const input: Input = {
    isTerminal: () => stdin,
    readLine() {
      read++;
      return answer;
    },
  };
  const sure = () => confirmed(invocation, count, `${count} things go`, input);
  return { sure, said: () => world.err(), read: () => read };
}

for (const answer of ["y", "Y", "yes", " Yes "]) {
  Deno.test(`confirmed() is true when a person answers "${answer}"`, () => {
    const { sure, said } = ask(answer);
    assertEquals([sure(), said()], [true, "3 things go\nGo on? [y/N] "]);
  });
}

for (const answer of ["", "n", "no", "yup", null]) {
  Deno.test(`confirmed() is false when a person answers ${JSON.stringify(answer)}`, () => {
    assertEquals(ask(answer).sure(), false);
  });
}

Deno.test("confirmed() asks nobody with --yes, nor for nothing", () => {
  for (const options of [{ yes: true }, { yes: true, stdin: false, stderr: false }, { count: 0 }]) {
    const { sure, read } = ask("n", options);
    assertEquals([sure(), read()], [true, 0], JSON.stringify(options));
  }
});

for (const options of [{ stdin: false }, { stderr: false }, { stdin: false, count: 0 }]) {
  Deno.test(`confirmed() refuses without a person to ask: ${JSON.stringify(options)}`, () => {
    const { sure, said, read } = ask("y", options);
    assertEquals(assertThrows(sure, UserError).kind, "usage");
    assertEquals([said(), read()], [`${options.count ?? 3} things go\n`, 0]);
  });
}
