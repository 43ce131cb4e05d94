import { openRead, type Settings, type Surroundings } from "../../app/installation.ts";
import type { ReadSettings } from "../../app/settings/read_settings.ts";
import { rereadSettings } from "../../app/settings/reread_settings.ts";
import { UserError } from "../../core/failures/errors.ts";
import { SettingsWatch } from "../../daemon/settings_watch.ts";

/** A daemon that fails so soon after it took new settings fails for them: a port that is taken. */
const TRIAL_MS = 60_000;

/** The settings of one process over the daemons that it runs, one after the other. */
export class SettingsRenewal {
  #watch: SettingsWatch | null = null;
  /** What the next daemon is to work by. */
  #next: { read: ReadSettings; unread: Settings["unread"] } | null = null;
  /** What was in force before, while those now in force are on trial. */
  #before: Settings | null = null;
  #since = 0;

  constructor(private readonly around: Surroundings) {}

  /** A person wants the settings to be read now. */
  ask(): void {
    this.#watch?.ask();
  }

  /** Opens the settings that were read last; null when there are none, or they are in use. */
  open(): Settings | null {
    const next = this.#next;
    this.#next = null;
    return next === null ? null : { ...openRead(next.read, this.around), unread: next.unread };
  }

  /** What reads them again while a daemon works by `settings`. */
  watch(settings: Settings): SettingsWatch {
    const { log, runtime } = settings;
    this.#since = runtime.now();
    this.#watch = new SettingsWatch({
      reread: async (askStash, stop) => {
        const found = await rereadSettings(this.around, settings, askStash, stop);
        if (found.kind === "changed") {
          this.#before = settings;
          this.#next = found;
        }
        return found;
      },
      log: log.child("Settings"),
      runtime,
    });
    return this.#watch;
  }

  /** @returns whether what was in force before is to be used again, as what is now cannot be */
  goBack(thrown: unknown, { log, runtime }: Settings): boolean {
    const before = this.#before;
    const isOnTrial = Math.abs(runtime.now() - this.#since) < TRIAL_MS;
    if (!(thrown instanceof UserError) || before === null || !isOnTrial) return false;
    this.#before = null;
    this.#next = { read: before, unread: before.unread };
    log.error(`The new settings cannot be used, those before stay: ${thrown.message}`, {
      event: "settings_broken",
      hint: thrown.hint,
    });
    return true;
  }
}
