import { MAX_INPUT_BYTES, type PluginAnswer, tooLarge } from "./protocol.ts";
import type { World } from "../app/world.ts";

/** Fits into a pipe at once on Linux, which is all that most inputs need. */
const CHUNK_BYTES = 64 * 1024;

/**
 * All of a stream, to its end: Stash closes it behind the document.
 * @throws {UserError} it is longer than `maxBytes`
 */
export function readInput(
  stream: { readSync(into: Uint8Array): number | null },
  maxBytes: number = MAX_INPUT_BYTES,
): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = stream.readSync(chunk);
    if (count === null) break;
    length += count;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk.subarray(0, count));
  }
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * Answers Stash with what `work` returns, or with what went wrong: one JSON object on stdout.
 * @param exitCodeOf What the process ends with after an error
 * @returns the exit code; Stash goes by the answer, which names the error already
 */
export async function answering(
  world: World,
  work: () => Promise<unknown>,
  exitCodeOf: (thrown: unknown) => number | Promise<number>,
): Promise<number> {
  try {
    answer(world, { output: await work() });
    return 0;
  } catch (thrown) {
    const { explain }: typeof import("./failure.ts") = await import("./failure.ts" as string);
    answer(world, { error: explain(thrown) });
    return await exitCodeOf(thrown);
  }
}

function answer(world: World, value: PluginAnswer): void {
  world.stdout(JSON.stringify(value) + "\n");
}
