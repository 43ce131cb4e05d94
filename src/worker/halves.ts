import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";

/**
 * Reads many things in one request, and in ever smaller halves where the request fails
 * in a way that one bad thing among them can cause: the others must not fail with it.
 * @param ownFault tells the failures that may be one thing's own
 * @throws {PlexsyncError} any other failure
 */
export async function readInHalves<T>(
  keys: readonly string[],
  read: (keys: string[]) => Promise<Map<string, T>>,
  ownFault: (error: PlexsyncError) => boolean,
): Promise<{ found: Map<string, T>; failed: Map<string, PlexsyncError> }> {
  const found = new Map<string, T>();
  const failed = new Map<string, PlexsyncError>();
  const part = async (keys: readonly string[]): Promise<void> => {
    try {
      for (const [key, value] of await read([...keys])) found.set(key, value);
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!ownFault(error)) throw thrown;
      if (keys.length === 1) {
        failed.set(keys[0]!, error);
        return;
      }
      const middle = Math.ceil(keys.length / 2);
      await part(keys.slice(0, middle));
      await part(keys.slice(middle));
    }
  };
  if (keys.length > 0) await part(keys);
  return { found, failed };
}
