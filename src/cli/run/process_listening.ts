import type { Settings } from "../../app/installation.ts";
import { ownSocketPath } from "../../app/connections/service_socket.ts";
import type { DaemonParts, RunningDaemon } from "../../daemon/parts.ts";
import type { Service } from "../../daemon/service.ts";
import type { Invocation } from "../frame/command.ts";
import type { Listening } from "../frame/other_faces.ts";
import { commandRunner } from "../service/served_command.ts";

export type MakeService = (running: RunningDaemon) => Service<never>;

/** What this process listens on, over the daemons that it runs; loaded where one is to listen. */
export class ProcessListening {
  #listening: Listening | null = null;

  /** @param ending Aborted when the process is to end */
  constructor(private readonly invocation: Invocation, private readonly ending: AbortSignal) {}

  /** What makes the listener of the next daemon; null where there is none, and was none. */
  async serviceOf(
    settings: Settings & Pick<DaemonParts, "settingsWatch">,
  ): Promise<MakeService | null> {
    const { faces, world, around } = this.invocation;
    const { config: { listen } } = settings;
    const socket = ownSocketPath(world.env);
    if (listen === null && socket === null && this.#listening === null) return null;
    const [http, plugin] = await Promise.all([faces.http(), faces.plugin()]);
    const runCommand = commandRunner({ around, faces });
    const listening = this.#listening ??= http.openListening(
      world.runtime,
      runCommand,
      this.ending,
    );
    return ({ store, targets, worker }) => {
      const installation = { ...settings, store, targets };
      const documents = plugin.documentsOf(settings, installation);
      return listening.service({ listen, socket }, installation, worker, documents);
    };
  }

  /** When the last daemon has ended; never rejects. */
  async close(): Promise<void> {
    await this.#listening?.close();
  }
}
