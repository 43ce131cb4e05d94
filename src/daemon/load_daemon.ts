/**
 * What the daemon is made of, the lowest first. In one go its 400 modules, and what they need of the
 * runtime, held the process up for 73 ms, and with it the first signal; the longest of these parts
 * took 20 to 33 ms, beside other work.
 */
const PARTS: readonly (() => Promise<unknown>)[] = [
  () => import("../store/store.ts" as string),
  () => import("../stash/client.ts" as string),
  () => import("node:crypto" as string),
  () => import("node:https" as string),
  () => import("node:zlib" as string),
  () => import("../app/connections/servers.ts" as string),
  () => import("../worker/worker.ts" as string),
  () => import("../app/installation.ts" as string),
  () => import("./daemon.ts" as string),
];

/** Loads it part by part, with a turn for others after each: whoever imports it then finds it there. */
export async function loadDaemon(): Promise<void> {
  for (const part of PARTS) {
    await part();
    await new Promise((resolve) => setTimeout(resolve));
  }
}
