import type { CommandCall, CommandFrame, RunCommand } from "../app/connections/service_socket.ts";
import { streamAnswer } from "./answer.ts";
import { Refusal } from "./refusal.ts";

/** Each works within the daemon, and may ask the servers as much as a worker does. */
const MAX_COMMANDS = 4;
/** What is printed and not taken yet; with this much waiting, whoever asked is cut off. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const HINT = "Ask by the command line of the same plexsync";

/** The commands that are carried out for those who ask at the socket. */
export class Commands {
  readonly #underWay = new Set<Promise<void>>();

  /** @param closing Aborted when the server closes */
  constructor(
    private readonly run: RunCommand,
    private readonly closing: AbortSignal,
    private readonly maxWaitingBytes = MAX_WAITING_BYTES,
  ) {}

  /**
   * Begins a command; the answer is what it says, as it says it.
   * @throws {Refusal} too many at once
   */
  answer(call: CommandCall): Response {
    if (this.#underWay.size >= MAX_COMMANDS) {
      throw new Refusal(503, "Too many commands at once", "Try again", { "retry-after": "1" });
    }
    const unwanted = new AbortController();
    const abort = () => unwanted.abort();
    this.closing.addEventListener("abort", abort);
    let isHeard = true;
    const deafen = () => {
      isHeard = false;
      abort();
    };
    const encoder = new TextEncoder();
    const lines = new ReadableStream<Uint8Array>({
      start: (stream) => {
        const tell = (frame: CommandFrame) => {
          if (!isHeard) return;
          // A long list comes at once, and whoever reads takes it bit by bit: that is all right.
          if ((stream.desiredSize ?? 0) <= 0) {
            deafen();
            stream.error(new Error("Too much waits to be taken"));
            return;
          }
          stream.enqueue(encoder.encode(JSON.stringify(frame) + "\n"));
        };
        const ended = this.run(call, tell, unwanted.signal).finally(() => {
          this.closing.removeEventListener("abort", abort);
          this.#underWay.delete(ended);
          if (isHeard) stream.close();
        });
        this.#underWay.add(ended);
      },
      cancel: deafen,
    }, new ByteLengthQueuingStrategy({ highWaterMark: this.maxWaitingBytes }));
    return streamAnswer(lines);
  }
}

/**
 * The command in the body of a call.
 * @throws {Refusal} it is anything else
 */
export function readCommandCall(body: Uint8Array): CommandCall {
  const { args, terminal, env } = parse(body);
  const { stdin, stdout, stderr, columns } = objectOf(terminal);
  const { NO_COLOR, TERM } = objectOf(env);
  const isCall = Array.isArray(args) && args.length > 0 && args.every((arg) => isText(arg)) &&
    [stdin, stdout, stderr].every((each) => typeof each === "boolean") &&
    (columns === null || (Number.isSafeInteger(columns) && (columns as number) > 0)) &&
    [NO_COLOR, TERM].every((each) => each === undefined || isText(each));
  if (!isCall) throw new Refusal(400, "The body is no command", HINT);
  return {
    args,
    terminal: { stdin, stdout, stderr, columns } as CommandCall["terminal"],
    env: {
      ...(NO_COLOR === undefined ? {} : { NO_COLOR: NO_COLOR as string }),
      ...(TERM === undefined ? {} : { TERM: TERM as string }),
    },
  };
}

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch {
    throw new Refusal(400, "The body is not JSON", HINT);
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}
