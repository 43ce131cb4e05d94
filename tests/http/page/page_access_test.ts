import { assert, assertEquals, assertMatch } from "@std/assert";
import { makeLinkKey } from "../../../src/app/page/page_link.ts";
import { PAGE_SESSIONS } from "../../../src/core/meta_keys.ts";
import { TARGET } from "../../one_target.ts";
import { HttpRig, readAnswer, TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

/** Every path that takes a form, from the routes themselves: none can be forgotten. */
const CHANGING = await (async () => {
  await using rig = await HttpRig.open();
  const paths = rig.routes
    .filter(({ method, path }) => !["GET", "HEAD"].includes(method) && path !== "/*")
    .map(({ path }) => path.replace(/:id\{[^}]*\}\}?/, "7"));
  return [...new Set(paths)].filter((path) => path !== "/sign-in");
})();

Deno.test("all that changes something is among the routes that are tried", () => {
  const some = ["/pause", "/sign-out", "/dead-letters/retry", "/scenes/7/pin", "/scenes/7/undo"];
  assertEquals(some.filter((path) => !CHANGING.includes(path)), []);
  assertEquals(CHANGING.filter((path) => /[:*{]/.test(path)), []);
});

Deno.test("nothing is shown to who has not signed in, but where to do so", async () => {
  await using rig = await HttpRig.open();
  const browser = new PageBrowser(rig);
  for (const path of ["/", "/nothing", "/dead-letters?type=Unknown"]) {
    const { status, headers } = await browser.get(path);
    assertEquals(status, 303);
    assertEquals(headers.get("location"), `/sign-in?next=${encodeURIComponent(path)}`);
  }
  const { status, html } = await browser.get("/sign-in");
  assertEquals(status, 200);
  assertLacks(html, /Sign out/);
  assertMatch(html, /listen_token[^]*plexsync page/, "where the token is, and what does without");
});

Deno.test("the token signs in, and leads to where one wanted to go", async () => {
  await using rig = await HttpRig.open();
  const browser = new PageBrowser(rig);
  const shown = await browser.post("/sign-in", { token: TOKEN, next: "/?did=paused-1" });
  assertEquals([shown.status, shown.headers.get("location")], [303, "/?did=paused-1"]);
  const [cookie] = shown.headers.getSetCookie();
  assertMatch(cookie!, /; HttpOnly/);
  assertMatch(cookie!, /; SameSite=Strict/);
  assertLacks(cookie!, /; Secure/);
  const { status, html } = await browser.follow(shown);
  assertEquals(status, 200);
  assertMatch(html, /<h1>Overview<\/h1>/);
});

for (
  const [proto, isSecure] of [
    ["https", true],
    ["HTTPS", true],
    // From one proxy to the next it may go without TLS.
    ["https, http", true],
    ["http, https", false],
    ["http", false],
    ["httpsx", false],
  ] as const
) {
  const goes = isSecure ? "goes by TLS alone" : "goes by whatever leads there";
  Deno.test(`a cookie that came by "${proto}" ${goes}`, async () => {
    await using rig = await HttpRig.open();
    const headers = { "x-forwarded-proto": proto };
    const shown = await new PageBrowser(rig).post("/sign-in", { token: TOKEN }, headers);
    assertEquals(/; Secure/.test(shown.headers.getSetCookie()[0]!), isSecure);
  });
}

for (
  const next of [
    "https://evil.example/",
    "//evil.example",
    "/.//evil.example",
    "http://page//evil.example",
    "/\\evil.example",
    "/%0d%0aX: y",
    "blob:http://page/",
    "blob:http://page//evil.example",
  ]
) {
  Deno.test(`a sign-in leads to no other server: ${next}`, async () => {
    await using rig = await HttpRig.open();
    const browser = new PageBrowser(rig);
    const asked = `next=${encodeURIComponent(next)}`;
    const answers = [
      await browser.post("/sign-in", { token: TOKEN, next }),
      await browser.get(`/sign-in?${asked}`),
      await browser.get(`/sign-in?key=${makeLinkKey(TOKEN, Date.now())}&${asked}`),
    ];
    for (const { status, headers } of answers) {
      const to = new URL(headers.get("location")!, browser.origin);
      assertEquals([status, to.origin, headers.has("x")], [303, browser.origin, false]);
    }
  });
}

Deno.test("wrong tokens are few at a time, said in the log, and do not keep the owner out", async () => {
  await using rig = await HttpRig.open();
  const browser = new PageBrowser(rig);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) {
    statuses.push((await browser.post("/sign-in", { token: "wrong" })).status);
  }
  assertEquals(statuses, [...Array(10).fill(401), 429, 429]);
  assertEquals((await browser.post("/sign-in", { token: TOKEN })).status, 429);
  assertEquals(rig.lines.filter((line) => line.includes("the token is wrong")).length, 10);
  const key = makeLinkKey(TOKEN, Date.now());
  assertEquals((await browser.get(`/sign-in?key=${key}`)).status, 303);
  browser.cookie = null;
  rig.aheadMs = 11_000;
  assertEquals((await browser.post("/sign-in", { token: TOKEN })).status, 303);
});

