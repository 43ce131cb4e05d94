import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { withWorld } from "./world.ts";

const NO_SOCKETS = Deno.build.os === "windows";

/** What a service manager hears at its socket, message by message. */
function listen(folder: string) {
  const path = join(folder, "notify");
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  const heard: string[] = [];
  const ended = (async () => {
    try {
      for await (const [bytes] of socket) heard.push(new TextDecoder().decode(bytes));
    } catch {
      // Closed.
    }
  })();
  const until = async (what: RegExp) => {
    while (!heard.some((message) => what.test(message))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    path,
    heard,
    until,
    async [Symbol.asyncDispose]() {
      socket.close();
      await ended;
    },
  };
}

Deno.test({
  name: "systemd is told when the daemon is ready, how it goes, that it lives, and that it ends",
  ignore: NO_SOCKETS,
  async fn() {
    await withWorld({ scenes: 3, missingPercent: 0 }, async (world) => {
      await using manager = listen(world.dataDir);
      const env = { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: "200000" };
      await using daemon = await world.start(["run"], { env });
      await manager.until(/^READY=1\nSTATUS=/);
      await manager.until(/^WATCHDOG=1$/);
      assertEquals(manager.heard.filter((message) => message.startsWith("READY")).length, 1);
      assertMatch(manager.heard.find((message) => message.startsWith("READY"))!, /STATUS=\S+/);
      daemon.kill("SIGTERM");
      assertEquals((await daemon.result).code, 0);
      await manager.until(/^STOPPING=1\n/);
      assert(![...Deno.readDirSync(world.dataDir)].some(({ name }) => name === "notify.sock"));
    });
  },
});

Deno.test({
  name: "a service manager that does not listen any more keeps nobody from working",
  ignore: NO_SOCKETS,
  async fn() {
    await withWorld({ scenes: 3, missingPercent: 0 }, async (world) => {
      const env = { NOTIFY_SOCKET: world.path("nobody"), WATCHDOG_USEC: "100000" };
      await world.run(["sync", "--all", "--yes"]);
      const { code } = await world.run(["run", "--idle-exit", "300ms"], { env });
      assertEquals(code, 0);
    });
  },
});
