import { resolveDataDir } from "../config/data_dir.ts";
import { DAY_MS } from "../core/duration.ts";
import type { HookAction } from "../core/hook.ts";
import { NO_DAEMON_SAID_AT } from "../core/meta_keys.ts";
import { filesOf, openDatabaseFile } from "../app/data_files.ts";
import { lockHolder } from "../app/lock.ts";
import { takeHook } from "../intake/hook.ts";
import { LEVELS } from "../log/levels.ts";
import { formatLine } from "../log/line.ts";
import { Fanouts } from "../store/fanouts.ts";
import { Jobs } from "../store/jobs.ts";
import { Meta } from "../store/meta.ts";
import type { World } from "../app/world.ts";

/**
 * Keeps what a hook asks for. Asks neither Stash nor Plex, and reads no settings but where the
 * data is.
 * @param dataDir Value of `--data-dir`
 */
export async function keep(
  action: HookAction,
  dataDir: string | undefined,
  world: World,
): Promise<void> {
  const { env, runtime } = world;
  const files = filesOf(resolveDataDir(dataDir, env).path);
  const database = await openDatabaseFile(files, runtime, env.DENO_SQLITE_PATH);
  try {
    const now = runtime.now();
    const jobs = new Jobs(database);
    takeHook(action, { database, jobs, fanouts: new Fanouts(database, jobs) }, now);
    if (lockHolder(files.lock) === null && mayComplain(new Meta(database), now)) {
      complain(files.folder, world, now);
    }
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

/** Without the logger, whose settings a hook does not read. */
function complain(folder: string, { stderr }: World, at: number): void {
  const line = formatLine({
    at,
    level: LEVELS.warning,
    component: "Hook",
    message: `No daemon works on ${folder}: changes are queued until one does`,
    fields: {
      hint: "Start it with plexsync run on the same data directory, or run the task Process queue",
    },
  }, { target: "stash", format: "text", colour: false });
  stderr(new TextEncoder().encode(line));
}
