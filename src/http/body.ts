import type { Runtime } from "../core/runtime.ts";
import type { Asked } from "./listener.ts";
import { LongStrings } from "./long_strings.ts";
import { Refusal } from "./refusal.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** How much of a body is read, and how much of that is held. */
export interface BodyLimits {
  maxBytes: number;
  /** Longer strings become "". */
  maxString: number;
  maxKept: number;
  /** What to do about one that is too large; default: the ways to queue in bulk. */
  hint?: string;
}

/**
 * A hook's document. Of its long strings none matters: ids and names of types and fields are
 * short, and a cookie has 4 KiB at most. The rest grows with the number of scenes that were saved
 * at once.
 */
export const HOOK_BODY: BodyLimits = { maxBytes: 64 * MIB, maxString: 4 * KIB, maxKept: 4 * MIB };
/** A list of scene ids. */
export const SYNC_BODY: BodyLimits = { maxBytes: MIB, maxString: KIB, maxKept: MIB };
/** A command's arguments, each whole. */
export const COMMAND_BODY: BodyLimits = { maxBytes: MIB, maxString: MIB, maxKept: MIB };

/** A client on the same network sends at once what it has; longer only blocks a place. */
const READ_MS = 30_000;

/**
 * Reads the body of a request, without its long strings.
 * @param closing Aborted when the server closes
 * @throws {Refusal} too large, too slow, cut off, or the server closes
 */
export async function readBody(
  request: Pick<Asked, "headers" | "body">,
  limits: BodyLimits,
  runtime: Pick<Runtime, "sleep">,
  closing: AbortSignal,
): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxBytes) throw tooLarge(limits);
  const reader = request.body.getReader();
  const strings = new LongStrings(limits);
  const read = new AbortController();
  let late = false;
  // A pending read ends with the cancellation.
  const cancel = () => void reader.cancel().catch(() => {});
  closing.addEventListener("abort", cancel);
  const limit = runtime.sleep(READ_MS, read.signal).then(() => {
    late = !read.signal.aborted;
    if (late) cancel();
  });
  try {
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      strings.push(value);
      if (size > limits.maxBytes) throw tooLarge(limits);
      if (strings.overflow) throw tooMuch(limits);
    }
    if (closing.aborted) throw closes();
    if (late) throw new Refusal(408, "The body did not come in time", "Send it at once");
    return strings.kept;
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown;
    throw new Refusal(400, "The body was cut off", "Send it again");
  } finally {
    closing.removeEventListener("abort", cancel);
    read.abort();
    await limit;
    cancel();
  }
}

export function closes(): Refusal {
  const hint = "Try again in a few seconds; nothing of it was done";
  return new Refusal(503, "plexsync ends or starts anew", hint, { "retry-after": "5" });
}

const BULK_HINT = "plexsync sync queues scenes in bulk, by their ids or by when they changed";

function tooLarge({ maxBytes, hint }: BodyLimits): Refusal {
  const most = maxBytes < MIB ? `${maxBytes / KIB} KiB` : `${maxBytes / MIB} MiB`;
  return new Refusal(413, `The body is too large: at most ${most} are read`, hint ?? BULK_HINT);
}

function tooMuch({ maxKept }: BodyLimits): Refusal {
  return new Refusal(
    413,
    `The body is too large: at most ${maxKept / MIB} MiB may be left without its long texts`,
    BULK_HINT,
  );
}
