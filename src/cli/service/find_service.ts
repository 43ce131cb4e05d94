import { socketToAsk } from "../../app/connections/service_socket.ts";
import { UserError } from "../../core/failures/errors.ts";
import { isFile } from "../../app/data/file_kind.ts";
import type { World } from "../../app/world.ts";
import { resolveDataDir } from "../../config/data_dir.ts";
import { fileIn } from "../../core/text/file_path.ts";

/** Settings that change only how something is said. */
export const HARMLESS_SETTINGS: readonly string[] = ["log-level", "log-format"];

/** Where `install systemd` and a package put the machine's service. */
const UNIT_FILES = ["/etc/systemd/system", "/usr/lib/systemd/system"].map((folder) =>
  `${folder}/plexsync.service`
);

/**
 * The socket of the service that is to carry a command out; null when it works by itself.
 * @param flags What the caller named of settings and places
 */
export function findService(
  { env }: Pick<World, "env">,
  flags: Readonly<Record<string, string>>,
): string | null {
  return socketToAsk({
    env,
    isPlaced: Object.keys(flags).some((name) => !HARMLESS_SETTINGS.includes(name)),
    hasConfig: hasConfig(env),
    hasUnit: UNIT_FILES.some(isFile),
    isSocket,
  });
}

function hasConfig(env: World["env"]): boolean {
  try {
    return isFile(fileIn(resolveDataDir(undefined, env).path, "plexsync.toml"));
  } catch (error) {
    // Nowhere to keep data by itself, such as without $HOME: what needs some says so.
    if (error instanceof UserError) return false;
    throw error;
  }
}

function isSocket(path: string): boolean {
  try {
    return Deno.statSync(path).isSocket === true;
  } catch (error) {
    // It may be one: whoever asks there is told that it is not for them.
    return error instanceof Deno.errors.PermissionDenied;
  }
}
