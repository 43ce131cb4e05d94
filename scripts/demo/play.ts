/** The demo itself, from an empty queue to the figures. */
import { table } from "../../src/cli/terminal/output.ts";
import type { DemoArgs } from "./arguments.ts";
import { Daemon, RUN } from "./daemon.ts";
import { type Figures, isWritten, problemOf, type Synced, syncedOf } from "./figures.ts";
import { Plexsync } from "./plexsync.ts";
import type { Screen } from "./screen.ts";
import { openStage, type Stage } from "./stage.ts";

const LIVE_TITLE = "Renamed while plexsync runs";

/**
 * Plays the demo; whatever happens, all that it started has ended when it returns.
 * @throws {Error} the program failed, or the figures are not as they should be
 * @throws the reason of `stop`
 */
export async function play(args: DemoArgs, screen: Screen, stop: AbortSignal): Promise<Figures> {
  await using stage = await openStage(args);
  const { plex, stash, library, dataDir } = stage;
  screen.print(
    `Simulated Stash at ${stash.url}: ${library.scenes.length} scenes\n` +
      `Simulated Plex at ${plex.url}: ${library.plexItems.length} items\n`,
  );
  if (args.keep) screen.print(`Data directory, kept: ${dataDir}\n`);
  const plexsync = new Plexsync(dataDir, stop);

  await show(["sync", "--all", "--yes"], plexsync, screen);
  await runDaemon(stage, plexsync, screen, stop);

  const synced = syncedOf(stash.scenes(), plex.items());
  screen.print(`\nWhat the simulated Plex holds now:\n${writtenTable(synced)}`);
  const queue = await plexsync.json<{ last_error_type: string | null }[]>(["queue", "list"]);
  await show(["queue", "list"], plexsync, screen);
  const letters = await plexsync.json<unknown[]>(["dead", "list"]);
  await show(["dead", "list"], plexsync, screen);
  await show(["--stats"], plexsync, screen);

  const figures: Figures = {
    scenes: stash.scenes().length,
    synced: synced.length,
    // By the reason: one that was looked for again just as the daemon ended is due once more.
    waiting: queue.filter((job) => job.last_error_type === "PlexNotFound").length,
    dead: letters.length,
    stats: await plexsync.json(["--stats"]),
  };
  const problem = problemOf(figures, library);
  if (problem !== undefined) throw new Error(problem);
  return figures;
}

async function show(args: readonly string[], plexsync: Plexsync, screen: Screen): Promise<void> {
  screen.command(args);
  screen.print(await plexsync.text(args));
}

/** Until every scene has an outcome, and one change made meanwhile in Stash has arrived. */
async function runDaemon(
  stage: Stage,
  plexsync: Plexsync,
  screen: Screen,
  stop: AbortSignal,
): Promise<void> {
  const { plex, library } = stage;
  screen.command(RUN);
  await using daemon = await Daemon.start(plexsync, stop);
  const total = library.scenes.length;
  await daemon.until(() => {
    screen.progress("Written", plex.items().filter(isWritten).length, total);
    return daemon.firstOutcomes.size === total;
  });
  screen.progressEnds();
  const outcomes = [...daemon.firstOutcomes.values()].map(({ outcome }) => outcome);
  const counts = Object.entries(Object.groupBy(outcomes, (outcome) => outcome))
    .map(([outcome, jobs]) => `${jobs!.length} ${outcome}`);
  screen.print(`Outcomes, from its log: ${counts.join(", ")}\n`);
  await changeLive(stage, daemon, screen);
  await daemon.end();
  screen.print("SIGTERM: the daemon settled its work and ended\n");
}

async function changeLive({ plex, stash }: Stage, daemon: Daemon, screen: Screen): Promise<void> {
  const written = daemon.outcomes.findLast((job) => job.outcome === "written");
  if (written === undefined) throw new Error("The daemon wrote nothing: its log has no such line");
  const { sceneId, ratingKey } = written;
  const before = daemon.outcomes.length;
  const changedAt = performance.now();
  stash.upsert([{ id: sceneId, title: LIVE_TITLE }]);
  screen.print(`Scene ${sceneId} gets the title "${LIVE_TITLE}" in Stash\n`);
  await daemon.until(() =>
    daemon.outcomes.slice(before).some((job) =>
      job.sceneId === sceneId && job.outcome === "written"
    )
  );
  const seconds = ((performance.now() - changedAt) / 1000).toFixed(1);
  const title = plex.items().find((item) => item.ratingKey === ratingKey)?.title;
  screen.print(`Item ${ratingKey} in Plex has the title "${title}" after ${seconds} s\n`);
}

function writtenTable(synced: readonly Synced[]): string {
  return table(
    ["SCENE", "ITEM", "TITLE", "STUDIO", "DATE", "ACTORS", "GENRES", "POSTER"],
    synced.map(({ scene, item }) => [
      scene.id,
      item.ratingKey,
      item.title ?? "",
      item.studio ?? "",
      item.originallyAvailableAt ?? "",
      String(item.actors.length),
      String(item.genres.length),
      (item.poster ?? "").slice(0, 8),
    ]),
  );
}
