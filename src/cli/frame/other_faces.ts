import type { Installation, Settings, Surroundings } from "../../app/installation.ts";
import type { PluginDocuments } from "../../app/queue/plugin_documents.ts";
import type { Flavour } from "../../app/install/plugin_install.ts";
import type { RunCommand } from "../../app/connections/service_socket.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { DaemonParts, RunningDaemon } from "../../daemon/parts.ts";
import type { Service } from "../../daemon/service.ts";

/**
 * What the other faces do within a command. `main.ts` hands them in, so that no face imports
 * another; each is loaded when it is called, since a short-lived command must start fast.
 */
export interface OtherFaces {
  plugin(): Promise<PluginFace>;
  http(): Promise<HttpFace>;
}

export interface PluginFace {
  /**
   * Takes the hook or runs the task that the document on stdin asks for, and answers on stdout.
   * @param exitCodeOf What the process ends with after an error
   */
  answerStash(around: Surroundings, exitCodeOf: (thrown: unknown) => number): Promise<number>;
  /** The manifest by which Stash calls plexsync. */
  manifestOf(flavour: Flavour): string;
  /** What takes Stash's documents within the daemon. */
  documentsOf(settings: Settings, installation: Installation): PluginDocuments;
}

export interface HttpFace {
  /**
   * Listens nowhere yet.
   * @param runCommand Carries out the commands that come by the service's socket
   * @param ending Aborted when the process is to end, and not only to start anew
   */
  openListening(
    runtime: Pick<Runtime, "sleep">,
    runCommand: RunCommand,
    ending: AbortSignal,
  ): Listening;
}

/** What a process listens on, over all the daemons that it runs. */
export interface Listening {
  /**
   * The HTTP listener as a service of a daemon, which ends when it cannot listen on its address
   * (`host:port`). What is not named is closed.
   */
  service(
    doors: { listen: string | null; socket: string | null },
    installation:
      & Installation
      & Pick<Settings, "loaded" | "recent">
      & Pick<DaemonParts, "settingsWatch">,
    worker: RunningDaemon["worker"],
    documents: PluginDocuments,
  ): Service<never>;
  /** When the last daemon has ended; never rejects. */
  close(): Promise<void>;
}
