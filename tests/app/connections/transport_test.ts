import { assertEquals, assertMatch } from "@std/assert";
import { transportTo } from "../../../src/app/connections/transport.ts";
import { boundedFetch, TransportFailure } from "../../../src/core/http/bounded_fetch.ts";
import { connectWebSocket } from "../../../src/target/plex/notifications/websocket.ts";
import { certificate, type CertificateOptions } from "../../certificates.ts";
import { serve } from "../../target/plex/stub_server.ts";
import { serveSocket } from "../../target/plex/websocket_server.ts";
import { tlsFront } from "../../tls_front.ts";

const portOf = (url: string) => Number(new URL(url).port);

/** What a request comes to: what was answered, or what is wrong with the connection. */
async function ask(url: string, pem: string | null): Promise<string> {
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

type Trusted = "nothing" | "its authority" | "itself" | "another";

const CERTIFICATES: readonly (CertificateOptions & {
  what: string;
  issued?: boolean;
  trusted: Trusted;
  want: string;
})[] = [
  {
    what: "of an authority that ca_file names",
    issued: true,
    trusted: "its authority",
    want: "ok",
  },
  { what: "that ca_file names", trusted: "itself", want: "ok" },
  {
    what: "that ca_file names, an authority too",
    isAuthority: true,
    trusted: "itself",
    want: "ok",
  },
  { what: "of its own", trusted: "nothing", want: "untrusted" },
  {
    what: "of its own, an authority too",
    isAuthority: true,
    trusted: "nothing",
    want: "untrusted",
  },
  { what: "of another authority", issued: true, trusted: "another", want: "untrusted" },
  { what: "for another name", names: ["nas"], trusted: "itself", want: "wrong name" },
  { what: "for no name", names: [], trusted: "itself", want: "wrong name" },
  {
    what: "of last year",
    issued: true,
    isExpired: true,
    trusted: "its authority",
    want: "certificate out of date",
  },
];

for (const { what, issued, trusted, want, ...options } of CERTIFICATES) {
  Deno.test(`over TLS, a server with a certificate ${what}: ${want}`, async () => {
    const authority = await certificate({ isAuthority: true, names: [] });
    const own = await certificate(issued ? { ...options, by: authority } : options);
    const pems: Readonly<Record<Trusted, string | null>> = {
      "nothing": null,
      "its authority": authority.cert,
      "itself": own.cert,
      "another": (await certificate({ isAuthority: true })).cert,
    };
    await using server = serve(({ body }) => {
      assertEquals(new TextDecoder().decode(body), "question");
      return new Response("ok");
    });
    await using front = tlsFront(own, portOf(server.url));
    assertEquals(await ask(front.url, pems[trusted]), want);
    assertEquals(server.seen.length, want === "ok" ? 1 : 0);
  });
}

Deno.test("plain HTTP to a port with TLS, and the reverse, are told apart", async () => {
  await using server = serve(() => new Response("ok"));
  await using front = tlsFront(await certificate(), portOf(server.url));
  assertEquals(await ask(front.url.replace("https", "http"), null), "TLS there");
  assertEquals(await ask(server.url.replace("http", "https"), null), "no TLS there");
});

Deno.test("the WebSocket trusts what ca_file names, and nothing else that is self-made", async () => {
  const own = await certificate({ isAuthority: true });
  await using server = await serveSocket((socket) => socket.end());
  await using front = tlsFront(own, portOf(server.url));
  for (const pem of [own.cert, null]) {
    const caFile = pem === null ? null : { path: "/ca.pem", pem };
    let opened = false;
    const stop = new AbortController();
    const { ended } = connectWebSocket({
      base: front.url,
      headers: {},
      ...transportTo(front.url, { caFile }, stop.signal),
      signal: new AbortController().signal,
      onOpen: () => opened = true,
      onHeard() {},
      onMessage() {},
    });
    assertEquals((await ended).kind, pem === null ? "failed" : "lost");
    assertEquals(opened, pem !== null);
    stop.abort();
  }
});

const PROXIES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY"];

/** Names a proxy in this process's environment while `use` runs; it answers all with 502. */
async function withProxy(use: (asked: () => number) => Promise<void>): Promise<void> {
  await using proxy = serve(() => new Response("proxy", { status: 502 }));
  const before = PROXIES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of PROXIES) Deno.env.delete(name);
  Deno.env.set("HTTP_PROXY", proxy.url);
  try {
    await use(() => proxy.seen.length);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("no proxy of the environment hears of a server on this machine", async () => {
  await withProxy(async (asked) => {
    await using server = serve(() => new Response("straight"));
    assertEquals(await ask(server.url, null), "straight");
    assertEquals(asked(), 0);
  });
});

Deno.test("a server elsewhere is asked through the proxy of the environment", async () => {
  await withProxy(async (asked) => {
    assertMatch(await ask("http://plex.example:32400/", null), /proxy/);
    assertEquals(asked(), 1);
    assertEquals(transportTo("http://plex.example", { caFile: null }).proxy, "HTTP_PROXY");
  });
});