Deno.test("sign-ins that trickle do not keep the owner out, however many they are", async () => {
  await using rig = await HttpRig.open();
  const half = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n" +
    "Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken=";
  const held = await Promise.all(Array.from({ length: 60 }, () => rig.connect(half)));
  for (let n = 0; n < 3; n++) {
    const browser = await PageBrowser.signedIn(rig);
    assertEquals((await browser.get("/")).status, 200);
  }
  let left = 40;
  const made = Promise.withResolvers<void>();
  const answers = held.map(async (connection) => {
    const answer = await readAnswer(connection).catch(() => "closed by this test");
    if (/^HTTP\/1.1 503 [^]*Too many sign in at once/.test(answer) && --left === 0) made.resolve();
  });
  await made.promise;
  for (const connection of held) connection.close();
  await Promise.all(answers);
});

Deno.test("a link signs in once, within five minutes, and only with the right signature", async () => {
  await using rig = await HttpRig.open();
  const use = async (key: string) =>
    (await new PageBrowser(rig).get(`/sign-in?key=${encodeURIComponent(key)}`)).status;
  const now = Date.now();
  const key = makeLinkKey(TOKEN, now);
  assertEquals(await use(`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`), 401);
  assertEquals([await use(key), await use(key)], [303, 401]);
  assertEquals(await use(makeLinkKey("another token of the owner", now)), 401);
  // One that was made before it began to listen may have been used with the daemon before.
  assertEquals(await use(makeLinkKey(TOKEN, now - 60_000)), 401);
  const late = makeLinkKey(TOKEN, Date.now());
  rig.aheadMs = 301_000;
  assertEquals(await use(late), 401);
});

Deno.test("a link that is opened again by whom it let in leads on", async () => {
  await using rig = await HttpRig.open();
  const browser = new PageBrowser(rig);
  const key = makeLinkKey(TOKEN, Date.now());
  for (const _ of [1, 2]) {
    const { status, headers } = await browser.get(`/sign-in?key=${key}&next=/queue`);
    assertEquals([status, headers.get("location")], [303, "/queue"]);
  }
  assertEquals((await new PageBrowser(rig).get(`/sign-in?key=${key}`)).status, 401);
});

Deno.test("why it cannot be told who asks is said on a page, and once in the log", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  rig.store.meta.get = () => {
    throw new Error("database is locked");
  };
  const { status, headers, html } = await browser.get("/queue", { accept: "text/html" });
  assertEquals([status, headers.get("cache-control")], [503, "no-store"]);
  assertMatch(html, /role="alert".*Another program holds the database: database is locked/);
  assertLacks(html, /name="csrf"|Sign out/);
  const said = rig.lines.filter((line) => line.includes("failed"));
  assertEquals(said.length, 1, said.join());
});

Deno.test("a link that was printed before anybody looked at the page signs in", async () => {
  await using rig = await HttpRig.open();
  const key = makeLinkKey(TOKEN, Date.now());
  // The page is loaded when somebody comes, which is later.
  await new Promise((next) => setTimeout(next, 5));
  assertEquals((await new PageBrowser(rig).get(`/sign-in?key=${key}`)).status, 303);
});

Deno.test("a session ends by a sign-out, by age, and with the token, and outlives a restart", async () => {
  await using rig = await HttpRig.open();
  const isIn = async ({ cookie }: PageBrowser) => {
    const other = new PageBrowser(rig);
    other.cookie = cookie;
    return (await other.get("/")).status === 200;
  };
  const [first, second] = [await PageBrowser.signedIn(rig), await PageBrowser.signedIn(rig)];
  const { cookie } = first;
  await first.post("/sign-out", { csrf: await first.csrf() });
  assertEquals(await isIn({ cookie } as PageBrowser), false);
  assertEquals(await isIn(second), true);
  const kept = rig.store.meta.get(PAGE_SESSIONS)!;
  assertEquals(kept.sessions.length, 1);
  assert(!JSON.stringify(kept).includes(second.cookie!.split("=")[1]!));
  rig.store.meta.set(PAGE_SESSIONS, { ...kept, token: "of another token" });
  assertEquals(await isIn(second), false);
  rig.store.meta.set(PAGE_SESSIONS, kept);
  rig.aheadMs = 31 * 24 * 3_600_000;
  assertEquals(await isIn(second), false);
});

