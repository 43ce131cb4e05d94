import type { Runtime } from "../../../core/runtime.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/time/duration.ts";
import { Refusal } from "../../refusal.ts";

/**
 * What a page shows now. "gone" when it is shown to this session no more, null when it cannot be
 * told at this moment.
 */
export type Draw = () => Promise<string | "gone" | null>;

/** A browser opens six connections to one server; the rest are for the pages themselves. */
const MAX_PER_SESSION = 4;
/** Each page takes its time to be drawn, and its connection. */
const MAX_STREAMS = 16;
/** Least time between two looks at whether anything changed. */
const LOOK_MS = SECOND_MS;
/** Rest for each ms of drawing: open pages together take at most a hundredth of one core. */
const REST = 100;
const MAX_REST_MS = MINUTE_MS;
/** Times such as "2 min ago" grow old by themselves, and silent connections are cut by proxies. */
const STALE_MS = 30 * SECOND_MS;
/** Who takes nothing for so long is not there any more. */
const PATIENCE_MS = MINUTE_MS;

interface Stream {
  session: string;
  draw: Draw;
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** What it was last sent. */
  shown: string;
  /** `mark()` when it was last drawn. */
  mark: string | null;
  drawnAt: number;
  takenAt: number;
}

/**
 * Tells pages that are open what they show by now: server-sent events, each the whole content of
 * the page, sent only when it differs from what was sent before.
 */
export class LiveStreams {
  readonly #encoder = new TextEncoder();
  readonly #streams = new Set<Stream>();
  #isWatching = false;
  #watching: Promise<void> = Promise.resolve();
  #isClosed = false;
  #wake = new AbortController();

  /** @param mark Another text whenever what pages show may have changed */
  constructor(
    private readonly runtime: Pick<Runtime, "now" | "sleep">,
    private readonly mark: () => string,
  ) {}

  /**
   * @param draw Draws the page that is open
   * @throws {Refusal} there are too many
   */
  open(session: string, draw: Draw): ReadableStream<Uint8Array> {
    // One that ends is asked for again soon, one that is refused much later.
    if (this.#isClosed) return new Blob().stream();
    const ofSession = [...this.#streams].filter((each) => each.session === session);
    if (ofSession.length >= MAX_PER_SESSION || this.#streams.size >= MAX_STREAMS) {
      throw new Refusal(
        429,
        "Too many pages are kept up to date at once",
        "It is tried again by itself; pages in the background need not stay open",
        { connection: "close" },
      );
    }
    let stream: Stream;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const now = this.runtime.now();
        stream = { session, draw, controller, shown: "", mark: null, drawnAt: 0, takenAt: now };
        this.#streams.add(stream);
        if (!this.#isWatching) this.#watching = this.#watch();
        this.#wake.abort();
      },
      cancel: () => void this.#streams.delete(stream),
    });
  }

  /** Ends those of a session, which is over. */
  end(session: string): void {
    for (const stream of this.#streams) if (stream.session === session) this.#leave(stream);
  }

  /** Ends all, and opens no others. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) this.#close(stream);
    this.#wake.abort();
  }

  /** Resolves when nothing is drawn any more; never rejects. */
  async ended(): Promise<void> {
    await this.#watching;
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    try {
      while (this.#streams.size > 0) {
        this.#wake = new AbortController();
        const spentMs = await this.#look();
        const rest = Math.min(MAX_REST_MS, Math.max(LOOK_MS, REST * spentMs));
        await this.runtime.sleep(rest, this.#wake.signal);
      }
    } catch {
      // A database that cannot be read at this moment: the pages ask again in a few seconds.
    }
    this.#wake.abort();
    this.#isWatching = false;
    for (const stream of this.#streams) this.#close(stream);
  }

  /** @returns how long it drew, in ms */
  async #look(): Promise<number> {
    const { runtime } = this;
    let spentMs = 0;
    const current = this.mark();
    for (const stream of [...this.#streams]) {
      const now = runtime.now();
      if ((stream.controller.desiredSize ?? 0) > 0) stream.takenAt = now;
      else {
        if (now - stream.takenAt > PATIENCE_MS) this.#cut(stream);
        continue;
      }
      const isStale = now - stream.drawnAt >= STALE_MS;
      if (stream.mark === current && !isStale) continue;
      const drawn = await stream.draw();
      spentMs += runtime.now() - now;
      stream.mark = current;
      stream.drawnAt = now;
      if (!this.#streams.has(stream)) continue;
      if (drawn === "gone") this.#leave(stream);
      else if (drawn !== null && drawn !== stream.shown) {
        stream.shown = drawn;
        this.#send(stream, "page", drawn);
      } else stream.controller.enqueue(this.#encoder.encode(":\n\n"));
    }
    return spentMs;
  }

  #send({ controller }: Stream, event: string, data: string): void {
    // As JSON it is one line, as the format wants it.
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    controller.enqueue(this.#encoder.encode(text));
  }

  /** Tells the page that it has to be asked for anew. */
  #leave(stream: Stream): void {
    this.#send(stream, "gone", "");
    this.#close(stream);
  }

  #close(stream: Stream): void {
    if (this.#streams.delete(stream)) stream.controller.close();
  }

  #cut(stream: Stream): void {
    this.#streams.delete(stream);
    stream.controller.error(new Error("Nothing was taken for too long"));
  }
}
