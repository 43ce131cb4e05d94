import { assertMatch, assertStringIncludes } from "@std/assert";
import { learnedOf } from "../../../src/core/meta_keys.ts";
import { generateLibrary } from "../../sim/library.ts";
import { startSimPlex } from "../../sim/plex/server.ts";
import { startSimStash } from "../../sim/stash/server.ts";
import { TARGET } from "../../one_target.ts";
import { HttpRig, PLEX_TOKEN } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

Deno.test("each server is tested by a button, apart from the other", async () => {
  const library = generateLibrary({ scenes: 3, seed: 4 });
  await using servers = new AsyncDisposableStack();
  const plex = await startSimPlex({ items: library.plexItems });
  servers.defer(() => plex.close());
  const stash = await startSimStash({ scenes: library.scenes });
  servers.defer(() => stash.close());
  const addresses = { plexUrl: plex.url, stashUrl: stash.url, stashApiKey: stash.apiKey };
  await using rig = await HttpRig.open({ ...addresses, plexToken: plex.token });
  const browser = await PageBrowser.signedIn(rig);
  const good = (await browser.get("/settings?test=plex")).html;
  assertMatch(good, /notice good"><strong>Plex<\/strong>: <span class="private">version/);
  assertMatch(good, /notice good"><strong>Plex libraries<\/strong>/);
  assertLacks(good, /<strong>Stash<\/strong>/);
  const other = (await browser.get("/settings?test=stash")).html;
  assertMatch(
    other,
    /notice good"><strong>Stash<\/strong>: <span class="private">version .* 3 scenes/,
  );
  assertLacks(other, /<strong>Plex<\/strong>/);
});

Deno.test("a test of a server that fails says why, what to do, and no secret", async () => {
  const plex = await startSimPlex({ items: [] });
  try {
    await using rig = await HttpRig.open({ plexUrl: plex.url, stashUrl: "http://127.0.0.1:1" });
    const browser = await PageBrowser.signedIn(rig);
    const refused = (await browser.get("/settings?test=plex")).html;
    assertMatch(refused, /notice bad"><strong>Plex token<\/strong>: .*<p class="hint private">/);
    assertLacks(refused, new RegExp(PLEX_TOKEN));
    const down = (await browser.get("/settings?test=stash")).html;
    assertMatch(down, /notice bad"><strong>Stash<\/strong>: .*<p class="hint private">/);
  } finally {
    await plex.close();
  }
});

Deno.test("what was learned of paths is shown with how much of it is there", async () => {
  await using rig = await HttpRig.open();
  const rule = { stash: "/data", plex: "/media", votes: 90, pairs: 90, files: 1_000, found: 984 };
  const seen = { files: 1_200, walkedAt: 1, listedAt: 1 };
  rig.store.meta.set(learnedOf(TARGET), { rules: [rule], ...seen });
  const { html } = await (await PageBrowser.signedIn(rig)).get("/settings");
  for (const text of ["Learned from 1,200 files", "984 of 1,000", "98.4 %"]) {
    assertStringIncludes(html, text);
  }
});
