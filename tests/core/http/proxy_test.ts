import { assertEquals } from "@std/assert";
import { isPrivateHost } from "../../../src/core/http/private_host.ts";
import { proxyFor } from "../../../src/core/http/proxy.ts";

const PRIVATE = [
  "localhost",
  "127.0.0.1",
  "127.8.8.8",
  "[::1]",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.1",
  "192.168.1.5",
  "169.254.1.1",
  "100.100.2.3",
  "[fd00::5]",
  "[fe80::1]",
  "[::ffff:192.168.1.5]",
  "nas",
  "PLEX",
  "nas.local",
  "nas.lan.",
  "box.home.arpa",
  "192-168-1-5.0123456789abcdef.plex.direct",
];

const PUBLIC = [
  "8.8.8.8",
  "172.32.0.1",
  "100.128.0.1",
  "192.169.0.1",
  "[2001:db8::1]",
  "plex.example.org",
  "local.example",
  "8-8-8-8.0123456789abcdef.plex.direct",
  "localhost.example",
];

for (const [hosts, want] of [[PRIVATE, true], [PUBLIC, false]] as const) {
  for (const host of hosts) {
    Deno.test(`isPrivateHost() is ${want} for ${host}`, () => {
      // As the host comes out of a URL: `::ffff:192.168.1.5` is written in another way there.
      assertEquals(isPrivateHost(new URL(`http://${host}/`).hostname), want);
    });
  }
}

const CASES = [
  { url: "https://a.example", env: { HTTPS_PROXY: "http://p" }, want: "HTTPS_PROXY" },
  { url: "https://a.example", env: { https_proxy: "http://p" }, want: "https_proxy" },
  { url: "https://a.example", env: { HTTP_PROXY: "http://p" }, want: null },
  { url: "http://a.example", env: { HTTP_PROXY: "http://p" }, want: "HTTP_PROXY" },
  { url: "http://a.example", env: { ALL_PROXY: "socks5://p" }, want: "ALL_PROXY" },
  { url: "http://a.example", env: { HTTP_PROXY: "" }, want: null },
  { url: "http://a.example", env: {}, want: null },
  { url: "http://192.168.1.5", env: { HTTP_PROXY: "http://p" }, want: null },
  { url: "http://a.example", env: { HTTP_PROXY: "http://p", NO_PROXY: "b, .Example" }, want: null },
  { url: "http://a.example", env: { HTTP_PROXY: "http://p", no_proxy: "*" }, want: null },
  { url: "http://a.example", env: { HTTP_PROXY: "p", NO_PROXY: "xa.example" }, want: "HTTP_PROXY" },
];

for (const { url, env, want } of CASES) {
  Deno.test(`proxyFor() of ${url} with ${JSON.stringify(env)} is ${want}`, () => {
    assertEquals(proxyFor(url, env), want);
  });
}
