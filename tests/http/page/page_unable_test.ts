/** What the page says while it cannot do what it is asked for: never that nobody foresaw it. */
import { assertEquals, assertMatch } from "@std/assert";
import { generateLibrary } from "../../sim/library.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { filesOf } from "../../../src/app/data/data_files.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { openBuiltin } from "../../../src/store/database/driver_builtin.ts";
import { TARGET } from "../../one_target.ts";
import { HttpRig, TOKEN } from "../http_rig.ts";
import { PageBrowser, type Shown } from "./page_browser.ts";
import { PageServers } from "./page_servers.ts";

const HTML = { accept: "text/html" };

/** The page between both servers, which do not answer; scene 1 may be item 1. */
async function withHangingServers(
  use: (servers: PageServers, browser: PageBrowser) => Promise<void>,
): Promise<void> {
  const library = generateLibrary({ scenes: 3, seed: 4 });
  await using servers = await PageServers.start(library);
  const { rig, plex, stash } = servers;
  const { path, size, durationMs } = library.plexItems[0]!.files[0]!;
  const file = { path, size: size!, durationMs: durationMs! };
  noteScenes(rig.store.database, [sampleScene({ id: "1", files: [file] })], Date.now());
  rig.store.of(TARGET).index.put([{ ...file, item: "1", section: "1" }], Date.now());
  plex.setFaults([{ path: "/", hang: true }]);
  stash.setFaults([{ path: "/", hang: true }]);
  await use(servers, await PageBrowser.signedIn(rig));
}

/** All that asks a server for an answer. */
const ASKING: { path: string; fields?: Record<string, string>; isShownAllTheSame?: boolean }[] = [
  { path: "/pictures/items/plex/1" },
  { path: "/pictures/scenes/1" },
  { path: "/scenes/1?ask", isShownAllTheSame: true },
  { path: "/settings?test=plex", isShownAllTheSame: true },
  { path: "/settings?test=stash", isShownAllTheSame: true },
  { path: "/scenes/1/pin", fields: { item: "1" } },
  { path: "/scenes/1/pin", fields: { none: "" } },
];

/** Waits until a server was asked for it. */
async function asking({ plex, stash }: PageServers, ask: () => Promise<Shown>) {
  const asked = () => plex.requests().length + stash.requests().length;
  const before = asked();
  const answer = ask();
  while (asked() === before) await new Promise((next) => setTimeout(next, 5));
  return { answer };
}

for (const { path, fields, isShownAllTheSame = false } of ASKING) {
  const what = `${path}${fields === undefined ? "" : ` ${Object.keys(fields)}`}`;
  const ask = async (browser: PageBrowser) => {
    if (fields === undefined) return () => browser.get(path, HTML);
    const csrf = await browser.csrf();
    return () => browser.post(path, { csrf, ...fields }, HTML);
  };

  Deno.test(`who waits for a server when plexsync ends is told so: ${what}`, async () => {
    await withHangingServers(async (servers, browser) => {
      const { answer } = await asking(servers, await ask(browser));
      await servers.rig.close();
      const { status, headers, html } = await answer;
      assertMatch(html, /ends or starts anew/);
      assertEquals(status, isShownAllTheSame ? 200 : 503);
      assertEquals(headers.get("retry-after"), isShownAllTheSame ? null : "5");
      assertEquals(errorsOf(servers.rig), []);
    });
  });

  Deno.test(`who waits for a server that never answers is told so in the end: ${what}`, async () => {
    await withHangingServers(async ({ rig }, browser) => {
      const send = await ask(browser);
      rig.hurry = true;
      const { status, html } = await send();
      const isPicture = path.startsWith("/pictures/");
      assertEquals(status, isPicture ? 404 : isShownAllTheSame ? 200 : 504, html);
      if (!isPicture) assertMatch(html, /did not tell all within 30 s/);
      assertEquals(errorsOf(rig), []);
    });
  });
}

