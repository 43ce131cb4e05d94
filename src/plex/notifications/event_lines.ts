/** The peer broke a bound; the message is a predicate. */
export class EventTooLongError extends Error {
  override readonly name = "EventTooLongError";
}

/** Takes the messages out of a stream of server-sent events, by whatever pieces it comes. */
export class EventLines {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #length = 0;

  /** @param maxLength Longest message, in UTF-16 units */
  constructor(private readonly maxLength: number) {}

  /**
   * The data of the events that are whole with this piece; pings have none worth reading.
   * @throws {EventTooLongError} the stream cannot be used any further
   */
  push(piece: string): string[] {
    const messages: string[] = [];
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const message = this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (message !== null) messages.push(message);
    }
    if (this.#rest.length + this.#length > this.maxLength) {
      throw new EventTooLongError(
        `sent an event of more than ${Math.floor(this.maxLength / 1024)} KiB`,
      );
    }
    return messages;
  }

  #line(line: string): string | null {
    if (line === "") {
      const message = this.#event === "ping" || this.#data.length === 0
        ? null
        : this.#data.join("\n");
      this.#event = "";
      this.#data = [];
      this.#length = 0;
      return message;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") {
      this.#data.push(value);
      this.#length += value.length;
    }
    return null;
  }
}
