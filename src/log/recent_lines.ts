import type { LogLevelName } from "../config/config.ts";
import { LEVELS } from "./levels.ts";

/** A line that was logged: clean of secrets, and of paths where these are obfuscated. */
export interface RecentLine {
  /** Rises by 1 with each line. */
  id: number;
  /** Epoch ms. */
  at: number;
  level: LogLevelName;
  component: string;
  text: string;
}

export interface LineFilter {
  /** The least important level that is wanted. */
  level: LogLevelName;
  /** Stands in text or component, in whatever case; "" for any. */
  text: string;
}

/** So many lines of at most two KiB are held. */
const KEPT = 1_000;

/** The last lines of the log, for who looks at it while it is written. */
export class RecentLines {
  /** Whose id is n stands at n modulo its length. */
  readonly #lines: RecentLine[] = [];
  #count = 0;

  /** How many there were so far, of which the last ones are held. */
  get count(): number {
    return this.#count;
  }

  add(line: Omit<RecentLine, "id">): void {
    this.#lines[this.#count % KEPT] = { ...line, id: this.#count };
    this.#count++;
  }

  /** Newest first. */
  list({ level, text }: LineFilter, limit: number): RecentLine[] {
    const { rank } = LEVELS[level];
    const wanted = text.toLowerCase();
    const found: RecentLine[] = [];
    for (let id = this.#count - 1; id >= Math.max(0, this.#count - KEPT); id--) {
      if (found.length === limit) break;
      const line = this.#lines[id % KEPT]!;
      const isMeant = LEVELS[line.level].rank >= rank &&
        `${line.component} ${line.text}`.toLowerCase().includes(wanted);
      if (isMeant) found.push(line);
    }
    return found;
  }
}
