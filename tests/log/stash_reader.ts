/** How Stash reads a plugin's stderr, made from what Stash does, not from our log. */

export interface StashEntry {
  level: "trace" | "debug" | "info" | "warning" | "error";
  text: string;
}

const LEVELS: Readonly<Record<string, StashEntry["level"]>> = {
  t: "trace",
  d: "debug",
  i: "info",
  w: "warning",
  e: "error",
};

/** A line and its newline must fit; a longer one ends the reading for good. */
const MAX_LINE = 65_536;
const [SOH, STX, LF, CR] = [1, 2, 10, 13];

export class StashReader {
  readonly entries: StashEntry[] = [];
  readonly progress: number[] = [];
  /** False once a line was too long: nothing is read after that. */
  open = true;
  #rest = new Uint8Array(0);

  feed(chunk: Uint8Array): void {
    if (!this.open) return;
    let bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF)) {
      if (end + 1 > MAX_LINE) break;
      this.#line(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length >= MAX_LINE) this.open = false;
    this.#rest = bytes;
  }

  #line(bytes: Uint8Array): void {
    const line = bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
    if (line.length === 0) return;
    const text = new TextDecoder().decode(line);
    const mark = String.fromCharCode(line[1] ?? 0);
    const framed = line.length >= 4 && line[0] === SOH && line[2] === STX;
    if (framed && mark === "p") this.progress.push(Number(text.slice(3).trim()));
    else if (framed && Object.hasOwn(LEVELS, mark)) {
      this.entries.push({ level: LEVELS[mark]!, text: text.slice(3).trim() });
    } else this.entries.push({ level: "error", text });
  }
}
