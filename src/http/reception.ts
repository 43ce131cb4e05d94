import type { RunCommand } from "../app/connections/service_socket.ts";
import type { Runtime } from "../core/runtime.ts";
import { addressText } from "../core/http/listen_address.ts";
import { Commands } from "./command_request.ts";
import { type Door, Entrance } from "./entrance.ts";

/**
 * What a process listens on. It outlasts each of the daemons that answer there, and so do the
 * commands that were begun.
 */
export class Reception {
  readonly commands: Commands;
  readonly #closing = new AbortController();
  /** By their places. */
  #entrances = new Map<string, { door: Door; entrance: Entrance }>();

  constructor(private readonly runtime: Pick<Runtime, "sleep">, runCommand: RunCommand) {
    this.commands = new Commands(runCommand, this.#closing.signal);
  }

  /**
   * The entrance at a place, which stays open until it is not among those to keep.
   * @throws {UserError} it cannot listen there
   */
  async at(door: Door): Promise<Entrance> {
    const place = placeOf(door);
    const known = this.#entrances.get(place);
    if (known !== undefined) return known.entrance;
    // The same port at all addresses and at one of them cannot be had beside each other.
    for (const other of this.#entrances.values()) {
      if (portOf(door) !== 0 && portOf(door) === portOf(other.door)) await this.#close(other.door);
    }
    const entrance = await Entrance.open(door, this.runtime);
    this.#entrances.set(place, { door, entrance });
    return entrance;
  }

  /** Closes all that lead to no place of these; never rejects. */
  async keep(doors: readonly Door[]): Promise<void> {
    const places = doors.map(placeOf);
    const others = [...this.#entrances.values()].map(({ door }) => door)
      .filter((door) => !places.includes(placeOf(door)));
    await Promise.all(others.map((door) => this.#close(door)));
  }

  /** Ends what is under way, and listens no more; never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.keep([]);
  }

  async #close(door: Door): Promise<void> {
    const place = placeOf(door);
    const known = this.#entrances.get(place);
    this.#entrances.delete(place);
    await known?.entrance.close();
  }
}

function placeOf(door: Door): string {
  return door.kind === "socket" ? door.path : addressText(door.address);
}

/** 0 for a socket, and for any port. */
function portOf(door: Door): number {
  return door.kind === "socket" ? 0 : door.address.port;
}
