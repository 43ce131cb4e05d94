/** Which file stands at a path. */
export interface FileId {
  dev: number;
  /** null where the system does not say. */
  ino: number | null;
}

/** What became of a file that was opened: null while it still stands at its path. */
export function fateOf(opened: FileId, found: FileId | null): "deleted" | "replaced" | null {
  if (found === null) return "deleted";
  const same = found.dev === opened.dev && found.ino === opened.ino;
  return same ? null : "replaced";
}

/**
 * Notices that the files of an open database are no longer those at their paths. SQLite goes on
 * with the old ones then, and what it writes is gone when it closes them.
 */
export class DatabaseFiles {
  readonly #opened: readonly (readonly [path: string, id: FileId])[];

  /**
   * @param path Of the database, which has just been opened
   * @param read Reads what stands at a path; null for nothing
   */
  constructor(path: string, private readonly read: (path: string) => FileId | null = fileAt) {
    // The log beside it holds what is not yet in the database; it stays while the file is open.
    this.#opened = [path, `${path}-wal`].flatMap((each) => {
      const id = read(each);
      return id === null ? [] : [[each, id] as const];
    });
  }

  /** What happened, such as `/data/plexsync.db was deleted`; null when all is as it was. */
  change(): string | null {
    for (const [path, opened] of this.#opened) {
      const fate = this.#fateOf(path, opened);
      if (fate !== null) return `${path} was ${fate}`;
    }
    return null;
  }

  #fateOf(path: string, opened: FileId): "deleted" | "replaced" | null {
    try {
      return fateOf(opened, this.read(path));
    } catch {
      // A path that cannot be read now says nothing about the file.
      return null;
    }
  }
}

function fileAt(path: string): FileId | null {
  try {
    const { dev, ino } = Deno.statSync(path);
    return { dev, ino };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
