/** Which writes were without need, and what explains them. Pure. */
import type { Write } from "./writes.ts";

/** What is known about the time of the writes. Times in epoch ms, both ends included. */
export interface Circumstances {
  /** Whether an attempt of the item's scene was settled as a success. */
  knew(item: string, since: number, until: number): boolean;
  /**
   * Whether another item was just then found not to hear a field, so that others were asked whether
   * they hear it: by an attempt that ended so soon after, or by a write that Plex did not take in.
   */
  doubted(item: string, at: number): boolean;
  /** Whether the daemon was ended. */
  ended(since: number, until: number): boolean;
  /** Whether a request of the program, of any kind, was spoiled. */
  spoiled(since: number, until: number): boolean;
}

/** An image that failed is asked about within the batch that it was in. */
const AFTER_MS = 60_000;

function isImage(kind: Write["kind"]): boolean {
  return kind === "poster" || kind === "background";
}

/** Whether it says one field, and takes nothing away. */
function isOneField({ kind, what }: Write): boolean {
  const query = what.split("?")[1] ?? "";
  const names = [...new URLSearchParams(query).keys()].filter((name) =>
    name !== "type" && name !== "id"
  );
  const fields = new Set(names.map((name) => /^\w+/.exec(name)?.[0]));
  return kind === "edit" && fields.size === 1 && !names.some((name) => name.endsWith("-"));
}

export interface Verdict {
  /** All writes that took effect, or would have. */
  writes: number;
  /** Those after which the item said something else than before. */
  changed: number;
  /** Not taken in by Plex: the item needed them. */
  deaf: number;
  /** Sent again because the daemon had ended before it could note the first one. */
  afterEnd: number;
  /**
   * Sent to see whether this server takes writes at all, after another failed: they set a lock that
   * is set, say the one field once more that another item did not hear, or send an image that is
   * shown.
   */
  controls: number;
  /** Sent again because the attempt that sent it first had failed, or its answer was lost. */
  afterFault: number;
  /** Nothing explains them: none may be left. */
  unexplained: Write[];
}

/**
 * A write is without need when it changes nothing of its item. It is explained when the program
 * could not know so: since the last write of its kind that did change the item, no attempt of
 * the scene was settled as done, and since either of the two arrived the daemon was ended or a
 * request was spoiled. (A request may take effect long after whoever sent it was killed.)
 */
export function judgeWrites(writes: readonly Write[], around: Circumstances): Verdict {
  const verdict: Verdict = {
    writes: writes.length,
    changed: 0,
    deaf: 0,
    afterEnd: 0,
    controls: 0,
    afterFault: 0,
    unexplained: [],
  };
  const lastChange = new Map<string, Write>();
  for (const write of writes.toSorted((a, b) => a.doneAt - b.doneAt)) {
    const { item, kind, at, doneAt, changed, deaf } = write;
    const key = `${item} ${kind}`;
    const last = lastChange.get(key);
    const since = Math.min(last?.at ?? 0, at);
    if (changed) {
      verdict.changed++;
      lastChange.set(key, write);
    } else if (deaf) verdict.deaf++;
    else if (
      kind === "lock" || isImage(kind) && around.spoiled(at - AFTER_MS, at) ||
      isOneField(write) && around.doubted(item, at)
    ) {
      verdict.controls++;
    } else if (around.knew(item, last?.doneAt ?? 0, at)) verdict.unexplained.push(write);
    else if (around.ended(since, doneAt)) verdict.afterEnd++;
    else if (around.spoiled(since, doneAt)) verdict.afterFault++;
    else verdict.unexplained.push(write);
  }
  return verdict;
}
