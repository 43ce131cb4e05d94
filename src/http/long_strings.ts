const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Holds most hooks as they are. */
const FIRST_BYTES = 8 * 1024;

export interface LongStringsOptions {
  /** Strings of more bytes than this, as written between their quotes, become "". */
  maxString: number;
  /** Most bytes of what is left. */
  maxKept: number;
}

/**
 * Takes the long strings out of JSON text while it streams by: a cover of tens of megabytes
 * travels inside a hook's document, and nobody here looks at it. Keeps no more
 * than `maxKept` bytes. Text that is no JSON stays none, unless its fault is inside such a string.
 */
export class LongStrings {
  #kept = new Uint8Array(FIRST_BYTES);
  #length = 0;
  /** Where the string under way began in what is kept; -1 outside of strings. */
  #start = -1;
  #escaped = false;
  /** The string under way is too long: its bytes are passed over. */
  #dropping = false;
  #overflow = false;

  constructor(private readonly options: LongStringsOptions) {}

  /** True when more than `maxKept` bytes were left: the rest is lost. */
  get overflow(): boolean {
    return this.#overflow;
  }

  /** What is left of all that was pushed. */
  get kept(): Uint8Array {
    return this.#kept.subarray(0, this.#length);
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#overflow;) {
      at = this.#start < 0 ? this.#outside(chunk, at) : this.#inside(chunk, at);
    }
  }

  /** Up to and with the next quote. */
  #outside(chunk: Uint8Array, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote < 0 ? chunk.length : quote + 1;
    this.#keep(chunk.subarray(from, end));
    if (quote >= 0) this.#start = this.#length;
    return end;
  }

  /** Up to the next byte that decides something, and over it. */
  #inside(chunk: Uint8Array, from: number): number {
    if (this.#escaped) {
      this.#escaped = false;
      this.#take(chunk.subarray(from, from + 1));
      return from + 1;
    }
    const end = stringEnd(chunk, from);
    this.#take(chunk.subarray(from, end));
    if (end === chunk.length) return end;
    if (chunk[end] === BACKSLASH) {
      this.#escaped = true;
      this.#take(chunk.subarray(end, end + 1));
    } else {
      this.#keep(chunk.subarray(end, end + 1));
      this.#start = -1;
      this.#dropping = false;
    }
    return end + 1;
  }

  /** Bytes of a string, which is forgotten as a whole once it is too long. */
  #take(bytes: Uint8Array): void {
    if (this.#dropping) return;
    if (this.#length - this.#start + bytes.length <= this.options.maxString) {
      this.#keep(bytes);
    } else {
      this.#dropping = true;
      this.#length = this.#start;
    }
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.options.maxKept) {
      this.#overflow = true;
      return;
    }
    if (length > this.#kept.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#kept.length));
      larger.set(this.#kept);
      this.#kept = larger;
    }
    this.#kept.set(bytes, this.#length);
    this.#length = length;
  }
}

/** Where the next quote or backslash is, or the chunk ends. */
function stringEnd(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at++;
  return at;
}
