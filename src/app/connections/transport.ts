import type { Config } from "../../config/config.ts";
import type { Fetch } from "../../core/http/bounded_fetch.ts";
import { troubleOf } from "../../core/failures/connection_trouble.ts";
import { PROXY_VARIABLES, proxyFor } from "../../core/http/proxy.ts";
import { directFetch } from "./direct_fetch.ts";

/** How requests reach a server. */
export interface Transport {
  fetch: Fetch;
  /** Certificates in PEM for whoever connects by other means; undefined for those of the system. */
  ca: string | undefined;
  /** The variable that names the proxy on the way; null when there is none. */
  proxy: string | null;
}

/**
 * The way to the server at `url`, through a proxy only where that is not in the own network.
 * @param signal Ends all connections
 */
export function transportTo(
  url: string,
  { caFile }: Pick<Config, "caFile">,
  signal?: AbortSignal,
): Transport {
  // `fetch` reads the process's own environment as well, so no other can be handed in.
  const proxy = url === "" ? null : proxyFor(url, Deno.env.toObject());
  const ca = caFile?.pem;
  const usual = usualFetch(ca, proxy === null, signal);
  if (ca === undefined || proxy !== null) return { fetch: usual, ca, proxy };
  return { fetch: trusting(usual, directFetch(ca, signal)), ca, proxy };
}

/** Deno's `fetch`, which trusts the system's authorities and those of `ca`. */
function usualFetch(
  ca: string | undefined,
  straight: boolean,
  signal: AbortSignal | undefined,
): Fetch {
  const hidden = straight ? PROXY_VARIABLES.filter((name) => Deno.env.get(name)) : [];
  if (ca === undefined && hidden.length === 0) return fetch;
  // A client has no setting for "no proxy": it looks into the environment once, while it is made.
  const before = hidden.map((name) => [name, Deno.env.get(name)!] as const);
  for (const name of hidden) Deno.env.delete(name);
  let client: Deno.HttpClient;
  try {
    client = Deno.createHttpClient(ca === undefined ? {} : { caCerts: [ca] });
  } finally {
    for (const [name, value] of before) Deno.env.set(name, value);
  }
  signal?.addEventListener("abort", () => client.close());
  return (url, init) => fetch(url, { ...init, client });
}

/** As `usual`, and as `own` where that alone trusts the certificate of a server. */
function trusting(usual: Fetch, own: Fetch): Fetch {
  const known = new Set<string>();
  return async (url, init) => {
    const { origin } = new URL(url);
    if (known.has(origin)) return await own(url, init);
    try {
      return await usual(url, init);
    } catch (thrown) {
      if (troubleOf(thrown) !== "untrusted") throw thrown;
    }
    const answer = await own(url, init);
    known.add(origin);
    return answer;
  };
}
