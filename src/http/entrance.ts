import type { LogPort } from "../core/log_port.ts";
import type { Runtime } from "../core/runtime.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import { UserError } from "../core/failures/errors.ts";
import { type Address, addressText } from "../core/http/listen_address.ts";
import { refusalAnswer } from "./answer.ts";
import { closes } from "./body.ts";
import { LastingListener } from "./lasting_listener.ts";
import { type Asked, Listener } from "./listener.ts";
import { clearSocket } from "./socket_file.ts";

/** Where one listens: an address that needs the token, or a socket that its rights guard. */
export type Door = { kind: "address"; address: Address } | { kind: "socket"; path: string };

/** Who answers at an entrance, for as long as a daemon runs. */
export interface Attendant {
  /** Never rejects. */
  answer(asked: Asked): Promise<Response>;
  log: Pick<LogPort, "warning" | "error">;
}

/** Its owner and its group, which may be given to people. */
const SOCKET_MODE = 0o660;
/** The next daemon is there in some tenths of a second; the check of a large database takes longer. */
const PATIENCE_MS = 8 * SECOND_MS;
/** No more than are answered at once: whoever waited is not to be refused for that. */
const MAX_WAITING = 32;

/**
 * A place that a process listens on, over the daemons that answer there one after the other. While
 * the next one starts with other settings, nobody is turned away: who comes waits for it.
 */
export class Entrance {
  #listener: LastingListener | null = null;
  #attendant: Attendant | null = null;
  /** Aborted when the wait for the next one is over. */
  #coming = new AbortController();
  #waiting = 0;
  #isClosed = false;
  /** What nobody was there to be told. */
  #unsaid: ((log: Attendant["log"]) => void)[] = [];

  private constructor(
    private readonly door: Door,
    private readonly runtime: Pick<Runtime, "sleep">,
    private readonly patienceMs: number,
  ) {}

  /** @throws {UserError} it cannot listen there */
  static async open(
    door: Door,
    runtime: Pick<Runtime, "sleep">,
    patienceMs = PATIENCE_MS,
  ): Promise<Entrance> {
    const entrance = new Entrance(door, runtime, patienceMs);
    const say = (level: keyof Attendant["log"]): LogPort["error"] => (...line) =>
      entrance.#say((log) => log[level](...line));
    entrance.#listener = await LastingListener.open({
      place: () => entrance.place,
      runtime,
      log: { warning: say("warning"), error: say("error") },
      make: () => entrance.#makeListener(),
    });
    return entrance;
  }

  /** Where it is, such as `127.0.0.1:9797`. */
  get place(): string {
    const { door } = this;
    if (door.kind === "socket") return door.path;
    return addressText({ ...door.address, port: this.#port(door.address) });
  }

  /** From now on it answers, those who wait first. */
  attend(attendant: Attendant): void {
    this.#attendant = attendant;
    for (const say of this.#unsaid.splice(0)) say(attendant.log);
    this.#coming.abort();
    this.#coming = new AbortController();
  }

  /** It answers no more; who comes waits for the next one. */
  leave(attendant: Attendant): void {
    if (this.#attendant === attendant) this.#attendant = null;
  }

  /** Nobody comes any more who would answer: who waits is told so; never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#coming.abort();
    await this.#listener?.close();
  }

  async #answer(asked: Asked): Promise<Response> {
    const attendant = this.#attendant ?? await this.#next();
    return attendant === null ? refusalAnswer(closes()) : await attendant.answer(asked);
  }

  /** null when none comes in time, or too many wait already. */
  async #next(): Promise<Attendant | null> {
    if (this.#isClosed || this.#waiting >= MAX_WAITING) return null;
    this.#waiting++;
    await this.runtime.sleep(this.patienceMs, this.#coming.signal);
    this.#waiting--;
    return this.#attendant;
  }

  #say(line: (log: Attendant["log"]) => void): void {
    if (this.#attendant === null) this.#unsaid.push(line);
    else line(this.#attendant.log);
  }

  /** The one that the system chose, where any was wanted. */
  #port({ port }: Address): number {
    return this.#listener?.port ?? port;
  }

  async #makeListener(): Promise<Listener> {
    const { door, runtime } = this;
    const answer = (asked: Asked) => this.#answer(asked);
    try {
      if (door.kind === "address") {
        const port = this.#port(door.address);
        return await Listener.open({ ...door.address, port }, runtime, answer);
      }
      await clearSocket(door.path);
      const listener = await Listener.open(door, runtime, answer);
      Deno.chmodSync(door.path, SOCKET_MODE);
      return listener;
    } catch (error) {
      throw new UserError(
        `Cannot listen on ${this.place}: ${(error as Error).message}`,
        "failed",
        "Set listen to an address of this machine with a port that no other program uses",
        { cause: error },
      );
    }
  }
}
