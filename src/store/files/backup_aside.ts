import { UserError } from "../../core/failures/errors.ts";
import type { CheckOptions } from "./integrity.ts";

/** What the thread is to do: fill the empty file `part` from the database file `path`. */
export interface FillTask {
  part: string;
  path: string;
  /** What the copy must have. */
  schema: number;
  /** Without functions: it is sent to the thread. */
  options: CheckOptions;
}

/** What a thread has to say at its end; an error itself would lose its kind on the way. */
export type FillEnd =
  | { kind: "filled"; bytes: number }
  | { kind: "refused"; message: string; hint: string | undefined }
  | { kind: "failed"; message: string; code: unknown };

/**
 * Copies and checks a database in a thread of its own, with a connection of its own.
 * @param stop Ends the thread at once
 * @returns the size of the copy
 * @throws {UserError} the copy is not whole
 * @throws the reason of `stop`, when that aborted
 */
export async function fillInThread(task: FillTask, stop: AbortSignal): Promise<number> {
  stop.throwIfAborted();
  const thread = new Worker(new URL("./backup_thread.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<FillEnd>();
  thread.onmessage = ({ data }: MessageEvent<FillEnd>) => resolve(data);
  thread.onerror = (event) => {
    // Else it would end the process.
    event.preventDefault();
    reject(new Error(`The thread of the backup ended: ${event.message}`));
  };
  const cut = () => reject(stop.reason);
  stop.addEventListener("abort", cut);
  try {
    thread.postMessage(task);
    return bytesOf(await promise);
  } finally {
    stop.removeEventListener("abort", cut);
    thread.terminate();
  }
}

function bytesOf(end: FillEnd): number {
  if (end.kind === "filled") return end.bytes;
  if (end.kind === "refused") throw new UserError(end.message, "failed", end.hint);
  throw Object.assign(new Error(end.message), end.code === undefined ? {} : { code: end.code });
}
