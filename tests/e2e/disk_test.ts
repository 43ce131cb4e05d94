import { assertEquals, assertMatch } from "@std/assert";
import { assertBalanced } from "./books.ts";
import { asked, inSync, retitle } from "./changes.ts";
import { diskTest, withDisk } from "./disk.ts";
import { tokenOf, withListener } from "./listening.ts";
import { PageBrowser } from "../http/page/page_browser.ts";
import { withWorld } from "./world.ts";

const SCENES = 30;
const LIBRARY = { scenes: SCENES, seed: 3 };
const WATCHING = { poll_interval: 0.2 };
const DISK_KIB = 8_192;

diskTest(
  "a full disk stops no daemon: what changes meanwhile is synced once there is room",
  async () => {
    await withWorld(
      { ...LIBRARY, config: WATCHING },
      (world) =>
        withDisk(world, DISK_KIB, async (disk) => {
          await world.syncAll();
          await using daemon = await world.start(["run"]);
          await asked(world, 5);
          disk.fill();
          retitle(world, SCENES, "Changed on a full disk");
          await daemon.stderr.line(/Cannot note what changed in Stash.+The disk is full/);
          // Seen again and again, and never noted, it must not become old news.
          await asked(world, 20);
          disk.free();
          await inSync(world);
          daemon.kill();
          const { code, stderr } = await daemon.result;
          assertEquals([code, stderr.match(/Cannot note what changed/g)?.length], [0, 1], stderr);
          assertBalanced(world);
        }),
    );
  },
);

diskTest("a disk that fills up amid the work costs no attempt and no scene", async () => {
  const config = { ...WATCHING, batch_size: 2, log_level: "debug" };
  await withWorld(
    { ...LIBRARY, config, plex: { latencyMs: 20 } },
    (world) =>
      withDisk(world, DISK_KIB, async (disk) => {
        await world.expect(0, "sync", "--all", "--yes");
        await using daemon = await world.start(["run"]);
        await daemon.stderr.line("Batch of 2 jobs");
        disk.fill();
        await daemon.stderr.line("the database cannot be written");
        disk.free();
        await inSync(world);
        daemon.kill();
        assertEquals((await daemon.result).code, 0);
        assertEquals(world.query("SELECT * FROM outcomes WHERE error_type IS NOT NULL"), []);
        assertEquals(world.query("SELECT * FROM outages"), []);
        assertBalanced(world);
      }),
  );
});

diskTest("a full disk at the start is an error that says so, and loses nothing", async () => {
  await withWorld(LIBRARY, (world) =>
    withDisk(world, DISK_KIB, async (disk) => {
      await world.expect(0, "sync", "--all", "--yes");
      disk.fill();
      const { stderr } = await world.expect(1, "run", "--once");
      assertMatch(stderr, /error: The disk is full: .+\nhint: Free some space/);
      disk.free();
      await world.expect(0, "run", "--once");
      assertEquals(await world.differences(), []);
    }));
});

diskTest("a read-only data directory is an error with a hint, for every command", async () => {
  await withWorld(LIBRARY, (world) =>
    withDisk(world, DISK_KIB, async (disk) => {
      await world.syncAll();
      await disk.makeReadOnly();
      for (const args of [["run", "--once"], ["sync", "--all", "--yes"], ["status"], ["stats"]]) {
        const { stderr } = await world.expect(1, ...args);
        assertMatch(stderr, /error: Cannot write to what is read-only: .+\nhint: Make the file/);
      }
    }));
});

diskTest(
  "while the disk is full the page and status say so, and show all that there is",
  async () => {
    await withListener(
      { ...LIBRARY, config: WATCHING },
      (world, url) =>
        withDisk(world, DISK_KIB, async (disk) => {
          await world.syncAll();
          await using daemon = await world.start(["run"]);
          await daemon.stderr.line("HTTP listens on 127.0.0.1:");
          const port = Number(new URL(url).port);
          const browser = await PageBrowser.signedIn({ port }, tokenOf(world));
          const overview = async () => (await browser.get("/")).html;
          assertMatch(await overview(), /All is well/);
          disk.fill();
          assertMatch(
            await overview(),
            /class="notice bad"[^]*The disk of the data directory is full/,
          );
          const { stdout } = await world.expect(0, "status");
          assertMatch(stdout, /The disk of the data directory is full.+free some space/);
          retitle(world, 1, "Changed on a full disk");
          const { status, html } = await browser.get("/scenes/1?ask=1");
          assertEquals(status, 200);
          assertMatch(html, /The disk is full/);
          disk.free();
          assertMatch(await overview(), /All is well/);
          daemon.kill();
          assertEquals((await daemon.result).code, 0);
        }),
    );
  },
);
