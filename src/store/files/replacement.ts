import { UserError } from "../../core/failures/errors.ts";
import { removeIfThere } from "../database/remove_if_there.ts";
import { flush } from "./flush.ts";
import type { FileCheck } from "./integrity.ts";
import { MIGRATIONS } from "../database/migrations.ts";

// How another file takes the place of the database. It is complete under a name of its own before
// anything is moved, and whoever starts next ends what was cut off: a kill at any point leaves the
// old database or the new one.

/** Where the new file is made. */
export function replacementOf(database: string): string {
  return `${database}.replacement`;
}

/** SQLite's files beside a database go wherever it goes: they would be taken for the new one's. */
export const ENDINGS = ["-wal", "-shm", ""] as const;

/**
 * Moves the database out of the way.
 * @returns its new name, `plexsync.db.<why>-<now>`; null when there was none
 */
export function setAside(
  database: string,
  why: "damaged" | "replaced",
  now: number,
): string | null {
  const aside = `${database}.${why}-${now}`;
  let found = false;
  for (const ending of ENDINGS) {
    try {
      Deno.renameSync(database + ending, aside + ending);
      found = true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found ? aside : null;
}

/** A copy that is readable by its owner alone, and on the disk. */
export function copyPrivate(from: string, to: string): void {
  removeIfThere(to);
  Deno.copyFileSync(from, to);
  if (Deno.build.os !== "windows") Deno.chmodSync(to, 0o600);
  flush(to);
}

/** True for a file that is not there or holds nothing: SQLite makes a new database of both. */
export function isEmpty(path: string): boolean {
  try {
    const found = Deno.statSync(path);
    if (found.isDirectory) throw new UserError(`${path} is a folder; it must be the database`);
    return found.size === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}

/** Why a file cannot take the database's place; null when it can. */
export function unfitness(check: FileCheck): string | null {
  if (check.kind !== "whole") return check.reason;
  if (check.schema === 0) return "it is empty";
  return check.schema > MIGRATIONS.length ? "a newer plexsync made it" : null;
}
