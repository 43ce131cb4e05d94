import type { IncomingMessage } from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { Fetch } from "../../core/http/bounded_fetch.ts";

/** Answers of these have no body, and `Response` takes none for them. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];

/**
 * Requests over TLS to a server whose own certificate is known. Deno's `fetch` trusts none that
 * calls itself an authority, which self-made ones do. Follows no redirect, unpacks nothing, and
 * goes to no proxy.
 * @param ca Certificates in PEM that are trusted, and no others
 * @param signal Ends all connections
 */
export function directFetch(ca: string, signal?: AbortSignal): Fetch {
  const agent = new https.Agent({ keepAlive: true, ca });
  signal?.addEventListener("abort", () => agent.destroy());
  return (url, { method = "GET", headers, body, signal }) => {
    const bytes = bytesOf(body);
    const length = method === "GET" ? {} : { "Content-Length": String(bytes.length) };
    return new Promise((resolve, reject) => {
      const request = https.request(url, {
        method,
        headers: { ...Object.fromEntries(new Headers(headers)), ...length },
        agent,
        signal: signal ?? undefined,
      });
      request.on("error", reject);
      request.on("response", (message) => {
        try {
          resolve(responseOf(message));
        } catch (thrown) {
          // A status that `Response` does not know.
          message.destroy();
          reject(thrown);
        }
      });
      request.end(bytes);
    });
  };
}

/** The bodies that the clients send are text or bytes. */
function bytesOf(body: BodyInit | null | undefined): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : "");
}

function responseOf(message: IncomingMessage): Response {
  const status = message.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  if (WITHOUT_BODY.includes(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  const body = Readable.toWeb(message) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(body, { status, headers });
}
