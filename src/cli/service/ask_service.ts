import { type IncomingMessage, request } from "node:http";
import {
  COMMAND_PATH,
  type CommandCall,
  type CommandFrame,
} from "../../app/connections/service_socket.ts";
import type { World } from "../../app/world.ts";
import { UserError } from "../../core/failures/errors.ts";
import { DECLINED, isYes } from "../terminal/ask_first.ts";
import { type Input, STDIN } from "../terminal/standard_input.ts";

/**
 * Has the service carry a command out, and shows what it says.
 * @returns the exit code
 * @throws {UserError} it does not run, is not for the caller, or ended meanwhile
 */
export async function askService(
  socket: string,
  args: readonly string[],
  world: World,
  input: Input = STDIN,
): Promise<number> {
  const { NO_COLOR, TERM } = world.env;
  const call: CommandCall = {
    args: [...args],
    terminal: {
      stdin: input.isTerminal(),
      stdout: world.terminal.stdout,
      stderr: world.terminal.stderr,
      columns: world.terminal.columns(),
    },
    env: {
      ...(NO_COLOR === undefined ? {} : { NO_COLOR }),
      ...(TERM === undefined ? {} : { TERM }),
    },
  };
  const last = await carryOut(socket, call, world);
  if ("exit" in last) return last.exit;
  if (!isYes(input.readLine())) return DECLINED;
  return await askService(socket, [...args, last.ask], world, input);
}

type LastFrame = Extract<CommandFrame, { exit: number } | { ask: string }>;

async function carryOut(socket: string, call: CommandCall, world: World): Promise<LastFrame> {
  let answer: IncomingMessage;
  try {
    answer = await post(socket, JSON.stringify(call));
  } catch (error) {
    throw unreachable(socket, error as NodeJS.ErrnoException, call.args[0]);
  }
  if (answer.statusCode !== 200) throw await refused(answer);
  try {
    for await (const line of linesOf(answer)) {
      const frame = JSON.parse(line) as CommandFrame;
      if ("out" in frame) world.stdout(frame.out);
      else if ("err" in frame) world.stderr(new TextEncoder().encode(frame.err));
      else return frame;
    }
  } catch {
    // Cut off: what came is no whole answer.
  }
  throw new UserError(
    "The service ended, or cut the connection, before the command was through",
    "failed",
    "What was queued stays queued; ask again",
  );
}

function post(socketPath: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: "localhost",
      "content-type": "application/json",
      "content-length": String(new TextEncoder().encode(body).length),
    };
    const asked = request({ socketPath, path: COMMAND_PATH, method: "POST", headers }, resolve);
    asked.once("error", reject);
    asked.end(body);
  });
}

async function* linesOf(answer: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function refused(answer: AsyncIterable<Uint8Array>): Promise<UserError> {
  let text = "";
  for await (const line of linesOf(answer)) text += line;
  try {
    const { error, hint } = JSON.parse(text);
    return new UserError(`The service refused: ${error}`, "failed", hint);
  } catch {
    return new UserError("What listens on the service's socket is not plexsync");
  }
}

/** @param command Whether the daemon is well is a question, and this is an answer to it */
function unreachable(
  socket: string,
  { code, message }: NodeJS.ErrnoException,
  command: string | undefined,
): UserError {
  const kind = command === "health" ? "no" : "failed";
  if (code === "EACCES" || code === "EPERM") {
    return new UserError(
      `You may not ask the service: ${socket} is not for you`,
      kind,
      "Ask with sudo, or become a member of the group that install systemd --group named",
    );
  }
  const isGone = code === "ECONNREFUSED" || code === "ENOENT";
  return new UserError(
    isGone
      ? `The service does not run: nobody listens on ${socket}`
      : `Cannot ask the service on ${socket}: ${message}`,
    kind,
    "systemctl start plexsync; --data-dir names an installation of your own",
  );
}
