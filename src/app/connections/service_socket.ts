import type { Environment } from "../../config/environment.ts";
import { fileIn } from "../../core/text/file_path.ts";

// The service runs as a user of its own, with secrets that nobody else can read. A command beside
// it is therefore carried out by the service itself, for whoever may write to its socket.

/** The socket's name in the service's runtime directory. */
const NAME = "plexsync.sock";
/** A path of a Unix socket is no longer than this with its end. */
const MAX_PATH = 107;

/**
 * Where the daemon listens for commands: in the directory that systemd made for it, which goes with
 * the service.
 * @returns null where there is none, or its path is too long for a socket
 */
export function ownSocketPath({ RUNTIME_DIRECTORY }: Environment): string | null {
  const folder = RUNTIME_DIRECTORY?.split(":")[0] || null;
  if (folder === null || Deno.build.os === "windows") return null;
  const path = fileIn(folder, NAME);
  return path.length > MAX_PATH ? null : path;
}

/** Where a service's socket may be: the machine's first. */
function usualPaths({ XDG_RUNTIME_DIR }: Environment): string[] {
  const folders = ["/run", XDG_RUNTIME_DIR || null].filter((each) => each !== null);
  return folders.map((folder) => fileIn(folder, `plexsync/${NAME}`));
}

/** What decides whether a command is the service's to carry out. */
export interface Beside {
  env: Environment;
  /** The caller named a place or a setting: it means an installation of its own. */
  isPlaced: boolean;
  /** The caller's own data directory has a config file. */
  hasConfig: boolean;
  /** A service of the machine is installed, running or not. */
  hasUnit: boolean;
  /** Whether there is a socket at a path that may be looked at. */
  isSocket(path: string): boolean;
}

/**
 * The socket to ask: the one that `$PLEXSYNC_SOCKET` names; else, for a caller who has no settings
 * of its own, that of the service, where there is one. A service that is stopped has none, but is
 * to be asked all the same: what a command did by itself would go into a data directory that
 * nobody looks into.
 * @returns null: the command works by itself
 */
export function socketToAsk(
  { env, isPlaced, hasConfig, hasUnit, isSocket }: Beside,
): string | null {
  if (env.PLEXSYNC_SOCKET) return env.PLEXSYNC_SOCKET;
  if (isPlaced || hasConfig || Object.entries(env).some(isSetting)) return null;
  const usual = usualPaths(env);
  return usual.find(isSocket) ?? (hasUnit ? usual[0]! : null);
}

function isSetting([name, value]: [string, string | undefined]): boolean {
  return name.startsWith("PLEXSYNC_") && value !== undefined && value !== "";
}

/** A command as it is sent to the service. */
export interface CommandCall {
  /** The command's name first, then its words and flags. */
  args: string[];
  terminal: {
    /** Whether a person can answer, looks at stdout, looks at stderr. */
    stdin: boolean;
    stdout: boolean;
    stderr: boolean;
    columns: number | null;
  };
  /** What of the caller's environment changes what is printed. */
  env: { NO_COLOR?: string; TERM?: string };
}

/** One line of the answer. The last one is `exit`, or `ask`. */
export type CommandFrame =
  | { out: string }
  | { err: string }
  /** The exit code. */
  | { exit: number }
  /** A question was printed; on yes the command is to be sent again with this flag. */
  | { ask: string };

/** Carries a command out; never rejects. */
export type RunCommand = (
  call: CommandCall,
  tell: (frame: CommandFrame) => void,
  /** Aborted when nobody waits for the answer any more. */
  gone: AbortSignal,
) => Promise<void>;

/** Where the service takes commands, on its socket alone. */
export const COMMAND_PATH = "/api/command";
