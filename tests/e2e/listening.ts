/** A world whose daemon listens, for tests that ask it. */
import { withWorld, type World, type WorldOptions } from "./world.ts";

/** The watcher does not help: it looks once at the start, and then after an hour. */
const QUIET = { poll_interval: 3_600 };

/** One that the system gives nobody who takes any: the servers of the world open after it was found. */
function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** A world whose daemon listens. */
export async function withListener(
  options: WorldOptions,
  use: (world: World, url: string) => Promise<void>,
): Promise<void> {
  const listen = `127.0.0.1:${freePort()}`;
  await withWorld(
    { scenes: 3, seed: 5, ...options, config: { ...QUIET, listen, ...options.config } },
    (world) => use(world, `http://${listen}`),
  );
}

export function tokenOf(world: World): string {
  return Deno.readTextFileSync(world.path("listen-token")).trim();
}
