import { assertEquals } from "@std/assert";
import {
  addressText,
  isLoopback,
  localAddress,
  readAddress,
} from "../../src/core/http/listen_address.ts";
import { isOurHost } from "../../src/core/http/listen_address.ts";
import { carriesToken, isOurOrigin } from "../../src/http/guard.ts";

const TOKEN = "t0k-en_of.32~characters+and/more=";

const tokens: { header: string | null; want: boolean }[] = [
  { header: `Bearer ${TOKEN}`, want: true },
  { header: `bearer  ${TOKEN} `, want: true },
  { header: null, want: false },
  { header: "", want: false },
  { header: TOKEN, want: false },
  { header: "Bearer", want: false },
  { header: "Bearer ", want: false },
  { header: `Basic ${TOKEN}`, want: false },
  { header: `Bearer ${TOKEN}x`, want: false },
  { header: `Bearer ${TOKEN.slice(0, -1)}`, want: false },
  { header: `Bearer ${TOKEN.toUpperCase()}`, want: false },
  { header: `Bearer ${TOKEN} ${TOKEN}`, want: false },
];

for (const { header, want } of tokens) {
  Deno.test(`carriesToken() says ${want} of ${header}`, () => {
    assertEquals(carriesToken(header, TOKEN), want);
  });
}

Deno.test("carriesToken() lets nobody in where there is no token", () => {
  for (const header of [null, "", "Bearer", "Bearer "]) {
    assertEquals(carriesToken(header, ""), false);
  }
});

const hosts: { listening: string; ours: string[]; others: (string | null)[] }[] = [
  {
    listening: "127.0.0.1",
    ours: [
      "127.0.0.1:9797",
      "localhost:9797",
      "LOCALHOST",
      "[::1]:9797",
      "localhost.",
      "127.0.0.1",
    ],
    others: [
      "evil.example:9797",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "nas:9797",
      "192.168.1.5:9797",
      "127.0.0.1:9797@evil.example",
      "localhost/evil",
      "",
      null,
    ],
  },
  {
    listening: "nas.example.org",
    ours: ["nas.example.org:9797", "NAS.example.org", "localhost", "192.168.1.5:9797", "plexsync"],
    others: ["evil.example", "evil.nas.example.org", "nas.example.org.evil.example", null],
  },
  {
    listening: "0.0.0.0",
    ours: ["plexsync:9797", "172.17.0.2:9797", "[fd00::1]:9797", "localhost:9797"],
    others: ["evil.example:9797", "10.evil.example", null],
  },
];

for (const { listening, ours, others } of hosts) {
  Deno.test(`isOurHost() listening on ${listening} takes its own names only`, () => {
    for (const host of ours) assertEquals(isOurHost(host, listening), true, host);
    for (const host of others) assertEquals(isOurHost(host, listening), false, String(host));
  });
}

const origins: { origin: string | null; host: string; want: boolean }[] = [
  { origin: null, host: "127.0.0.1:9797", want: true },
  { origin: "http://127.0.0.1:9797", host: "127.0.0.1:9797", want: true },
  { origin: "http://LOCALHOST:9797", host: "localhost:9797", want: true },
  { origin: "http://nas:80", host: "nas", want: true },
  { origin: "https://nas", host: "nas", want: true },
  { origin: "null", host: "127.0.0.1:9797", want: false },
  { origin: "", host: "127.0.0.1:9797", want: false },
  { origin: "http://127.0.0.1:9999", host: "127.0.0.1:9797", want: false },
  { origin: "http://localhost:9797", host: "127.0.0.1:9797", want: false },
  { origin: "https://evil.example", host: "127.0.0.1:9797", want: false },
  { origin: "http://127.0.0.1:9797.evil.example", host: "127.0.0.1:9797", want: false },
  { origin: "file://", host: "127.0.0.1:9797", want: false },
  { origin: "chrome-extension://abc", host: "127.0.0.1:9797", want: false },
];

for (const { origin, host, want } of origins) {
  Deno.test(`isOurOrigin() says ${want} of "${origin}" at ${host}`, () => {
    assertEquals(isOurOrigin(origin, host), want);
  });
}

const addresses = [
  { text: "127.0.0.1:9797", hostname: "127.0.0.1", port: 9797, loopback: true },
  { text: "[::1]:0", hostname: "::1", port: 0, loopback: true },
  { text: "localhost:80", hostname: "localhost", port: 80, loopback: true },
  { text: "127.9.8.7:1", hostname: "127.9.8.7", port: 1, loopback: true },
  { text: "0.0.0.0:9797", hostname: "0.0.0.0", port: 9797, loopback: false },
  { text: "[::]:9797", hostname: "::", port: 9797, loopback: false },
  { text: "nas.local:9797", hostname: "nas.local", port: 9797, loopback: false },
  { text: "127.0.0.1.evil.example:9797", hostname: "127.0.0.1.evil.example", port: 9797 },
];

for (const { text, hostname, port, loopback = false } of addresses) {
  Deno.test(`readAddress() reads ${text}, and it is written the same again`, () => {
    const address = readAddress(text);
    assertEquals(address, { hostname, port });
    assertEquals([addressText(address), isLoopback(hostname)], [text, loopback]);
  });
}

Deno.test("localAddress() turns all addresses into one that can be connected to", () => {
  const local = (text: string) => addressText(localAddress(readAddress(text)));
  assertEquals(
    ["0.0.0.0:1", "[::]:2", "192.168.1.5:3"].map(local),
    ["127.0.0.1:1", "[::1]:2", "192.168.1.5:3"],
  );
});
