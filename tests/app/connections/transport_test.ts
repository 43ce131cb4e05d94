import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { transportTo } from "../../../src/app/connections/transport.ts";
import { connectWebSocket } from "../../../src/target/plex/notifications/websocket.ts";
import { certificate, type CertificateOptions } from "../../certificates.ts";
import { serve } from "../../target/plex/stub_server.ts";
import { serveSocket } from "../../target/plex/websocket_server.ts";
import { runProgram, sourceCommand } from "../../program.ts";
import { tlsFront } from "../../tls_front.ts";
import { ask } from "./asking.ts";

const portOf = (url: string) => Number(new URL(url).port);

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

/** Asks from a process in whose environment a proxy is named; it answers all with 502. */
async function askBesideProxy(url: string): Promise<Record<string, unknown>> {
  await using proxy = serve(() => new Response("proxy", { status: 502 }));
  const env = { HTTP_PROXY: proxy.url };
  const command = sourceCommand(join(import.meta.dirname!, "asking.ts"));
  // Not in this process: all tests that run at this moment would see the proxy.
  const { stdout, stderr } = await runProgram([url], { env }, command);
  assertEquals(stderr, "");
  return { ...JSON.parse(stdout), asked: proxy.seen.length };
}

Deno.test("no proxy of the environment hears of a server on this machine", async () => {
  await using server = serve(() => new Response("straight"));
  const came = await askBesideProxy(server.url);
  assertEquals(came, { answer: "straight", proxy: null, asked: 0 });
});

Deno.test("a server elsewhere is asked through the proxy of the environment", async () => {
  const { answer, ...others } = await askBesideProxy("http://plex.example:32400/");
  assertMatch(String(answer), /proxy/);
  assertEquals(others, { proxy: "HTTP_PROXY", asked: 1 });
});