for (const path of CHANGING) {
  Deno.test(`POST ${path} changes nothing without session, origin, Host and its own form`, async () => {
    await using rig = await HttpRig.open();
    const browser = await PageBrowser.signedIn(rig);
    const csrf = await browser.csrf();
    const { cookie } = browser;
    const other = await PageBrowser.signedIn(rig);
    const gone = await PageBrowser.signedIn(rig);
    const stale = await gone.csrf();
    await gone.post("/sign-out", { csrf: stale });
    const before = rig.store.meta.get(PAGE_SESSIONS);
    const tries: [string, Record<string, string>, Record<string, string>, number][] = [
      ["no session", { csrf }, { cookie: "" }, 401],
      ["a forged cookie", { csrf }, { cookie: `${cookie!.split("=")[0]}=forged` }, 401],
      ["no CSRF token", {}, {}, 403],
      ["the CSRF token of another session", { csrf: await other.csrf() }, {}, 403],
      ["the CSRF token of a session that is over", { csrf: stale }, {}, 403],
      ["a foreign origin", { csrf }, { origin: "http://evil.example" }, 403],
      ["an origin that is hidden", { csrf }, { origin: "null" }, 403],
      ["JSON", { csrf }, { "content-type": "application/json" }, 415],
    ];
    for (const [what, fields, headers, want] of tries) {
      assertEquals((await browser.post(path, fields, headers)).status, want, what);
      browser.cookie = cookie;
    }
    const body = `csrf=${csrf}`;
    const rebound = await rig.raw(
      `POST ${path} HTTP/1.1\r\nhost: evil.example\r\ncookie: ${cookie}\r\n` +
        `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n` +
        `connection: close\r\n\r\n${body}`,
    );
    assertMatch(rebound, /^HTTP\/1\.1 403 /);
    const jobs = rig.queued();
    await browser.get(path);
    assertEquals(rig.queued(), jobs, "no change by GET");
    assertEquals(rig.store.meta.get(PAGE_SESSIONS), before);
    assertEquals(rig.worker.woken, 0);
  });
}

Deno.test("a page may load nothing from elsewhere, run nothing inline, and stand in no frame", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  for (
    const path of [
      "/",
      "/sign-in",
      "/nothing",
      "/dead-letters",
      "/unmatched",
      "/scenes/7",
      "/queue",
      "/settings",
    ]
  ) {
    const { headers, html } = await browser.get(path);
    const policy = headers.get("content-security-policy")!;
    for (const part of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      assert(policy.includes(part), policy);
    }
    assertLacks(policy, /unsafe|\*/);
    assertLacks(html, /<style|\sstyle=|<script(?! src="\/assets\/)|\son[a-z]+=|javascript:/i);
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("referrer-policy"), "same-origin");
    assertEquals(headers.get("x-frame-options"), "DENY");
    assertEquals(headers.get("access-control-allow-origin"), null);
  }
});

Deno.test("what a page names is there without a sign-in, and may be kept for ever", async () => {
  await using rig = await HttpRig.open();
  const browser = new PageBrowser(rig);
  const { html } = await browser.get("/sign-in");
  const paths = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  assert(paths.length > 0);
  for (const path of paths) {
    assertMatch(path, /\.[0-9a-f]{12}\./);
    const { status, headers } = await browser.get(path);
    assertEquals(status, 200);
    assertMatch(headers.get("cache-control")!, /immutable/);
  }
});

Deno.test("a form that is too large is refused, as a page that says so", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const { status, html } = await browser.post("/pause", { csrf: "x".repeat(70_000) });
  assertEquals(status, 413);
  assertMatch(html, /role="alert".*at most 64 KiB are read[^]*<p>No form of the page is as large/);
});

