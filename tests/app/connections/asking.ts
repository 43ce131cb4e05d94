/** A request by the transport that plexsync has to a server; run by itself, it tells what came of it. */
import { transportTo } from "../../../src/app/connections/transport.ts";
import { boundedFetch, TransportFailure } from "../../../src/core/http/bounded_fetch.ts";

/** What a request comes to: what was answered, or what is wrong with the connection. */
export async function ask(url: string, pem: string | null): Promise<string> {
  const stop = new AbortController();
  const caFile = pem === null ? null : { path: "/ca.pem", pem };
  try {
    const { body } = await boundedFetch(transportTo(url, { caFile }, stop.signal).fetch, {
      url,
      method: "POST",
      headers: {},
      body: "question",
      headersTimeoutMs: 10_000,
      silenceTimeoutMs: 10_000,
      maxBytes: 1_000,
    });
    return new TextDecoder().decode(body);
  } catch (thrown) {
    if (!(thrown instanceof TransportFailure)) throw thrown;
    return thrown.trouble ?? thrown.message;
  } finally {
    stop.abort();
  }
}

if (import.meta.main) {
  const [url] = Deno.args;
  const { proxy } = transportTo(url!, { caFile: null });
  console.log(JSON.stringify({ answer: await ask(url!, null), proxy }));
}
