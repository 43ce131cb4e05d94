/** What is done with a compiled executable before it counts as made. */
import { basename } from "node:path";

/** Starting takes a tenth of a second; a dead file may also hang. */
const START_LIMIT_MS = 30_000;

/**
 * Starts an executable once and sees that it says its own version.
 * @param said What its output begins with
 * @throws {Error} it does not start, does not end, or says anything else
 */
export async function startOnce(path: string, said: string): Promise<void> {
  const signal = AbortSignal.timeout(START_LIMIT_MS);
  let stdout: string;
  try {
    const output = await new Deno.Command(path, {
      args: ["--version"],
      stdin: "null",
      stderr: "null",
      signal,
    }).output();
    stdout = new TextDecoder().decode(output.stdout).trim();
  } catch (error) {
    throw new Error(`Cannot start what was compiled: ${(error as Error).message}`);
  }
  if (signal.aborted) {
    throw new Error(`Cannot start what was compiled: no answer in ${START_LIMIT_MS / 1000} s`);
  }
  if (!stdout.startsWith(said)) {
    const answer = stdout.split("\n", 1)[0] || "nothing";
    throw new Error(`Cannot start what was compiled: it must say "${said}", it says "${answer}"`);
  }
}

/** The line that `sha256sum --check` reads, for a file as it is called beside that line. */
export async function digestLine(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return `${new Uint8Array(digest).toHex()}  ${basename(path)}\n`;
}
