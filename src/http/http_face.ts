import type { Installation } from "../app/installation.ts";
import type { PluginDocuments } from "../app/plugin_documents.ts";
import { aborted } from "../core/aborted.ts";
import type { RunningDaemon } from "../daemon/parts.ts";
import type { Service } from "../daemon/service.ts";
import { HttpServer } from "./http_server.ts";

/**
 * The HTTP listener as a service of the daemon, which ends when it cannot listen.
 * @param listen `host:port`
 */
export function listen(
  listen: string,
  installation: Installation,
  worker: RunningDaemon["worker"],
  documents: PluginDocuments,
): Service<never> {
  return {
    name: "HTTP listener",
    async run(stop) {
      const log = installation.log.child("Http");
      const server = await HttpServer.open({ ...installation, worker, documents, log }, listen);
      await aborted(stop);
      await Promise.all([server.close(), documents.end()]);
    },
  };
}
