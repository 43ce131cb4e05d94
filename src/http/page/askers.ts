import type { TargetSettings } from "../../app/targets.ts";
import { STASH } from "../../core/jobs/course.ts";
import { explainFault } from "../../core/failures/store_fault.ts";
import { SECOND_MS } from "../../core/time/duration.ts";
import { Refusal } from "../refusal.ts";
import type { PageContext, PageParts } from "./page_env.ts";
import { refusalOfUser } from "./refusals.ts";

/** A person waits for the answer; beyond it the servers' own limits would take minutes. */
const ASK_MS = 30 * SECOND_MS;
/** Each may ask the servers as much as a worker does. */
const MAX_ASKING = 2;

/** A server by its key, such as `stash`, and its name; its address is "" where it has none. */
type Server = Pick<TargetSettings, "key" | "title" | "url">;

/** Bounds how long and how often the servers are asked for a page. */
export class Askers {
  #asking = 0;

  constructor(private readonly parts: PageParts) {}

  /**
   * @param servers That are asked for certain; default: all
   * @throws {Refusal} too many ask at once, it is not known where a server is, or the answer takes
   * too long
   */
  async ask<T>(
    c: PageContext,
    ask: (parts: PageParts) => Promise<T>,
    servers: readonly Server[] = this.#all,
  ): Promise<T> {
    this.need(servers);
    if (this.#asking >= MAX_ASKING) {
      throw new Refusal(503, "Others ask Plex and Stash at this moment", "Try again", {
        "retry-after": "2",
      });
    }
    const over = new AbortController();
    const stop = AbortSignal.any([c.env.closing, over.signal]);
    const waited = new AbortController();
    void this.parts.runtime.sleep(ASK_MS, waited.signal).then(() => over.abort(late(servers)));
    this.#asking++;
    try {
      const found = await ask({ ...this.parts, stop });
      // What was cut off says of the server nothing but that.
      stop.throwIfAborted();
      return found;
    } finally {
      this.#asking--;
      waited.abort();
    }
  }

  /** @throws {Refusal} it is not known where one of them is */
  need(servers: readonly Server[] = this.#all): void {
    const unset = servers.find(({ url }) => url === "");
    if (unset === undefined) return;
    const hint = "Set it in the config file, or by plexsync init";
    throw new Refusal(409, `${unset.key}_url is not set`, hint);
  }

  get #all(): Server[] {
    const { config, targets } = this.parts;
    return [...targets, { key: STASH, title: "Stash", url: config.stashUrl }];
  }
}

function late(servers: readonly Server[]): Refusal {
  const names = servers.map(({ title }) => title).join(" and ");
  return new Refusal(
    504,
    `${names} did not tell all within ${ASK_MS / SECOND_MS} s`,
    "Try again; the overview says whether they are up",
    { "retry-after": "5" },
  );
}

/** What the servers did not want to tell, for a screen that is shown all the same. */
export interface Unanswered {
  message: string;
  hint: string;
}

/** @throws what nobody foresaw */
export function unanswered(thrown: unknown): Unanswered {
  // A look notes what it sees, and a disk that takes no notes hides nothing of it.
  const refusal = thrown instanceof Refusal
    ? thrown
    : refusalOfUser(explainFault(thrown) ?? thrown);
  if (refusal === null) throw thrown;
  return { message: refusal.message, hint: refusal.hint };
}
