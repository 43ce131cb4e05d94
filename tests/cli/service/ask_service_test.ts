import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { FACES } from "../../../main.ts";
import { askService } from "../../../src/cli/service/ask_service.ts";
import { loadCommands } from "../../../src/cli/frame/commands.ts";
import { commandRunner } from "../../../src/cli/service/served_command.ts";
import { UserError } from "../../../src/core/failures/errors.ts";
import { sleep } from "../../../src/app/world.ts";
import type { CommandCall } from "../../../src/app/connections/service_socket.ts";
import { Commands, readCommandCall } from "../../../src/http/command_request.ts";
import { Listener } from "../../../src/http/listener.ts";
import { DataDir } from "../data_dir.ts";
import { bury } from "../letters.ts";
import { fakeTerminal } from "../terminal.ts";

const NO_SOCKETS = Deno.build.os === "windows";

/** What answers a question, and how often it was asked. */
function person(answer: string | null) {
  let asked = 0;
  return {
    isTerminal: () => answer !== null,
    readLine: () => {
      asked++;
      return answer;
    },
    get asked() {
      return asked;
    },
  };
}

/** A service over a data directory, within this process. */
async function withService(
  dir: DataDir,
  use: (socket: string, calls: CommandCall[]) => Promise<void>,
): Promise<void> {
  const world = fakeTerminal({ terminal: { stdout: false, stderr: false }, now: Date.now() });
  const around = { world, flags: { "data-dir": dir.path } };
  const closing = new AbortController();
  const calls: CommandCall[] = [];
  const run = commandRunner({ around, faces: FACES });
  const commands = new Commands((call, ...rest) => {
    calls.push(call);
    return run(call, ...rest);
  }, closing.signal);
  const socket = dir.file("s.sock");
  const listener = await Listener.open({ path: socket }, { sleep }, async ({ body }) => {
    return commands.answer(readCommandCall(await new Response(body).bytes()));
  });
  try {
    await use(socket, calls);
  } finally {
    closing.abort();
    await listener.close();
  }
}

/** What a person sees who asks the service on a terminal. */
const looking = () => fakeTerminal({ terminal: { columns: () => 60 }, env: { NO_COLOR: "1" } });

const answers: { typed: string | null; code: number; left: number; sent: number }[] = [
  { typed: "y", code: 0, left: 0, sent: 2 },
  { typed: "no", code: 3, left: 5, sent: 1 },
  { typed: null, code: 2, left: 5, sent: 1 },
];
for (const { typed, code, left, sent } of answers) {
  const who = typed === null ? "nobody can be asked" : `the caller answers "${typed}"`;
  Deno.test({
    name: `a service that must ask first deletes ${5 - left} of 5 when ${who}`,
    ignore: NO_SOCKETS,
    async fn() {
      using dir = new DataDir();
      await dir.store((store) => bury(store, Date.now()));
      await withService(dir, async (socket, calls) => {
        const world = looking();
        const input = person(typed);
        const args = ["dead", "discard", "--all"];
        assertEquals(await askService(socket, args, world, input), code, world.err());
        assertEquals([input.asked, calls.length], [typed === null ? 0 : 1, sent]);
        assertStringIncludes(world.err(), "5 dead letters will be discarded");
        await dir.store((store) => assertEquals(store.deadLetters.count(), left));
      });
    },
  });
}

Deno.test({
  name: "what a service prints fits the caller's terminal",
  ignore: NO_SOCKETS,
  async fn() {
    using dir = new DataDir();
    await dir.store((store) => bury(store, Date.now()));
    await withService(dir, async (socket) => {
      const narrow = looking();
      assertEquals(await askService(socket, ["dead", "list"], narrow, person(null)), 0);
      // The rows: hints below them may be longer.
      const isRow = (line: string) => /^(ID|\d+) /.test(line);
      const rows = narrow.out.join("").split("\n").filter(isRow);
      assertEquals([rows.length, rows.filter((line) => line.length > 60)], [6, []]);
      const wide = fakeTerminal({ terminal: { stdout: false } });
      assertEquals(await askService(socket, ["dead", "list"], wide, person(null)), 0);
      assert(wide.out.join("").split("\n").filter(isRow).some((line) => line.length > 60));
    });
  },
});

const deaf: { when: string; command: string; kind: UserError["kind"]; says: RegExp }[] = [
  { when: "nobody listens", command: "status", kind: "failed", says: /does not run: nobody/ },
  { when: "its health is asked for", command: "health", kind: "no", says: /does not run: nobody/ },
];
for (const { when, command, kind, says } of deaf) {
  Deno.test({
    name: `a command for a service says what is wrong when ${when}`,
    ignore: NO_SOCKETS,
    async fn() {
      using dir = new DataDir();
      const asked = askService(dir.file("no.sock"), [command], looking(), person(null));
      const error = await assertRejects(() => asked, UserError);
      assertMatch(error.message, says);
      assertEquals(error.kind, kind);
    },
  });
}

const odd: { what: string; answer: () => Response; says: RegExp }[] = [
  {
    what: "is cut off",
    answer: () => new Response('{"out":"half"}\n'),
    says: /ended, or cut the connection, before the command was through/,
  },
  {
    what: "is a refusal",
    answer: () => Response.json({ error: "Too many", hint: "Later" }, { status: 503 }),
    says: /^The service refused: Too many$/,
  },
  {
    what: "is none of plexsync's",
    answer: () => new Response("<html>", { status: 404 }),
    says: /is not plexsync/,
  },
  {
    what: "cannot be read",
    answer: () => new Response("<html>\n"),
    says: /before the command was through/,
  },
];
for (const { what, answer, says } of odd) {
  Deno.test({
    name: `a command for a service fails in words when the answer ${what}`,
    ignore: NO_SOCKETS,
    async fn() {
      using dir = new DataDir();
      const socket = dir.file("s.sock");
      const reply = () => Promise.resolve(answer());
      const listener = await Listener.open({ path: socket }, { sleep }, reply);
      try {
        const asked = askService(socket, ["status"], looking(), person(null));
        assertMatch((await assertRejects(() => asked, UserError)).message, says);
      } finally {
        await listener.close();
      }
    },
  });
}

Deno.test("no served command takes a flag by which the service would touch a caller's file", async () => {
  const served = Object.entries(await loadCommands()).filter(([, { isServed }]) => isServed);
  const touching = served.flatMap(([name, { flags = [] }]) =>
    flags.filter(({ value, isFile }) => /FILE|DIR|URL/.test(value ?? "") && !isFile)
      .map((flag) => `${name} --${flag.name}`)
  );
  assertEquals(touching, []);
  // Words too: `backup FILE` is not among them.
  const words = served.flatMap(([, { words = "", actions = {} }]) => [
    words,
    ...Object.values(actions).map((action) => action.words ?? ""),
  ]);
  assertEquals(words.filter((each) => /FILE|DIR/.test(each)), []);
});
