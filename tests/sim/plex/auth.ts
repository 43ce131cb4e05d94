/** Who may ask: token, network, host name. */
import type { IncomingHttpHeaders } from "node:http";
import type { Query } from "./query.ts";
import type { World } from "./world.ts";

export type Access = "owner" | "reader" | "refused";

export function accessOf(world: World, headers: IncomingHttpHeaders, query: Query): Access {
  const knownHost = isKnownHost(headers.host ?? "");
  if (!knownHost && world.switches.unknownHost === "refuse") return "refused";
  const header = headers["x-plex-token"];
  const token = typeof header === "string"
    ? header
    : query.params.find((p) => p.key.toLowerCase() === "x-plex-token")?.value;
  if (token === world.ownerToken) return "owner";
  if (token !== undefined && token === world.nonOwnerToken) return "reader";
  // An unknown host name makes the client look remote, which ends this exemption.
  const near = knownHost || world.switches.unknownHost === "accept";
  return world.switches.allowedNetworks && near ? "owner" : "refused";
}

/** IP addresses, localhost and the server's own plex.direct names. */
function isKnownHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return name === "" || name === "localhost" || name.endsWith(".plex.direct") ||
    name.startsWith("[") || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
}
