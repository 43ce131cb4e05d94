import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { SettingsGuard } from "../../src/daemon/settings_guard.ts";
import type { StashClient } from "../../src/stash/client.ts";

/** A client that only counts how often scenes were read. */
function countingClient() {
  const asked = { scenes: 0 };
  const client = {
    scenes: () => {
      asked.scenes++;
      return Promise.resolve(new Map());
    },
  } as unknown as StashClient;
  return { asked, client };
}

Deno.test("SettingsGuard confirms the settings before the first scene is read, and then no more", async () => {
  const { asked, client } = countingClient();
  let confirmed = 0;
  const guard = new SettingsGuard(() => Promise.resolve(++confirmed > 0));
  const guarded = guard.guard(client);
  await guarded.scenes(["1"]);
  await guarded.scenes(["2"]);
  assertEquals([confirmed, asked.scenes], [1, 2]);
});

Deno.test("SettingsGuard reads no scene and ends the daemon when Stash holds other settings", async () => {
  const { asked, client } = countingClient();
  const guard = new SettingsGuard(() => Promise.resolve(false));
  const running = guard.run(new AbortController().signal);
  await assertRejects(() => guard.guard(client).scenes(["1"]), PlexsyncError);
  const message = "Stash holds other settings than those in use";
  assertEquals(await running, { kind: "settings changed", message });
  assertEquals(asked.scenes, 0);
});

Deno.test("SettingsGuard does not end the daemon for other settings once it is stopped", async () => {
  const { client } = countingClient();
  const guard = new SettingsGuard(() => Promise.resolve(false));
  const stop = new AbortController();
  const running = guard.run(stop.signal);
  stop.abort();
  await assertRejects(() => guard.guard(client).scenes(["1"]), PlexsyncError);
  assertEquals(await running, undefined);
});
