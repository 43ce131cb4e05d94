/** What loading needs of the file system. */
export interface FileAccess {
  /** @returns `undefined` when there is no such file; any other trouble is thrown */
  readText(path: string): string | undefined;
  /** Permission bits, or `undefined` where the system has none. */
  mode(path: string): number | undefined;
}

/** The real file system. */
export const diskFiles: FileAccess = {
  readText(path) {
    try {
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw error;
    }
  },
  mode(path) {
    const mode = Deno.statSync(path).mode;
    return mode === null ? undefined : mode & 0o777;
  },
};
