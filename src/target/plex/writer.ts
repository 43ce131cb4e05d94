import { PlexsyncError } from "../../core/failures/errors.ts";
import type { Edit, Item, ItemRef } from "../../core/sync/item.ts";
import type { Shortfall } from "../../core/sync/verify.ts";
import type { Fitted, Omission } from "../../core/sync/ways.ts";
import type { PlexClient } from "./client.ts";
import { editRequests, isContested, MAX_BYTES, type RemovalWay } from "./edit_query.ts";
import { fitEdit } from "./fit.ts";

/** What is tried when names stay, the least costly and least harmful first. */
const LADDER: readonly RemovalWay[] = ["list", "restate", "single", "each", "clear", "alone"];
/** A way that was learned is doubted after so many edits: the server may be another since. */
const EDITS_BY_ONE_WAY = 50;
/** Below this no edit of use could be sent. */
const LEAST_BYTES = 1_000;

/** What was done to an item since it was read. */
interface Attempt {
  tried: Set<RemovalWay>;
  /** The item showed that it had heard the first request, and kept names all the same. */
  isHeard: boolean;
  /** What was tried last to take names away. */
  hoped: RemovalWay | null;
}

/**
 * Writes edits, and learns on the way what this server does differently: how long its URLs may be,
 * and how it takes names off a list. What is learned holds as long as the writer lives.
 */
export class PlexWriter {
  #maxBytes = MAX_BYTES;
  /** The way of removal that was last seen to be needed. */
  #way: RemovalWay = "list";
  /** Edits with removals that went by it. */
  #edits = 0;
  readonly #attempts = new WeakMap<ItemRef, Attempt>();

  constructor(private readonly client: Pick<PlexClient, "put" | "setRating">) {}

  fit(item: Item, edit: Edit): Fitted {
    return fitEdit(item, edit, this.#maxBytes);
  }

  /**
   * One PUT unless the URL would be too long, and one for a rating.
   * @returns what was sent, and what was left out because Plex refused a URL that was reckoned fit
   */
  async write(item: Item, edit: Edit): Promise<Fitted> {
    const way = this.#wayFor(edit);
    this.#attempts.set(item, { tried: new Set([way]), isHeard: false, hoped: null });
    const sent = await this.#put(item, edit, way);
    await this.#rate(item, edit);
    return sent;
  }

  /** @returns false when there is no other way left, and nothing was sent */
  async repair(
    item: Item,
    { edit, surplus, isHeard }: Shortfall,
    round: number,
  ): Promise<boolean> {
    const attempt = this.#attempts.get(item) ?? { tried: new Set(), isHeard: false, hoped: null };
    this.#attempts.set(item, attempt);
    const { tried } = attempt;
    if (round === 0) attempt.isHeard = isHeard && tried.size > 0;
    attempt.hoped = null;
    const names = Object.values(surplus).flat();
    const ladder = [this.#way, ...LADDER].filter((way) => !tried.has(way));
    const way = names.length === 0
      ? (round < 2 ? this.#way : undefined)
      : ladder.find((each) => fits(each, edit, surplus));
    if (way === undefined) return false;
    if (names.length > 0) {
      tried.add(way);
      attempt.hoped = way;
    }
    await this.#put(item, edit, way);
    await this.#rate(item, edit);
    return true;
  }

  /**
   * What was tried last on an item was seen to work. It is learned only where the request before had
   * been heard: a server that takes nothing in for a while needs no other way, whichever it is that
   * works when it hears again.
   */
  repaired(item: ItemRef): void {
    const { isHeard, hoped } = this.#attempts.get(item) ?? { isHeard: false, hoped: null };
    if (!isHeard || hoped === null) return;
    this.#way = hoped;
    this.#edits = 0;
  }

  /** The known way, where it costs few requests; to clear the list costs two at most. */
  #wayFor(edit: Edit): RemovalWay {
    const surplus = Object.fromEntries(
      Object.entries(edit.names).map(([kind, { remove }]) => [kind, remove]),
    );
    if (Object.values(surplus).every((names) => names.length === 0)) return "list";
    if (this.#way !== "list" && ++this.#edits > EDITS_BY_ONE_WAY) this.#way = "list";
    const dear = (this.#way === "each" || this.#way === "single") &&
      requestsBeside(this.#way, surplus) > 1;
    return dear ? "clear" : this.#way;
  }

  async #put(item: Item, edit: Edit, way: RemovalWay): Promise<Fitted> {
    const omitted: Omission[] = [];
    let sent = edit;
    for (;;) {
      const fitted = this.fit(item, sent);
      sent = fitted.edit;
      omitted.push(...fitted.omitted);
      const paths = editRequests(item, sent, { way, maxBytes: this.#maxBytes });
      try {
        await this.client.put(item, paths);
        return { edit: sent, omitted };
      } catch (thrown) {
        const isTooLong = thrown instanceof PlexsyncError && thrown.status === 414;
        if (!isTooLong || !this.#lower(paths)) throw thrown;
        // All of it may be repeated: an edit says the wanted state.
      }
    }
  }

  /** The rest is written by then: whoever goes by the failure has to know that. */
  async #rate(item: Item, { rating }: Edit): Promise<void> {
    if (rating === undefined) return;
    try {
      await this.client.setRating(item.id, rating);
    } catch (thrown) {
      if (!(thrown instanceof PlexsyncError)) throw thrown;
      const { type, message, status, hint, retryAfterMs, cause } = thrown;
      throw new PlexsyncError(type, message, { status, hint, retryAfterMs, cause, part: "rating" });
    }
  }

  /** @returns false when shorter URLs are of no use */
  #lower(paths: readonly string[]): boolean {
    const longest = Math.min(this.#maxBytes, Math.max(...paths.map((path) => path.length)));
    if (longest <= LEAST_BYTES) return false;
    this.#maxBytes = Math.max(LEAST_BYTES, Math.floor(longest * 0.75));
    return true;
  }
}

/** Whether a way may cure what is left, with two requests at most as long as there is such a one. */
function fits(way: RemovalWay, edit: Edit, surplus: Shortfall["surplus"]): boolean {
  switch (way) {
    case "restate":
      return Object.keys(surplus).every((kind) =>
        edit.names[kind as keyof Shortfall["surplus"]]!.want.length > 0
      );
    case "single":
      return Object.values(surplus).flat().every(isContested) && requestsBeside(way, surplus) <= 1;
    case "each":
      return requestsBeside(way, surplus) <= 1;
    case "list":
    case "clear":
    case "alone":
      return true;
  }
}

/** Requests besides the first that a way needs. */
function requestsBeside(way: "single" | "each", surplus: Shortfall["surplus"]): number {
  const counts = Object.values(surplus).map((names) =>
    way === "each" ? names.length - 1 : names.filter((name) => name.includes(",")).length
  );
  return Math.max(0, ...counts);
}
