import { PlexsyncError, UserError } from "./errors.ts";

/** What can be wrong with the file or the disk under the database. */
export type StoreFault = "damaged" | "full" | "read-only" | "locked" | "unreadable" | "failing";

/**
 * SQLite's own texts, one per result code and the same for 20 years. By text, because the native
 * driver tells no code, and the built-in one not always (none where a file cannot be opened).
 */
const TEXTS: readonly [RegExp, StoreFault][] = [
  [/file is not a database|disk image is malformed|malformed database schema/, "damaged"],
  [/database or disk is full/, "full"],
  [/readonly database/, "read-only"],
  [/database (table )?is locked/, "locked"],
  [/unable to open database/, "unreadable"],
  [/disk I\/O error/, "failing"],
];

/** What the system says when a file is opened, made or written. */
const SYSTEM_CODES: Readonly<Record<string, StoreFault>> = {
  EROFS: "read-only",
  EACCES: "unreadable",
  EPERM: "unreadable",
  ENOTDIR: "unreadable",
  EISDIR: "unreadable",
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EIO: "failing",
};

/** The fault that an error tells of; null for any other error. */
export function storeFault(thrown: unknown): StoreFault | null {
  if (!(thrown instanceof Error) || thrown instanceof UserError) return null;
  // A server that says that its own database is locked.
  if (thrown instanceof PlexsyncError) return null;
  const { code } = thrown as { code?: unknown };
  if (typeof code === "string" && Object.hasOwn(SYSTEM_CODES, code)) return SYSTEM_CODES[code]!;
  return TEXTS.find(([text]) => text.test(thrown.message))?.[1] ?? null;
}

/** What is said of each; SQLite's or the system's own text, with the path, stands behind it. */
const SAYINGS: Readonly<Record<StoreFault, readonly [what: string, hint: string]>> = {
  damaged: [
    "The database is damaged",
    "plexsync run sets it aside at its start and restores the newest good backup",
  ],
  full: ["The disk is full", "Free some space on it; what was accepted so far is safe"],
  "read-only": [
    "Cannot write to what is read-only",
    "Make the file system and the file writable for this user, or name another --data-dir",
  ],
  locked: [
    "Another program holds the database",
    "End what keeps it locked (a backup, an SQLite shell), then try again",
  ],
  unreadable: [
    "Cannot open a file",
    "Check that it is there and that this user may read and write it; --data-dir names another place",
  ],
  failing: [
    "The disk fails",
    "Look into the system's log for errors of the disk, and copy the data directory elsewhere",
  ],
};

/** The error in words for a person; null when it is none of the database's or the disk's. */
export function explainFault(thrown: unknown): UserError | null {
  const fault = storeFault(thrown);
  if (fault === null) return null;
  const [what, hint] = SAYINGS[fault];
  return new UserError(`${what}: ${(thrown as Error).message}`, "failed", hint, { cause: thrown });
}
