/**
 * `deno task screenshots`: makes the pictures of the status page that the README shows, of the real
 * program against simulated servers.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MINUTE_MS, SECOND_MS } from "../src/core/time/duration.ts";
import { Chromium, findChromium } from "../tests/http/page/chromium.ts";
import { Daemon } from "./demo/daemon.ts";
import { Plexsync } from "./demo/plexsync.ts";
import { openStage } from "./demo/stage.ts";
import { untilEnded } from "./until_ended.ts";

const LIMIT_MS = 2 * MINUTE_MS;
const SCENES = 400;
const WIDTH = 1280;
/** Down to the charts. */
const HEIGHT = 1230;
const TOKEN = crypto.randomUUID();

async function makeScreenshots(chromium: string, stop: AbortSignal): Promise<void> {
  await using stage = await openStage({ plexLatencyMs: 20, keep: false, scenes: SCENES });
  const port = freePort();
  await Deno.writeTextFile(
    join(stage.dataDir, "plexsync.toml"),
    `listen = "127.0.0.1:${port}"\nlisten_token = "${TOKEN}"\n`,
    { append: true },
  );
  const plexsync = new Plexsync(stage.dataDir, stop);
  await plexsync.text(["sync", "--all", "--yes"]);
  await using daemon = await Daemon.start(plexsync, stop);
  await daemon.until(() => daemon.firstOutcomes.size === SCENES);
  await using browser = await Chromium.open(chromium);
  await browser.goto(`http://127.0.0.1:${port}/`);
  await browser.type("#token", TOKEN);
  await browser.follow("main button");
  for (const scheme of ["light", "dark"] as const) {
    await browser.look(WIDTH, scheme);
    await browser.goto(`http://127.0.0.1:${port}/`);
    await browser.until("document.querySelectorAll('.chart canvas').length === 2");
    const path = fileURLToPath(new URL(`../.github/overview-${scheme}.png`, import.meta.url));
    await Deno.writeFile(path, await browser.picture({ width: WIDTH, height: HEIGHT }));
    console.log(`Made ${path}`);
  }
  await daemon.end();
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function main(): Promise<number> {
  const chromium = findChromium();
  if (chromium === undefined) {
    console.log("Skipped: there is no Chromium here, and the pictures stay as they are");
    return 0;
  }
  const reason = `The pictures were not made within ${LIMIT_MS / SECOND_MS} s`;
  return await untilEnded({ ms: LIMIT_MS, reason }, async (stop) => {
    await makeScreenshots(chromium, stop);
    return 0;
  }, (error) => {
    if (error !== null) console.error(error instanceof Error ? error.message : String(error));
  });
}

if (import.meta.main) Deno.exit(await main());
