/** The page behind a reverse proxy: below a path, with the proxy's sign-in, within a frame. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TrustedProxy } from "../../../src/config/reverse_proxy.ts";
import { ProxyTrust } from "../../../src/http/proxy_trust.ts";
import { pathBelow } from "../../../src/http/base_path.ts";
import { HttpRig, TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

const HERE: TrustedProxy = {
  addresses: ["127.0.0.1"],
  header: "Remote-User",
  hosts: ["plexsync.example.org"],
};
const ELSEWHERE: TrustedProxy = { ...HERE, addresses: ["192.0.2.0/24"] };
const PERSON = { "remote-user": "anna" };
const NAME = { host: "plexsync.example.org", origin: "https://plexsync.example.org" };
const BASE = "/apps/plexsync";
/** Sends all of its headers as they are: `fetch` would put in a `Host` of its own. */
async function ask(
  rig: HttpRig,
  path: string,
  headers: Readonly<Record<string, string>>,
  fields?: Readonly<Record<string, string>>,
): Promise<{ status: number; answer: string }> {
  const body = String(new URLSearchParams(fields));
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const all = {
    host: "localhost",
    connection: "close",
    "content-length": String(body.length),
    ...(fields === undefined ? {} : form),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const method = fields === undefined ? "GET" : "POST";
  const answer = await rig.raw(
    `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
  );
  return { status: Number(answer.split(" ")[1]), answer };
}

function csrfIn(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)![1]!;
}

const SCREENS = ["/", "/dead-letters", "/unmatched", "/scenes/7", "/queue", "/settings"];

const peers: { addresses: string[]; sent: string[]; foreign: (string | null)[] }[] = [
  {
    addresses: ["127.0.0.1"],
    sent: ["127.0.0.1", "::ffff:127.0.0.1"],
    foreign: ["127.0.0.2", "::1", "", "unknown", null],
  },
  {
    addresses: ["10.0.0.0/8", "fd00::/8", "::1"],
    sent: ["10.255.1.2", "::ffff:10.1.2.3", "fd12::1", "::1", "0:0:0:0:0:0:0:1"],
    foreign: ["11.0.0.1", "fe80::1", "::2", "::ffff:11.0.0.1"],
  },
  { addresses: ["192.0.2.0/31"], sent: ["192.0.2.1"], foreign: ["192.0.2.2"] },
];

for (const { addresses, sent, foreign } of peers) {
  Deno.test(`a proxy at ${addresses} is known by its address alone`, () => {
    const trust = new ProxyTrust({ ...HERE, addresses });
    for (const peer of sent) assert(trust.sent({ peer }), peer);
    for (const peer of foreign) assert(!trust.sent({ peer }), String(peer));
    assert(!new ProxyTrust(null).sent({ peer: sent[0]! }));
  });
}

const paths = [
  { path: BASE, want: "/" },
  { path: `${BASE}/`, want: "/" },
  { path: `${BASE}/queue`, want: "/queue" },
  { path: `${BASE}${BASE}/queue`, want: `${BASE}/queue` },
  { path: `${BASE}//evil.example`, want: "//evil.example" },
  { path: `${BASE}evil/queue`, want: `${BASE}evil/queue` },
  { path: "/apps", want: "/apps" },
  { path: "/queue", want: "/queue" },
  { path: "", want: "" },
];

for (const { path, want } of paths) {
  Deno.test(`pathBelow() finds ${want} in ${path}`, () => {
    assertEquals(pathBelow(BASE, path), want);
    assertEquals(pathBelow("", path), path);
  });
}

Deno.test("below a path each link, form and asset, each redirect and the cookie is below it", async () => {
  await using rig = await HttpRig.open({ basePath: BASE });
  const browser = new PageBrowser(rig);
  const first = await browser.get(`${BASE}/queue?state=ready`);
  const asked = `/queue?state=ready`;
  const signIn = `${BASE}/sign-in?next=${encodeURIComponent(asked)}`;
  assertEquals([first.status, first.headers.get("location")], [303, signIn]);
  const { html: form } = await browser.get(signIn);
  assertMatch(form, new RegExp(`action="${BASE}/sign-in"`));
  const signed = await browser.post(`${BASE}/sign-in`, { token: TOKEN, next: asked });
  assertEquals(signed.headers.get("location"), BASE + asked);
  assertMatch(signed.headers.getSetCookie()[0]!, new RegExp(`; Path=${BASE}/;`));
  for (const screen of SCREENS) {
    const { status, html } = await browser.get(BASE + screen);
    assertEquals(status, 200, screen);
    const leads = [...html.matchAll(/ (?:href|src|action|formaction)="([^"#][^"]*)"/g)]
      .map(([, to]) => to!).filter((to) => !to.startsWith("data:"));
    assert(leads.length > 5, screen);
    for (const to of leads) assert(to.startsWith(`${BASE}/`), `${screen}: ${to}`);
  }
  const css = /href="([^"]+\.css)"/.exec((await browser.get(BASE)).html)![1]!;
  assertEquals((await browser.get(css)).status, 200);
  const csrf = await browser.csrf(`${BASE}/`);
  const paused = await browser.post(`${BASE}/pause`, { csrf });
  assertEquals(paused.headers.get("location"), `${BASE}/?did=paused-1`);
  assertEquals((await browser.get(`${BASE}/health/live`)).status, 200);
  const out = await browser.post(`${BASE}/sign-out`, { csrf });
  assertEquals(out.headers.get("location"), `${BASE}/sign-in`);
  assertMatch(out.headers.getSetCookie()[0]!, new RegExp(`; Path=${BASE}/`));
});

for (
  const path of [
    `${BASE}//evil.example/`,
    `${BASE}/.//evil.example/`,
    `${BASE}/%2F%2Fevil.example/`,
    `${BASE}/../..//evil.example/`,
    `${BASE}/\\evil.example/`,
    `${BASE}evil/`,
  ]
) {
  Deno.test(`what is asked for as ${path} leads to no other server`, async () => {
    await using rig = await HttpRig.open({ basePath: BASE });
    const answer = await rig.raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const to = /^location: (.*)$/im.exec(answer)?.[1];
    assert(to !== undefined, answer);
    const url = new URL(to, "http://page");
    assertEquals([url.origin, url.pathname], ["http://page", `${BASE}/sign-in`]);
    const browser = new PageBrowser(rig);
    const next = url.searchParams.get("next")!;
    const { headers } = await browser.post(`${BASE}/sign-in`, { token: TOKEN, next });
    const led = new URL(headers.get("location")!, "http://page");
    assertEquals(led.origin, "http://page");
    assert(led.pathname.startsWith(`${BASE}/`), led.pathname);
  });
}

Deno.test("whom the proxy has signed in is in, by name, and acts by forms of its own pages", async () => {
  await using rig = await HttpRig.open({ trustedProxy: HERE });
  const { status, answer } = await ask(rig, "/", { ...PERSON, ...NAME });
  assertEquals(status, 200);
  assertMatch(answer, /<span class="person">anna<\/span>/);
  assertLacks(answer, /Sign out|^set-cookie/im);
  const act = (person: string, csrf: string) =>
    ask(rig, "/pause", { "remote-user": person, ...NAME }, { csrf });
  assertEquals((await act("bert", csrfIn(answer))).status, 403);
  assertEquals((await act("anna", "")).status, 403);
  assertEquals((await act("anna", csrfIn(answer))).status, 303);
  assertEquals((await ask(rig, "/", NAME)).status, 303, "without the proxy's word");
});

for (
  const [what, sent, shown] of [
    // As headers carry it, a byte a character.
    ["UTF-8", "J\u00c3\u00b6rg", "Jörg"],
    ["Latin-1", "J\u00f6rg", "Jörg"],
    ["markup", "<b>anna</b>", "&lt;b&gt;anna&lt;/b&gt;"],
  ] as const
) {
  Deno.test(`whom the proxy names is shown as it means it: ${what}`, async () => {
    await using rig = await HttpRig.open({ trustedProxy: HERE });
    const { html } = await new PageBrowser(rig).get("/", { "remote-user": sent });
    assertEquals(/<span class="person">(.*?)<\/span>/.exec(html)?.[1], shown);
  });
}

for (
  const [what, headers] of Object.entries({
    "the header": PERSON,
    "the header and a tale of where it comes from": {
      ...PERSON,
      "x-forwarded-for": "192.0.2.1",
      "x-real-ip": "192.0.2.1",
      forwarded: "for=192.0.2.1",
    },
  })
) {
  Deno.test(`from a foreign address ${what} signs in nobody, which the log says once`, async () => {
    await using rig = await HttpRig.open({ trustedProxy: ELSEWHERE });
    const browser = new PageBrowser(rig);
    for (const _ of [1, 2]) assertEquals((await browser.get("/", headers)).status, 303);
    assertEquals((await browser.post("/pause", {}, headers)).status, 401);
    const said = rig.lines.filter((line) => line.includes("trusted_proxy lets it not"));
    assertEquals(said.length, 1);
  });
}

Deno.test("an empty name, and one that is too long, signs in nobody", async () => {
  await using rig = await HttpRig.open({ trustedProxy: HERE });
  for (const name of ["", "  ", "x".repeat(201)]) {
    assertEquals((await new PageBrowser(rig).get("/", { "remote-user": name })).status, 303);
  }
});

Deno.test("a proxy without a header signs in nobody, and the token still does", async () => {
  await using rig = await HttpRig.open({ trustedProxy: { ...HERE, header: null } });
  const browser = new PageBrowser(rig);
  assertEquals((await browser.get("/", PERSON)).status, 303);
  const { status, answer } = await ask(rig, "/sign-in", NAME, { token: TOKEN });
  assertEquals(status, 303);
  assertMatch(answer, /^set-cookie: .*; Secure/im);
  const cookie = /^set-cookie: ([^;]+)/im.exec(answer)![1]!;
  assertEquals((await ask(rig, "/", { ...NAME, cookie })).status, 200);
});

const hosts: { host: string; proxy: TrustedProxy; want: number }[] = [
  { host: "plexsync.example.org", proxy: HERE, want: 200 },
  { host: "plexsync.example.org:8443", proxy: HERE, want: 200 },
  { host: "nas", proxy: HERE, want: 200 },
  { host: "192.0.2.7", proxy: HERE, want: 200 },
  { host: "evil.example", proxy: HERE, want: 403 },
  { host: "plexsync.example.org.evil.example", proxy: HERE, want: 403 },
  { host: "evil.example:80:80", proxy: HERE, want: 403 },
  { host: "plexsync.example.org", proxy: ELSEWHERE, want: 403 },
  { host: "nas", proxy: ELSEWHERE, want: 403 },
];

for (const { host, proxy, want } of hosts) {
  Deno.test(`Host ${host} from ${proxy === HERE ? "the proxy" : "elsewhere"}: ${want}`, async () => {
    await using rig = await HttpRig.open({ trustedProxy: proxy });
    // What a browser can be made to send along is not believed.
    for (const more of [{}, { "x-forwarded-host": "plexsync.example.org" }]) {
      assertEquals((await ask(rig, "/", { host, ...PERSON, ...more })).status, want);
    }
  });
}

for (
  const headers of [
    { origin: "https://evil.example", host: "plexsync.example.org" },
    {
      origin: "https://evil.example",
      host: "plexsync.example.org",
      "x-forwarded-host": "evil.example",
    },
    { origin: "https://plexsync.example.org", host: "nas" },
    { origin: "null", host: "plexsync.example.org" },
  ]
) {
  Deno.test(`through the proxy too, no other origin acts: ${JSON.stringify(headers)}`, async () => {
    await using rig = await HttpRig.open({ trustedProxy: HERE });
    const csrf = csrfIn((await ask(rig, "/", PERSON)).answer);
    const { status } = await ask(rig, "/pause", { ...PERSON, ...headers }, { csrf });
    assertEquals(status, 403);
  });
}

Deno.test("through a proxy nothing that tells paths is read without the token", async () => {
  await using rig = await HttpRig.open({ trustedProxy: HERE });
  for (const path of ["/api/status", "/api/stats"]) {
    assertEquals((await rig.get(path, PERSON)).status, 401);
    assertEquals((await rig.send(path, { method: "GET" })).status, 200);
  }
  assertEquals((await rig.get("/health/live")).status, 200);
});

Deno.test("only the pages that frame_ancestors names may show the page in a frame", async () => {
  await using rig = await HttpRig.open({ frameAncestors: ["self", "https://home.example.org"] });
  const { headers } = await new PageBrowser(rig).get("/sign-in");
  const policy = headers.get("content-security-policy")!;
  assertMatch(policy, /frame-ancestors 'self' https:\/\/home\.example\.org(;|$)/);
  assertEquals(headers.get("x-frame-options"), null);
});
