import { resolveDataDir } from "../../config/data_dir.ts";
import { DAY_MS } from "../../core/time/duration.ts";
import type { HookAction } from "../../core/jobs/hook.ts";
import { NO_DAEMON_SAID_AT } from "../../core/meta_keys.ts";
import { takeHook } from "../../intake/hook_queueing.ts";
import { Fanouts } from "../../store/queue/fanouts.ts";
import { Jobs } from "../../store/queue/jobs.ts";
import { Meta } from "../../store/meta.ts";
import { namedLibrary } from "../../store/database/native_library.ts";
import { filesOf, openDatabaseFile } from "../data/data_files.ts";
import { lockHolder } from "../data/lock.ts";
import { keptKeys } from "../targets.ts";
import type { World } from "../world.ts";

/**
 * Keeps what a hook asks for. Asks neither Stash nor Plex, and reads no settings but where the
 * data is: whoever saves in Stash waits for it.
 * @param dataDir Value of `--data-dir`
 * @returns the data directory when it is time to say that no daemon works on it, else null
 */
export async function keepHook(
  action: HookAction,
  dataDir: string | undefined,
  { env, runtime }: Pick<World, "env" | "runtime">,
): Promise<string | null> {
  const files = filesOf(resolveDataDir(dataDir, env).path);
  // Not the embedded library: to load it takes three times what the rest of a hook does.
  const database = await openDatabaseFile(files, runtime, namedLibrary(env));
  try {
    const now = runtime.now();
    const meta = new Meta(database);
    const jobs = new Jobs(database, keptKeys(meta));
    takeHook(action, { database, jobs, fanouts: new Fanouts(database, jobs) }, now);
    const alone = lockHolder(files.lock) === null;
    return alone && mayComplain(meta, now) ? files.folder : null;
  } finally {
    database.close();
  }
}

/** Once a day at most: Stash shows the last 30 lines only, and a bulk edit runs 1,000 hooks. */
function mayComplain(meta: Meta, now: number): boolean {
  const said = meta.get(NO_DAEMON_SAID_AT);
  if (said !== undefined && Math.abs(now - said) < DAY_MS) return false;
  meta.set(NO_DAEMON_SAID_AT, now);
  return true;
}
