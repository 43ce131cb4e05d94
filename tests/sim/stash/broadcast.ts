/** One stream of events with any number of listeners; nothing is replayed. */
export class Broadcast<T> {
  readonly #listeners = new Set<Listener<T>>();

  get listeners(): number {
    return this.#listeners.size;
  }

  send(event: T): void {
    for (const listener of this.#listeners) listener.push(event);
  }

  /** Events from now on, until the listener returns or the stream is closed. */
  listen(): AsyncIterableIterator<T> {
    const listener = new Listener<T>(() => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  close(): void {
    for (const listener of [...this.#listeners]) void listener.return();
  }
}

/** No generator: its `return()` must also end a `next()` that is still waiting. */
class Listener<T> implements AsyncIterableIterator<T> {
  readonly #queue: T[] = [];
  readonly #onEnd: () => void;
  #wake: ((result: IteratorResult<T>) => void) | undefined;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  push(event: T): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake !== undefined) wake({ value: event, done: false });
    else this.#queue.push(event);
  }

  next(): Promise<IteratorResult<T>> {
    const event = this.#queue.shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#wake = resolve);
  }

  return(): Promise<IteratorResult<T>> {
    this.#ended = true;
    this.#queue.length = 0;
    this.#onEnd();
    this.#wake?.({ value: undefined, done: true });
    this.#wake = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
