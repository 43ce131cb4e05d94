import type { PluginDocuments } from "../app/queue/plugin_documents.ts";
import type { RunCommand } from "../app/connections/service_socket.ts";
import { aborted } from "../core/aborted.ts";
import { readAddress } from "../core/http/listen_address.ts";
import type { Runtime } from "../core/runtime.ts";
import type { RunningDaemon } from "../daemon/parts.ts";
import type { Service } from "../daemon/service.ts";
import type { Door } from "./entrance.ts";
import type { HttpApiParts, ListenerInstallation } from "./http_api.ts";
import { GRACE_MS, HttpServer } from "./http_server.ts";
import { Reception } from "./reception.ts";

/** Where a daemon is to answer. */
export interface Doors {
  /** `host:port` */
  listen: string | null;
  /** Path of the service's own socket. */
  socket: string | null;
}

/** What a process listens on, over all the daemons that it runs. */
export class Listening {
  constructor(private readonly reception: Reception, private readonly ending: AbortSignal) {}

  /**
   * The HTTP listener as a service of the daemon, which ends when it cannot listen on its address.
   * Without its socket it works on: only commands beside it go without.
   */
  service(
    { listen, socket }: Doors,
    installation: ListenerInstallation,
    worker: RunningDaemon["worker"],
    documents: PluginDocuments,
  ): Service<never> {
    const { reception, ending } = this;
    return {
      name: "HTTP listener",
      run: async (stop) => {
        const log = installation.log.child("Http");
        const parts = { ...installation, worker, documents, log };
        const address: Door | null = listen === null
          ? null
          : { kind: "address", address: readAddress(listen) };
        const own: Door | null = socket === null ? null : { kind: "socket", path: socket };
        const servers = [
          address === null ? null : await openAddress(parts, address, reception),
          own === null ? null : await openSocket(parts, own, reception),
        ];
        await reception.keep([address, own].filter((door) => door !== null));
        await aborted(stop);
        const graceMs = ending.aborted ? 0 : GRACE_MS;
        await Promise.all([
          ...servers.map((server) => server?.close(graceMs)),
          documents.end(),
        ]);
      },
    };
  }

  /** When the last daemon has ended; never rejects. */
  async close(): Promise<void> {
    await this.reception.close();
  }
}

async function openAddress(
  parts: HttpApiParts,
  door: Door,
  reception: Reception,
): Promise<HttpServer> {
  return new HttpServer(parts, door, await reception.at(door));
}

async function openSocket(
  parts: HttpApiParts,
  door: Door & { kind: "socket" },
  reception: Reception,
): Promise<HttpServer | null> {
  const { path } = door;
  try {
    return new HttpServer(parts, door, await reception.at(door), reception.commands);
  } catch (error) {
    parts.log.warning(`No commands are taken on ${path}: ${(error as Error).message}`, {
      event: "socket_failed",
      hint: "Commands beside the service need its data directory and secrets then",
    });
    return null;
  }
}

/**
 * Listens nowhere yet.
 * @param runCommand Carries out the commands that come by the socket
 * @param ending Aborted when the process is to end, and not only to start anew
 */
export function openListening(
  runtime: Pick<Runtime, "sleep">,
  runCommand: RunCommand,
  ending: AbortSignal,
): Listening {
  return new Listening(new Reception(runtime, runCommand), ending);
}
