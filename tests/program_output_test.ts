import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ProgramOutput } from "./program_output.ts";

/** An output that is written by hand. */
function written(): { output: ProgramOutput; say(text: string): Promise<void>; end(): void } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    output: new ProgramOutput(readable),
    say: (text) => writer.write(new TextEncoder().encode(text)),
    end: () => void writer.close(),
  };
}

Deno.test("line() gives a line that has come and one that will", async () => {
  const { output, say, end } = written();
  const later = output.line(/second/);
  await say("the first\nthe sec");
  await say("ond\n");
  assertEquals([await output.line("first"), await later], ["the first", "the second"]);
  end();
  assertEquals(await output.text, "the first\nthe second\n");
});

Deno.test("line() gives up a line that does not come in time, and tells what there was", async () => {
  const { output, say, end } = written();
  await say("something else\n");
  const { message } = await assertRejects(() => output.line("never", 1), Error);
  assertStringIncludes(message, "No line matches never in this output:\nsomething else");
  end();
  await output.text;
});

Deno.test("line() gives up as soon as the output ends", async () => {
  const { output, end } = written();
  const waiting = assertRejects(() => output.line("never"), Error, "No line matches never");
  end();
  await waiting;
});
