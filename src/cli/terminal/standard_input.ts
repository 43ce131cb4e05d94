import { UserError } from "../../core/failures/errors.ts";

/** Where an answer comes from. */
export interface Input {
  isTerminal(): boolean;
  /** One line without its end, or null when there is none to come. */
  readLine(): string | null;
}

/** Where a secret comes from as well. */
export interface SecretInput extends Input {
  /**
   * The same, with nothing shown while it is typed.
   * @param question Shown when nothing that is typed shows any more: a paste may be quick
   */
  readHidden(question: () => void): string | null;
}

const END = 0x04;
const INTERRUPT = 0x03;
const CLEAR = 0x15;
const ERASE = [0x08, 0x7f];
const LINE_END = [0x0a, 0x0d];

/** Standard input, read byte by byte: what stands behind a line is not ours. */
export const STDIN: SecretInput = {
  isTerminal: () => Deno.stdin.isTerminal(),
  readLine() {
    const bytes: number[] = [];
    for (let byte = nextByte(); byte !== null; byte = nextByte()) {
      if (byte === 0x0a) return textOf(bytes);
      bytes.push(byte);
    }
    return bytes.length === 0 ? null : textOf(bytes);
  },
  readHidden(question) {
    Deno.stdin.setRaw(true);
    try {
      question();
      return readRaw(nextByte);
    } finally {
      Deno.stdin.setRaw(false);
    }
  },
};

/**
 * A line as a terminal gives it that edits nothing by itself.
 * @throws {UserError} Ctrl+C, which is a letter like others then
 */
export function readRaw(next: () => number | null): string | null {
  let bytes: number[] = [];
  for (let byte = next(); byte !== null; byte = next()) {
    if (byte === INTERRUPT) throw new UserError("Ended by Ctrl+C");
    if (LINE_END.includes(byte)) return textOf(bytes);
    if (byte === END) return bytes.length === 0 ? null : textOf(bytes);
    if (byte === CLEAR) bytes = [];
    else if (ERASE.includes(byte)) bytes.pop();
    // Other keys that are no letters, such as arrows, leave letters behind: the check says so.
    else if (byte >= 0x20) bytes.push(byte);
  }
  return bytes.length === 0 ? null : textOf(bytes);
}

function nextByte(): number | null {
  const one = new Uint8Array(1);
  return Deno.stdin.readSync(one) === 1 ? one[0]! : null;
}

function textOf(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}
