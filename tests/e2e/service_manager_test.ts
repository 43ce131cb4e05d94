import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hasSockets } from "./has_sockets.ts";
import { canBoot, ServiceBox } from "./service_box.ts";
import { until, withWorld, type World } from "./world.ts";

const isSkipped = !await canBoot() || !await hasSockets();

/** A machine on which plexsync was set up as its owner would, by `init`. */
async function withService(use: (box: ServiceBox, world: World) => Promise<void>): Promise<void> {
  await withWorld({ scenes: 3, missingPercent: 0 }, async (world) => {
    await using box = await ServiceBox.boot();
    await box.sh(`umask 077; printf '%s' '${world.plex.token}' > /root/token`);
    await box.sh(`umask 077; printf '%s' '${world.stash.apiKey}' > /root/key`);
    const init = await box.sh(
      "install -d -m 755 /etc/plexsync; " +
        "plexsync init --yes --config /etc/plexsync/plexsync.toml --plex-library Scenes " +
        `--plex-url ${world.plex.url} --plex-token-file /root/token ` +
        `--stash-url ${world.stash.url} --stash-api-key-file /root/key ` +
        "--service system --exec /usr/local/bin/plexsync",
    );
    assertEquals(init.code, 0, init.stderr);
    const start = await box.sh("systemctl daemon-reload && systemctl enable --now plexsync");
    assertEquals(start.code, 0, start.stderr + (await box.sh("journalctl -u plexsync")).stdout);
    await use(box, world);
  });
}

Deno.test({
  name: "a real service manager starts the hardened unit, and commands beside it do the work",
  ignore: isSkipped,
  async fn() {
    await withService(async (box, world) => {
      const state = await box.sh("systemctl show -p ActiveState,StatusText,NRestarts plexsync");
      assertMatch(state.stdout, /ActiveState=active/);
      assertMatch(state.stdout, /StatusText=\S+/);
      await box.until("plexsync status", /^Daemon +running/m);
      const sync = await box.sh("plexsync sync --all --yes");
      assertEquals(sync.code, 0, sync.stderr);
      await box.until("plexsync --stats --json", /"jobs_succeeded": 3/);
      assertEquals(await world.differences(), []);
      // What it does goes into the journal with its level.
      await box.until("journalctl -u plexsync -p info -o cat", /Scene 3: wrote title/);
      assertEquals((await box.sh("journalctl -u plexsync -p warning -o cat -q")).stdout, "");
      // Nothing of it is in the home of whoever asked.
      assertEquals((await box.sh("ls -A /root/.local/share/plexsync 2>/dev/null")).stdout, "");
    });
  },
});

Deno.test({
  name: "a real service manager starts a daemon again that was killed, or that is stuck",
  ignore: isSkipped,
  async fn() {
    await withService(async (box) => {
      const unit = "/etc/systemd/system/plexsync.service.d";
      await box.sh(
        `mkdir -p ${unit}; printf '[Service]\nWatchdogSec=10s\nRestartSec=100ms\n' > ${unit}/t.conf; ` +
          "systemctl daemon-reload; systemctl restart plexsync",
      );
      await box.until("plexsync health", /^healthy/);
      // On a busy machine one that lives may be called stuck as well: more restarts are no fault.
      const restarts = async () =>
        Number((await box.sh("systemctl show -p NRestarts --value plexsync")).stdout);
      for (const signal of ["SIGKILL", "SIGSTOP"]) {
        const before = await restarts();
        await box.sh(`systemctl kill -s ${signal} plexsync`);
        await until("a restart", async () => await restarts() > before, 120_000);
        await box.until("plexsync health", /^healthy/);
      }
    });
  },
});

Deno.test({
  name: "a command beside a service that is stopped says so, and makes no data of its own",
  ignore: isSkipped,
  async fn() {
    await withService(async (box) => {
      await box.sh("systemctl stop plexsync");
      for (const command of ["sync --all --yes", "status", "doctor"]) {
        const { code, stderr } = await box.sh(`plexsync ${command}`);
        assertEquals(code, 1);
        assertStringIncludes(stderr, "The service does not run");
      }
      assertEquals((await box.sh("plexsync health")).code, 3);
      assertEquals((await box.sh("ls -A /root/.local/share/plexsync 2>/dev/null")).stdout, "");
      const gone = await box.sh(
        "plexsync uninstall systemd && systemctl daemon-reload && systemctl status plexsync",
      );
      assertStringIncludes(gone.stderr, "could not be found");
      assert(gone.stdout.includes("Removed /etc/systemd/system/plexsync.service"));
    });
  },
});
