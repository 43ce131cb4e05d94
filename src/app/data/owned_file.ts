import { UserError } from "../../core/failures/errors.ts";

/**
 * Whether `install` wrote the file: what does not begin with our mark is not ours to replace or to
 * remove.
 * @returns false when there is no such file
 * @throws {UserError} there is one that somebody else wrote
 */
export function isOwnFile(path: string, mark: string, hint: string): boolean {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  if (text.startsWith(mark)) return true;
  throw new UserError(`${path} was not written by plexsync install`, "failed", hint);
}
