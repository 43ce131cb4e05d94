import { assertEquals, assertStringIncludes } from "@std/assert";
import { PlexsyncError, UserError } from "../../../src/core/failures/errors.ts";
import { explainFault, storeFault } from "../../../src/core/failures/store_fault.ts";

const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

const CASES: readonly [error: unknown, fault: ReturnType<typeof storeFault>][] = [
  [new Error("file is not a database"), "damaged"],
  [new Error("database disk image is malformed"), "damaged"],
  [new Error("malformed database schema (jobs) - near"), "damaged"],
  [new Error("database or disk is full"), "full"],
  [new Error("attempt to write a readonly database"), "read-only"],
  [new Error("database is locked"), "locked"],
  [new Error("database table is locked: jobs"), "locked"],
  [new Error("unable to open database file: /data/plexsync.db"), "unreadable"],
  [new Error("disk I/O error"), "failing"],
  [coded("Read-only file system (os error 30): open '/d'", "EROFS"), "read-only"],
  [coded("Permission denied (os error 13): open '/d'", "EACCES"), "unreadable"],
  [coded("No space left on device (os error 28)", "ENOSPC"), "full"],
  [coded("UNIQUE constraint failed: jobs.scene_id", "ERR_SQLITE_ERROR"), null],
  [coded("No such file or directory", "ENOENT"), null],
  [new UserError("The database has schema 9"), null],
  [new PlexsyncError("StashUnavailable", "Stash: database is locked"), null],
  ["database is locked", null],
  [undefined, null],
];

for (const [error, want] of CASES) {
  Deno.test(`storeFault() of ${error instanceof Error ? error.message : error} is ${want}`, () => {
    assertEquals(storeFault(error), want);
    const explained = explainFault(error);
    assertEquals(explained !== null, want !== null);
    if (explained === null || !(error instanceof Error)) return;
    assertStringIncludes(explained.message, error.message);
    assertEquals([explained.kind, typeof explained.hint], ["failed", "string"]);
  });
}