for (const [key, title] of [["plex", "Plex"], ["stash", "Stash"]] as const) {
  Deno.test(`a test of a server that never answers names that one, and says so once: ${title}`, async () => {
    await withHangingServers(async ({ rig }, browser) => {
      rig.hurry = true;
      const { html } = await browser.get(`/settings?test=${key}`, HTML);
      const said = [...html.matchAll(/<div class="notice bad" role="alert">.*?>([^<]*)<\/span>/g)];
      assertEquals(said.map(([, text]) => text), [`${title} did not tell all within 30 s`]);
      assertEquals(/signal|aborted/i.test(html), false);
    });
  });
}

Deno.test("while another program holds the database, changes are refused for now, and all is shown", async () => {
  const nowhere = { plexUrl: "http://127.0.0.1:1", stashUrl: "http://127.0.0.1:1" };
  await using rig = await HttpRig.open(nowhere);
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  // The wait for the lock is 30 s, which says nothing more.
  rig.store.database.exec("PRAGMA busy_timeout = 0");
  const other = openBuiltin(filesOf(rig.folder.path).database);
  other.exec("BEGIN IMMEDIATE");
  const changes: [string, Record<string, string>][] = [
    ["/sign-in", { token: TOKEN }],
    ["/sign-out", {}],
    ["/pause", {}],
    ["/resume", {}],
    ["/reconcile", {}],
    ["/scenes/7/sync", {}],
    ["/dead-letters/retry", { one: "1" }],
    ["/dead-letters/discard", { one: "1", upTo: "1" }],
  ];
  for (const [path, fields] of changes) {
    const { status, headers, html } = await browser.post(path, { csrf, ...fields }, HTML);
    assertEquals([status, headers.get("retry-after")], [503, "5"], `${path}: ${html}`);
    assertMatch(html, /role="alert"[^]*Another program holds the database/);
  }
  for (const path of ["/", "/dead-letters", "/unmatched", "/queue", "/scenes/7", "/reconcile"]) {
    assertEquals((await browser.get(path)).status, 200, path);
  }
  other.exec("ROLLBACK");
  other.close();
  assertEquals((await browser.post("/pause", { csrf })).status, 303);
});

Deno.test("a look that cannot be noted says why, and all else of the scene is shown", async () => {
  const library = generateLibrary({ scenes: 3, seed: 4 });
  await using servers = await PageServers.start(library);
  const { rig } = servers;
  const browser = await PageBrowser.signedIn(rig);
  rig.store.database.exec("PRAGMA busy_timeout = 0");
  const other = openBuiltin(filesOf(rig.folder.path).database);
  other.exec("BEGIN IMMEDIATE");
  const { status, html } = await browser.get("/scenes/1?ask=1", HTML);
  other.exec("ROLLBACK");
  other.close();
  assertMatch(html, /class="notice bad">[^]*Another program holds the database/);
  assertMatch(html, /action="\/scenes\/1\/sync"/);
  assertEquals([status, errorsOf(rig)], [200, []]);
});

for (const accept of ["text/html", "image/*"]) {
  Deno.test(`what nobody foresaw stands in the log with its error, once: for ${accept}`, async () => {
    await using rig = await HttpRig.open();
    const browser = await PageBrowser.signedIn(rig);
    // Already who asks cannot be found out.
    rig.store.database.exec("ALTER TABLE meta RENAME TO elsewhere");
    const { status, html } = await browser.get("/queue", { accept });
    assertEquals(status, 500);
    assertMatch(html, /role="alert"[^]*the log of plexsync says more/);
    assertEquals(errorsOf(rig).length, 1);
    assertMatch(errorsOf(rig)[0]!, /GET \/queue failed.*no such table: meta/);
  });
}

Deno.test("where a server's address is not set, what asks it says so", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  for (const [path, fields] of [["/scenes/7/pin", { item: "1" }], ["/reconcile", {}]] as const) {
    const { status, html } = await browser.post(path, { csrf, ...fields });
    assertEquals(status, 409, path);
    assertMatch(html, /plex_url is not set/);
  }
  // There is nothing to take back, so nobody is asked.
  assertEquals((await browser.get("/scenes/7/undo")).status, 200);
  assertEquals(errorsOf(rig), []);
});

/** What the log says at level error. */
function errorsOf({ lines }: HttpRig): string[] {
  return lines.filter((line) => line.startsWith("\x01e\x02"));
}
