/** The page asks a server that takes the question in and never answers. */
import { assertEquals, assertMatch } from "@std/assert";
import { HttpRig } from "./http_rig.ts";
import { assertLacks, PageBrowser, type Shown } from "./page_browser.ts";

const BOTH = "Plex and Stash";

for (
  const { what, ask, status, names } of [
    {
      what: "a test of Plex",
      ask: (browser: PageBrowser) => browser.get("/settings?test=plex"),
      status: 200,
      names: "Plex",
    },
    {
      what: "a test of Stash",
      ask: (browser: PageBrowser) => browser.get("/settings?test=stash"),
      status: 200,
      names: "Stash",
    },
    {
      what: "what both say of a scene",
      ask: (browser: PageBrowser) => browser.get("/scenes/7?ask=1"),
      status: 200,
      names: BOTH,
    },
    {
      what: "a pin",
      ask: async (browser: PageBrowser) =>
        browser.post("/scenes/7/pin", { csrf: await browser.csrf(), item: "5" }),
      status: 504,
      names: BOTH,
    },
  ]
) {
  Deno.test(`${what} says that a server which hangs gave no answer in time`, async () => {
    await using servers = new AsyncDisposableStack();
    const hanging = servers.use(hang());
    const url = `http://127.0.0.1:${hanging.addr.port}`;
    const rig = servers.use(await HttpRig.open({ plexUrl: url, stashUrl: url, stashApiKey: "k" }));
    const browser = await PageBrowser.signedIn(rig);
    rig.hurry = true;
    const shown: Shown = await ask(browser);
    rig.hurry = false;
    assertEquals(shown.status, status);
    assertMatch(shown.html, new RegExp(`>${names} did not tell all within 30 s</span>`));
    assertLacks(shown.html, /signal|unforeseen/i);
    assertEquals(rig.lines.filter((line) => line.includes("failed")), []);
  });
}

/** Takes every request in, and answers none. */
function hang(): Deno.HttpServer<Deno.NetAddr> {
  const over = Promise.withResolvers<Response>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => over.promise,
  );
  const shutdown = server.shutdown.bind(server);
  return Object.assign(server, {
    async [Symbol.asyncDispose]() {
      over.resolve(new Response());
      await shutdown();
    },
  });
}
