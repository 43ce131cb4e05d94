import { assertEquals } from "@std/assert";
import { assertBalanced } from "./books.ts";
import { until, withWorld } from "./world.ts";

/** Whether the number of open files of a running process can be bounded here (Linux). */
function canLimit(): boolean {
  try {
    return new Deno.Command("prlimit", { args: ["--version"], stdout: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function limit(pid: number, files: string): Promise<void> {
  const { success } = await new Deno.Command("prlimit", {
    args: ["--pid", String(pid), `--nofile=${files}`],
  }).output();
  assertEquals(success, true);
}

Deno.test({
  name: "a daemon that runs out of file handles loses nothing: it or the next start goes on",
  ignore: !canLimit(),
  fn: () =>
    withWorld({ scenes: 20, seed: 3, config: { poll_interval: 0.2 } }, async (world) => {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line(/Watching Stash/);
      await limit(daemon.pid, "8:4096");
      await world.expect(0, "sync", "--all", "--yes");
      // The runtime itself needs handles, and may end for want of one: that is a kill like another.
      const said = daemon.stderr.line(/is down: |panicked/).catch(() => "ended");
      await Promise.race([said, daemon.result]);
      daemon.kill("SIGKILL");
      await daemon.result;
      await using next = await world.start(["run"]);
      await until("an empty queue", () => world.query("SELECT id FROM jobs").length === 0);
      assertEquals(await world.differences(), []);
      next.kill();
      assertEquals((await next.result).code, 0);
      assertBalanced(world);
    }),
});

Deno.test({
  name: "a daemon with 160 handles answers again soon after 400 connections that say nothing",
  ignore: !canLimit(),
  async fn() {
    const port = freePort();
    await withWorld(
      { scenes: 2, seed: 3, config: { listen: `127.0.0.1:${port}` } },
      async (world) => {
        await using daemon = await world.start(["run"]);
        await daemon.stderr.line("HTTP listens");
        await limit(daemon.pid, "160:160");
        const flood: (Deno.TcpConn | null)[] = [];
        // Some at a time: what comes within one moment is accepted before any of it can be closed.
        while (flood.length < 400) {
          const more = Array.from(
            { length: 20 },
            () => Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null),
          );
          flood.push(...await Promise.all(more));
        }
        const isLive = async () => {
          const signal = AbortSignal.timeout(2_000);
          const answer = await fetch(`http://127.0.0.1:${port}/health/live`, { signal })
            .catch(() => null);
          await answer?.body?.cancel();
          return answer?.status === 200;
        };
        await until("an answer", isLive, 60_000);
        daemon.kill();
        assertEquals((await daemon.result).code, 0);
        for (const connection of flood) connection?.close();
      },
    );
  },
});

/** The limit by which a process can open so many files more. */
async function limitFor(pid: number, more: number): Promise<number> {
  const { stdout } = await new Deno.Command("ls", { args: [`/proc/${pid}/fd`] }).output();
  const taken = new Set(new TextDecoder().decode(stdout).trim().split("\n").map(Number));
  let end = 0;
  for (let free = 0; free < more; end++) if (!taken.has(end)) free++;
  return end;
}

Deno.test({
  name: "a daemon that had no handle left for those who came listens anew when it has some",
  ignore: !canLimit(),
  async fn() {
    const port = freePort();
    await withWorld(
      { scenes: 2, seed: 3, config: { listen: `127.0.0.1:${port}` } },
      async (world) => {
        await using daemon = await world.start(["run"]);
        await daemon.stderr.line("HTTP listens");
        await limit(daemon.pid, `${await limitFor(daemon.pid, 4)}:4096`);
        const flood = await Promise.all(
          Array.from({ length: 12 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
        );
        // Whoever is served three times came before those for whom no handle was left.
        const ask = new TextEncoder().encode(
          `GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
        );
        try {
          for (let n = 0; n < 3; n++) {
            await flood[0]!.write(ask);
            await flood[0]!.read(new Uint8Array(4096));
          }
        } catch (error) {
          // While the daemon itself asks a server, not even the first one gets a handle.
          if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
        }
        await limit(daemon.pid, "4096:4096");
        for (const connection of flood) connection.close();
        await daemon.stderr.line(/it listens anew/);
        const answer = await fetch(`http://127.0.0.1:${port}/health/live`);
        await answer.body?.cancel();
        assertEquals(answer.status, 200);
        daemon.kill();
        assertEquals((await daemon.result).code, 0);
      },
    );
  },
});
