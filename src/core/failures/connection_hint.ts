import type { BoundedAnswer } from "../http/bounded_fetch.ts";
import type { ConnectionTrouble } from "./connection_trouble.ts";

/** A server as its settings name it. */
export interface Addressed {
  /** For people. */
  name: "Plex" | "Stash";
  /** The setting that holds its address. */
  key: "plex_url" | "stash_url";
  /** What that setting holds. */
  url: string;
  /** The variable that names the proxy on the way, if there is one. */
  proxy?: string | null | undefined;
}

/** What a person can do about a connection that does not come about; undefined when it is not known. */
export function connectionHint(
  { name, key, url, proxy }: Addressed,
  trouble: ConnectionTrouble | undefined,
): string | undefined {
  switch (trouble) {
    case "untrusted":
      return `Name the authority of ${name}'s certificate, or that certificate itself, in ca_file ` +
        "(PEM); work resumes by itself";
    case "wrong name":
      return `Let ${key} have the name that the certificate is for` +
        (name === "Plex"
          ? ": use the plex.direct name, https://1-2-3-4.HASH.plex.direct:32400, with the address " +
            "of the server in front; Plex's own page has it in its requests"
          : "; work resumes by itself");
    case "certificate out of date":
      return `Renew ${name}'s certificate, and see whether the clocks of both machines are right`;
    case "no TLS there":
      return `${name} does not speak TLS there: begin ${key} with http://, or correct its port`;
    case "TLS there":
      return `Only TLS, or something else than HTTP, is spoken there: begin ${key} with https://, ` +
        "or correct its port";
    case undefined:
      return proxy ? viaProxy(proxy, url) : undefined;
  }
}

/** By these a proxy says that it does not reach the server, or does not want to. */
const OF_PROXIES: readonly number[] = [403, 407, 502, 503, 504];

/** What web servers say to plain HTTP on a port for TLS. */
const PLAIN_HTTP = /HTTP request (was sent )?to an? HTTPS (server|port)|plain HTTP request/i;

/** The same for an answer with an error status; undefined where the status says it all. */
export function statusHint(
  { status, body }: Pick<BoundedAnswer, "status" | "body">,
  server: Addressed,
): string | undefined {
  if (status === 400 && PLAIN_HTTP.test(new TextDecoder().decode(body))) {
    return connectionHint(server, "TLS there");
  }
  const { proxy, url } = server;
  return proxy && OF_PROXIES.includes(status) ? viaProxy(proxy, url) : undefined;
}

/** What may be wrong when a proxy is on the way. */
function viaProxy(proxy: string, url: string): string {
  return `Requests to it go to the proxy that ${proxy} names: see whether that lets them through, ` +
    `or add ${URL.parse(url)?.hostname ?? "its name"} to NO_PROXY`;
}