Deno.test("a form that does not come whole is not waited for", async () => {
  await using rig = await HttpRig.open();
  const { cookie } = await PageBrowser.signedIn(rig);
  rig.hurry = true;
  for (const path of ["/sign-in", "/pause"]) {
    const answer = await rig.raw(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${rig.port}\r\ncookie: ${cookie}\r\n` +
        "content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ncsrf=",
    );
    assertMatch(answer, /^HTTP\/1\.1 408 /, path);
  }
});

Deno.test("what no browser asks for is refused in a word, and writes nothing into the log", async () => {
  await using rig = await HttpRig.open();
  for (const method of ["TRACE", "PUT", "DELETE", "OPTIONS", "PROPFIND"]) {
    for (const path of ["/", "/scenes/7", "/nothing"]) {
      const answer = await rig.raw(
        `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${rig.port}\r\nconnection: close\r\n\r\n`,
      );
      assertMatch(answer, /^HTTP\/1\.1 405 [^]*allow: GET, HEAD, POST/i, `${method} ${path}`);
    }
  }
  assertEquals(rig.lines.filter((line) => /failed|refused/.test(line)), []);
});

Deno.test("two installations on one machine do not sign each other's people out", async () => {
  await using rig = await HttpRig.open();
  await using other = await HttpRig.open({ listenToken: "the token of another one" });
  const here = await PageBrowser.signedIn(rig);
  const there = new PageBrowser(other);
  // As a browser does, whatever the port.
  there.cookie = here.cookie;
  assertEquals((await there.get("/")).status, 303);
  const token = "the token of another one";
  assertEquals((await there.post("/sign-in", { token })).status, 303);
  here.cookie = there.cookie;
  assertEquals([(await here.get("/")).status, (await there.get("/")).status], [200, 200]);
  await there.post("/sign-out", { csrf: await there.csrf() });
  assertEquals((await here.get("/")).status, 200);
});

Deno.test("bad links fill no log, and shut nobody out who has the token", async () => {
  await using rig = await HttpRig.open();
  const browser = new PageBrowser(rig);
  for (let n = 0; n < 30; n++) assertEquals((await browser.get("/sign-in?key=x")).status, 401);
  assertEquals(rig.lines.filter((line) => line.includes("the link is no good")).length, 10);
  assertEquals((await browser.post("/sign-in", { token: TOKEN })).status, 303);
});

Deno.test("a browser is told in words what is refused before a look at anything", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  const headers = { accept: "text/html,*/*;q=0.8", origin: "https://page.example" };
  const { status, html } = await browser.post("/pause", { csrf }, headers);
  assertEquals(status, 403);
  assertMatch(html, /role="alert".*another origin[^]*The browser says https:\/\/page\.example/);
  assertMatch(html, /a reverse proxy has to pass Host on/);
  assertLacks(html, /name="csrf"|Sign out/);
  const rebound = await rig.raw(
    `GET / HTTP/1.1\r\nhost: evil.example\r\naccept: text/html\r\ncookie: ${browser.cookie}\r\n` +
      "connection: close\r\n\r\n",
  );
  assertMatch(rebound, /^HTTP\/1\.1 403 [^]*<h1>[^]*Host header names another server/);
  assertLacks(rebound, /name="csrf"/);
  // A program reads JSON.
  const told = await rig.send("/api/sync", { headers: { ...headers }, body: "{}" });
  assertEquals([told.status, told.json.hint], [403, "Ask from a program"]);
});

Deno.test("no screen and no action is a failure where no server is configured", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  const paths = rig.routes.filter(({ method, path }) => method === "GET" && !path.includes("*"))
    .map(({ path }) => path.replace(/:id\{[^}]*\}\}?/, "7").replace(/:target\{[^}]*\}\}?/, "plex"));
  rig.store.database.exec(
    `INSERT INTO writes (id, at, cause, scene_id, target, item, section, files)
       VALUES (1, 0, 'bulk', '7', '${TARGET}', '5', '1', '[]');
     INSERT INTO journal (write_id, field, before, sure, sent, stood, locked_before, locked_after)
       VALUES (1, 'title', '["a"]', 1, '["b"]', '["b"]', 0, 1)`,
  );
  const queries = ["", "?ask=1", "?last=1", "?test=plex", "?test=stash"];
  for (const path of new Set(paths)) {
    if (path === "/live") continue;
    for (const query of queries) {
      const { status } = await browser.get(path + query);
      assert(status < 500, `${path}${query}: ${status}`);
    }
  }
  for (const path of CHANGING.filter((each) => each !== "/sign-out")) {
    for (const fields of [{}, { item: "5" }, { none: "1" }, { all: "1" }, { id: "1" }]) {
      const { status } = await browser.post(path, { csrf, ...fields });
      assert(status < 500, `${path} ${JSON.stringify(fields)}: ${status}`);
    }
  }
  const { html } = await browser.get("/scenes/7/undo");
  assertMatch(html, /plex_url is not set/);
  assertEquals(rig.lines.filter((line) => line.includes("failed")), []);
});
