import type { PluginDocuments } from "../app/queue/plugin_documents.ts";
import type { RunCommand } from "../app/connections/service_socket.ts";
import { aborted } from "../core/aborted.ts";
import type { RunningDaemon } from "../daemon/parts.ts";
import type { Service } from "../daemon/service.ts";
import type { HttpApiParts, ListenerInstallation } from "./http_api.ts";
import { HttpServer } from "./http_server.ts";

/** Where the daemon listens; at least one of the two. */
export interface Doors {
  /** `host:port` */
  listen: string | null;
  /** The service's own socket. */
  socket: { path: string; runCommand: RunCommand } | null;
}

/**
 * The HTTP listener as a service of the daemon, which ends when it cannot listen on its address.
 * Without its socket it works on: only commands beside it go without.
 */
export function listen(
  { listen, socket }: Doors,
  installation: ListenerInstallation,
  worker: RunningDaemon["worker"],
  documents: PluginDocuments,
): Service<never> {
  return {
    name: "HTTP listener",
    async run(stop) {
      const log = installation.log.child("Http");
      const parts = { ...installation, worker, documents, log };
      const servers = [
        listen === null ? null : await HttpServer.open(parts, listen),
        socket === null ? null : await openSocket(parts, socket),
      ];
      await aborted(stop);
      await Promise.all([...servers.map((server) => server?.close()), documents.end()]);
    },
  };
}

async function openSocket(
  parts: HttpApiParts,
  { path, runCommand }: NonNullable<Doors["socket"]>,
): Promise<HttpServer | null> {
  try {
    return await HttpServer.openSocket(parts, path, runCommand);
  } catch (error) {
    parts.log.warning(`No commands are taken on ${path}: ${(error as Error).message}`, {
      event: "socket_failed",
      hint: "Commands beside the service need its data directory and secrets then",
    });
    return null;
  }
}
