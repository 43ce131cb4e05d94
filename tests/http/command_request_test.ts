import { assert, assertEquals, assertThrows } from "@std/assert";
import { Commands, readCommandCall } from "../../src/http/command_request.ts";
import { Refusal } from "../../src/http/refusal.ts";
import type { CommandCall, CommandFrame } from "../../src/app/connections/service_socket.ts";

const CALL: CommandCall = {
  args: ["status"],
  terminal: { stdin: false, stdout: true, stderr: true, columns: 80 },
  env: { TERM: "xterm" },
};

type Tell = (frame: CommandFrame) => void;

/** One command that goes on until the test ends it. */
function openCommands(maxWaitingBytes?: number) {
  const closing = new AbortController();
  const end = Promise.withResolvers<void>();
  const begun: { tell: Tell; gone: AbortSignal }[] = [];
  const commands = new Commands(
    (_call, tell, gone) => {
      begun.push({ tell, gone });
      return end.promise;
    },
    closing.signal,
    maxWaitingBytes,
  );
  return { commands, closing, end: end.resolve, begun };
}

Deno.test("what a command says is sent line by line, and the answer ends with it", async () => {
  const { commands, end, begun } = openCommands();
  const answer = commands.answer(CALL);
  const { tell } = begun[0]!;
  tell({ out: "a\nb" });
  tell({ err: "ä" });
  tell({ exit: 3 });
  end();
  const lines = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines, [{ out: "a\nb" }, { err: "ä" }, { exit: 3 }]);
});

Deno.test("four commands at once are carried out, and another when one has ended", async () => {
  const { commands, end } = openCommands();
  const answers = [1, 2, 3, 4].map(() => commands.answer(CALL));
  const refused = assertThrows(() => commands.answer(CALL), Refusal);
  assertEquals(refused.status, 503);
  end();
  await Promise.all(answers.map((answer) => answer.text()));
  await commands.answer(CALL).text();
});

Deno.test("a command is told when its caller has gone, and says nothing more to anybody", async () => {
  const { commands, end, begun } = openCommands();
  const answer = commands.answer(CALL);
  await answer.body!.cancel();
  const { tell, gone } = begun[0]!;
  assert(gone.aborted);
  tell({ exit: 0 });
  end();
});

Deno.test("a command is told when the daemon ends, and its end is still sent", async () => {
  const { commands, closing, end, begun } = openCommands();
  const answer = commands.answer(CALL);
  closing.abort();
  const { tell, gone } = begun[0]!;
  assert(gone.aborted);
  tell({ exit: 1 });
  end();
  assertEquals(await answer.text(), '{"exit":1}\n');
});

Deno.test("a caller that takes too little is cut off; one long text is not too much", async () => {
  const { commands, end, begun } = openCommands(100);
  const answer = commands.answer(CALL);
  const { tell, gone } = begun[0]!;
  tell({ out: "x".repeat(1000) });
  assert(!gone.aborted);
  tell({ out: "y" });
  assert(gone.aborted);
  end();
  const cut = await answer.text().then(() => false, () => true);
  assert(cut, "the answer looks whole");
});

const { terminal, env } = CALL;
const wrong: [string, unknown][] = [
  ["no arguments", { args: [], terminal, env }],
  ["an argument that is no text", { args: ["sync", 1], terminal, env }],
  ["an argument that no system passes on", { args: ["sync\0"], terminal, env }],
  ["no terminal", { args: ["sync"], env }],
  ["a width below 1", { args: ["sync"], terminal: { ...terminal, columns: 0 }, env }],
  ["a variable that is no text", { args: ["sync"], terminal, env: { TERM: 1 } }],
  ["null", null],
];
for (const [what, body] of wrong) {
  Deno.test(`readCommandCall() refuses ${what}`, () => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    assertEquals(assertThrows(() => readCommandCall(bytes), Refusal).status, 400);
  });
}

Deno.test("readCommandCall() takes nothing of the environment but what it knows", () => {
  const sent = { ...CALL, env: { TERM: "dumb", PLEXSYNC_PLEX_URL: "http://x", NO_COLOR: "1" } };
  const read = readCommandCall(new TextEncoder().encode(JSON.stringify(sent)));
  assertEquals(read.env as unknown, { TERM: "dumb", NO_COLOR: "1" });
});
