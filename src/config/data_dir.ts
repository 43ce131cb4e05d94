import { UserError } from "../core/failures/errors.ts";
import type { Environment } from "./environment.ts";

/** The folder that holds the database, `stats.json`, the lock and log files. */
export interface DataDir {
  path: string;
  /** What decided it, such as `--data-dir` or `$STATE_DIRECTORY`. */
  from: string;
}

/**
 * `--data-dir`, else `$STATE_DIRECTORY` (systemd), else `$PLEXSYNC_DATA_DIR`,
 * else `$XDG_DATA_HOME/plexsync`, else `~/.local/share/plexsync` (on Windows
 * `%LOCALAPPDATA%\plexsync`). Empty variables count as not set.
 * @param flag Value of `--data-dir`
 * @throws {UserError} usage: nothing says where
 */
export function resolveDataDir(flag: string | undefined, env: Environment): DataDir {
  if (flag !== undefined && flag !== "") return { path: flag, from: "--data-dir" };
  // systemd joins several with ":"; ours is the first. A Windows path has ":" of its own.
  const state = env.STATE_DIRECTORY?.startsWith("/")
    ? env.STATE_DIRECTORY.split(":", 1)[0]
    : env.STATE_DIRECTORY;
  if (state) return { path: state, from: "$STATE_DIRECTORY" };
  if (env.PLEXSYNC_DATA_DIR) return { path: env.PLEXSYNC_DATA_DIR, from: "$PLEXSYNC_DATA_DIR" };
  // The XDG specification tells programs to ignore relative paths.
  if (env.XDG_DATA_HOME?.startsWith("/")) {
    return { path: `${env.XDG_DATA_HOME.replace(/\/+$/, "")}/plexsync`, from: "$XDG_DATA_HOME" };
  }
  if (env.HOME) {
    return { path: `${env.HOME.replace(/\/+$/, "")}/.local/share/plexsync`, from: "$HOME" };
  }
  if (env.LOCALAPPDATA) return { path: `${env.LOCALAPPDATA}\\plexsync`, from: "%LOCALAPPDATA%" };
  throw new UserError(
    "Cannot tell where to keep data: neither $HOME nor any other data directory is set",
    "usage",
    "Name a folder with --data-dir or PLEXSYNC_DATA_DIR",
  );
}
