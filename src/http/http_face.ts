import type { Installation } from "../app/installation.ts";
import type { PluginDocuments } from "../app/plugin_documents.ts";
import { aborted } from "../core/aborted.ts";
import type { DaemonService, RunningDaemon } from "../daemon/daemon.ts";
import { HttpServer } from "./http_server.ts";

/**
 * The HTTP listener as a part of the daemon; it listens from now on.
 * @param listen `host:port`
 * @throws {UserError} it cannot listen there
 */
export function listen(
  listen: string,
  installation: Installation,
  worker: RunningDaemon["worker"],
  documents: PluginDocuments,
): DaemonService {
  const log = installation.log.child("Http");
  const server = new HttpServer({ ...installation, worker, documents, log }, listen);
  return {
    name: "HTTP listener",
    async run(stop) {
      await aborted(stop);
      await Promise.all([server.close(), documents.end()]);
    },
  };
}
