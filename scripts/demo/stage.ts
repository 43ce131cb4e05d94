/** Everything that the program meets in the demo: two simulated servers and a data directory. */
import { join } from "node:path";
import { generateLibrary, type Library } from "../../tests/sim/library.ts";
import { type SimPlex, startSimPlex } from "../../tests/sim/plex/server.ts";
import { type SimStash, startSimStash } from "../../tests/sim/stash/server.ts";

export interface Stage extends AsyncDisposable {
  readonly plex: SimPlex;
  readonly stash: SimStash;
  readonly library: Library;
  /** Absolute path; holds the config file too. */
  readonly dataDir: string;
}

export interface StageOptions {
  plexLatencyMs: number;
  /** The data directory outlives the stage. */
  keep: boolean;
  /** How many there are; default 20. */
  scenes?: number;
}

const SCENES = 20;
const SEED = 1;
/** Two of twenty. */
const MISSING_PERCENT = 10;
const AMBIGUOUS = 1;
const PLEX_LIBRARY = "Scenes";
const FOLDER = "/data/scenes";

/** Starts the servers on free ports of 127.0.0.1 and writes `plexsync.toml` for them. */
export async function openStage(
  { plexLatencyMs, keep, scenes = SCENES }: StageOptions,
): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const library = generateLibrary({
    scenes,
    seed: SEED,
    missingPercent: MISSING_PERCENT,
    ambiguous: AMBIGUOUS,
    stashRoot: FOLDER,
  });
  const stash = opened.adopt(
    await startSimStash({ scenes: library.scenes }),
    (server) => server.close(),
  );
  const plex = opened.adopt(
    await startSimPlex({
      items: library.plexItems,
      latencyMs: plexLatencyMs,
      sections: [{ key: "1", title: PLEX_LIBRARY, type: "movie", locations: [FOLDER] }],
    }),
    (server) => server.close(),
  );
  const dataDir = await Deno.makeTempDir({ prefix: "plexsync-demo-" });
  if (!keep) opened.defer(() => Deno.remove(dataDir, { recursive: true }));
  await Deno.writeTextFile(join(dataDir, "plexsync.toml"), configFile(plex, stash), {
    mode: 0o600,
  });
  const all = opened.move();
  return { plex, stash, library, dataDir, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function configFile(plex: SimPlex, stash: SimStash): string {
  const settings = {
    plex_url: plex.url,
    plex_token: plex.token,
    plex_library: PLEX_LIBRARY,
    stash_url: stash.url,
    stash_api_key: stash.apiKey,
    poll_interval: 1,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return lines.join("\n") + "\n";
}
