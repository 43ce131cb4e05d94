import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { askingPlex, askingStash } from "../../../src/app/connections/mistaken.ts";
import { checkOnline } from "../../../src/app/checks/config_check.ts";
import { openSettings, openToAsk } from "../../../src/app/installation.ts";
import { UserError } from "../../../src/core/failures/errors.ts";
import { fakeTerminal } from "../../cli/terminal.ts";
import { startSimPlex } from "../../sim/plex/server.ts";
import { startSimStash } from "../../sim/stash/server.ts";

/** Opens an installation whose servers have these addresses; nothing of it stays. */
async function open(plexUrl: string, stashUrl: string) {
  const dataDir = Deno.makeTempDirSync({ prefix: "plexsync-mistaken-" });
  const world = fakeTerminal({
    env: {
      PLEXSYNC_PLEX_URL: plexUrl,
      PLEXSYNC_PLEX_TOKEN: "token",
      PLEXSYNC_STASH_URL: stashUrl,
      PLEXSYNC_STASH_API_KEY: "key",
    },
  });
  const settings = openSettings({ world, flags: { "data-dir": dataDir } }, { need: "daemon" });
  const installation = await openToAsk(settings);
  return {
    installation,
    [Symbol.dispose]() {
      installation[Symbol.dispose]();
      settings[Symbol.dispose]();
      Deno.removeSync(dataDir, { recursive: true });
    },
  };
}

const fails = () => Promise.reject(new Error("the question's own"));

for (const password of [true, false]) {
  const which = password ? "with a password" : "without a password";
  Deno.test(`checkOnline() tells Plex and a Stash ${which} apart where their addresses are swapped`, async () => {
    const plex = await startSimPlex({ sections: [], items: [] });
    const stash = await startSimStash({ scenes: [], password });
    try {
      using opened = await open(stash.url, plex.url);
      const findings = await checkOnline(opened.installation);
      const said = Object.fromEntries(
        findings.map((each) => [each.check, each.ok ? "" : each.problem.summary]),
      );
      assertStringIncludes(said.Plex!, "plex_url: that is Stash, not Plex");
      assertStringIncludes(said.Stash!, "stash_url: that is Plex, not Stash");
    } finally {
      await Promise.all([plex.close(), stash.close()]);
    }
  });
}

Deno.test("a failed question keeps its own error where the other server is not there either", async () => {
  const refusing = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("", { status: 401, headers: { "WWW-Authenticate": "Basic" } }),
  );
  try {
    const url = `http://127.0.0.1:${refusing.addr.port}`;
    using opened = await open(url, url);
    const { installation } = opened;
    const [target] = installation.targets;
    const errors = [
      await assertRejects(() => askingStash(fails, installation), Error),
      await assertRejects(() => askingPlex(fails, target, installation), Error),
    ];
    assertEquals(errors.map((each) => each instanceof UserError), [false, false]);
  } finally {
    await refusing.shutdown();
  }
});
