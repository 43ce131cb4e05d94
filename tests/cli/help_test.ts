import { unicodeWidth } from "@std/cli";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CHAPTERS } from "../../src/cli/manual/chapters.ts";
import { readArguments } from "../../src/cli/frame/arguments.ts";
import type { Command } from "../../src/cli/frame/command.ts";
import { loadCommands } from "../../src/cli/frame/commands.ts";
import { helpOf, overview } from "../../src/cli/manual/help_text.ts";
import { readCall, usagesOf } from "../../src/cli/frame/usage.ts";
import { pairs, wrap } from "../../src/cli/terminal/wrap.ts";

const COMMANDS = await loadCommands();

function widest(text: string): string {
  return text.split("\n").toSorted((a, b) => unicodeWidth(b) - unicodeWidth(a))[0]!;
}

Deno.test("the list of commands fits 80 columns and names every command and chapter", () => {
  const text = overview(COMMANDS);
  assert(unicodeWidth(widest(text)) <= 80, widest(text));
  for (const name of [...Object.keys(COMMANDS), ...Object.keys(CHAPTERS)]) {
    assertStringIncludes(text, name);
  }
});

/** What the call in an example would do, told from its words alone. */
function readExample(name: string, command: Command, line: string): string {
  const [call] = line.split(/ (?:\|\||&&|\|) /);
  const [program, first, ...args] = call!.split(" ");
  if (program !== "plexsync" || first !== name) return `does not begin with plexsync ${name}`;
  const { words, values, switches } = readArguments(args, command);
  readCall(name, command, words, [...Object.keys(values), ...switches]);
  return "works";
}

for (const [name, command] of Object.entries(COMMANDS)) {
  Deno.test(`the help of ${name} fits 80 columns and has an example that can be typed`, () => {
    const help = helpOf(command);
    assert(unicodeWidth(widest(help)) <= 80, widest(help));
    assert(command.examples.length > 0, `Add an example to src/cli/${name}_command.ts: "examples"`);
    for (const { line } of command.examples) {
      assertEquals(readExample(name, command, line), "works", line);
      assertStringIncludes(help, line);
    }
    for (const { name: flag } of command.flags ?? []) assertStringIncludes(help, `--${flag}`);
    for (const usage of usagesOf(command)) {
      assertEquals(usage.split(" ")[0], name, `src/cli/${name}_command.ts: "usage"`);
    }
    for (const action of Object.values(command.actions ?? {})) {
      const known = (command.flags ?? []).map((flag) => flag.name);
      assertEquals(action.flags?.filter((flag) => !known.includes(flag)) ?? [], [], name);
    }
  });
}

Deno.test("wrap() breaks between words, and lets a long word stand by itself", () => {
  assertEquals(wrap("one two three", 7), "one two\nthree");
  assertEquals(wrap("one two three", 7, "  "), "one two\n  three");
  assertEquals(wrap("a unbreakable b", 5), "a\nunbreakable\nb");
  assertEquals(wrap("天地 玄黃 x", 6), "天地\n玄黃 x");
});

Deno.test("pairs() puts the meaning of a long name below it", () => {
  const long = "--a-flag-with-a-long-name VALUE";
  assertEquals(pairs([["a", "x y"], ["bb", "z"]], 9), "  a   x y\n  bb  z");
  assertEquals(pairs([[long, "x"]], 80), `  ${long}\n${" ".repeat(30)}x`);
});
