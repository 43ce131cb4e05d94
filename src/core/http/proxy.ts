import { bareHost } from "./listen_address.ts";
import { isPrivateHost } from "./private_host.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The variables by which `fetch` finds a proxy. */
export const PROXY_VARIABLES = ["http_proxy", "https_proxy", "all_proxy"]
  .flatMap((name) => [name, name.toUpperCase()]);

/**
 * The variable that names the proxy for an address, such as `HTTPS_PROXY`; null when requests go
 * straight there. Private names and addresses never go to one, whatever the variables say.
 * @param url http or https
 * @param env Of the process, which is where `fetch` looks as well
 */
export function proxyFor(url: string, env: Variables): string | null {
  const { protocol, hostname } = new URL(url);
  if (isPrivateHost(hostname) || isExcluded(hostname, env.no_proxy ?? env.NO_PROXY ?? "")) {
    return null;
  }
  const names = protocol === "https:"
    ? ["https_proxy", "HTTPS_PROXY"]
    : ["http_proxy", "HTTP_PROXY"];
  return [...names, "all_proxy", "ALL_PROXY"].find((name) => Boolean(env[name])) ?? null;
}

/** Whether `NO_PROXY` names the host, or a domain that it is in. */
function isExcluded(hostname: string, list: string): boolean {
  const host = bareHost(hostname);
  return list.toLowerCase().split(",").map((entry) => entry.trim().replace(/^\*?\./, ""))
    .some((entry) =>
      entry === "*" || (entry !== "" && (host === entry || host.endsWith(`.${entry}`)))
    );
}
