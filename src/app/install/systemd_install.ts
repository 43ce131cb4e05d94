import { join } from "node:path";
import { ENTRIES } from "../../config/schema.ts";
import { writeAtomic } from "../data/atomic_file.ts";
import { isFile } from "../data/file_kind.ts";
import { isOwnFile } from "../data/owned_file.ts";
import { UNIT_MARK, type UnitOptions, unitText } from "./systemd_unit.ts";

const UNIT = "plexsync.service";
const HINT = "Remove it by hand if it is not wanted any more, or name another --unit-dir";

/** Where the units are that a person, and no package, put there. */
export function unitFolder(
  scope: UnitOptions["scope"],
  { XDG_CONFIG_HOME, HOME }: Readonly<Record<string, string | undefined>>,
): string {
  return scope === "system"
    ? "/etc/systemd/system"
    : join(XDG_CONFIG_HOME || join(HOME ?? "/", ".config"), "systemd", "user");
}

/** The files beside the config file that are named like a secret setting, by its key. */
export function secretFiles(configFolder: string): Map<string, string> {
  const paths = ENTRIES.filter(({ secret }) => secret)
    .map(({ key }) => [key, join(configFolder, key)] as const);
  return new Map(paths.filter(([, path]) => isFile(path)));
}

/**
 * Writes the unit.
 * @returns its path, and whether there was one before
 * @throws {UserError} there is one that is not ours
 */
export function installUnit(
  folder: string,
  options: UnitOptions,
): { path: string; updated: boolean } {
  const path = join(folder, UNIT);
  const updated = isOwnFile(path, UNIT_MARK, HINT);
  Deno.mkdirSync(folder, { recursive: true });
  writeAtomic(path, unitText(options));
  // There is no secret in it, and systemd complains of a unit that others cannot read.
  Deno.chmodSync(path, 0o644);
  return { path, updated };
}

/**
 * Removes the unit, and the links that start it.
 * @throws {UserError} the file is not ours
 */
export function removeUnit(folder: string): { path: string; removed: boolean } {
  const path = join(folder, UNIT);
  const removed = isOwnFile(path, UNIT_MARK, HINT);
  if (removed) {
    Deno.removeSync(path);
    for (const target of ["multi-user.target", "default.target"]) {
      removeLink(join(folder, `${target}.wants`, UNIT));
    }
  }
  return { path, removed };
}

function removeLink(path: string): void {
  try {
    if (Deno.lstatSync(path).isSymlink) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
