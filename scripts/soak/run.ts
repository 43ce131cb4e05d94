/** The soak itself: from an empty queue to the figures. */
import { MINUTE_MS } from "../../src/core/time/duration.ts";
import type { SoakArgs } from "./arguments.ts";
import { Commands } from "./commands.ts";
import { type CrowdFigures, runCrowd } from "./crowd.ts";
import { Daemon, type EndSignal } from "./daemon.ts";
import type { Door } from "./door.ts";
import { comeToRest, type Rest } from "./ending.ts";
import { countsOf, type Figures } from "./figures.ts";
import { judgeWrites, type Verdict } from "./needless.ts";
import { makePlan, type Plan, type Planned, type PlannedSpell } from "./plan.ts";
import { keep, scenesOf, trailOf } from "./traces.ts";
import { brokenByKill, brokenPromises } from "./promises.ts";
import { SceneChanges } from "./scene_changes.ts";
import { openStage, type Stage } from "./stage.ts";
import { seededRandom } from "../../tests/sim/random.ts";
import {
  mendPlex,
  mendStash,
  PLEX_TROUBLES,
  STASH_TROUBLES,
  type Trouble,
  type Troubled,
} from "./trouble.ts";

/** An item is asked whether it hears a field within this of the one that did not. */
const DOUBTED_MS = 5_000;

/** As many processes as two processors start without starving the daemon. */
const CROWD_AT_ONCE = 25;
const PROGRESS_MS = 10_000;
/** The daemon's time alone after the last look. */
const IDLE_MS = 1_500;
/** More would say nothing new. */
const MOST_FAILURES = 40;

/**
 * Plays one plan to its end; whatever happens, all that it started has ended when it returns.
 * @param say How far it is, one line at a time
 * @throws the reason of `stop`
 */
export async function soak(
  args: SoakArgs,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<Figures> {
  await using stage = await openStage(args.scenes, args.seed);
  const soak = new Soak(args, stage, say, stop);
  return await soak.run();
}

class Soak {
  readonly #failures: string[] = [];
  readonly #troubles = new Map<string, number>();
  readonly #pokes: Promise<void>[] = [];
  readonly #changes: SceneChanges;
  readonly #commands: Commands;

  constructor(
    private readonly args: SoakArgs,
    private readonly stage: Stage,
    private readonly say: (line: string) => void,
    private readonly stop: AbortSignal,
  ) {
    const { world, folder } = stage;
    this.#changes = new SceneChanges(
      world,
      (id) => this.#pokes.push(this.#commands.poke(id)),
    );
    this.#commands = new Commands(
      world,
      folder,
      () => this.#changes.alive,
      (why) => this.#fail(why),
    );
  }

  async run(): Promise<Figures> {
    const { stage: { world }, args, stop } = this;
    await world.expect(0, "sync", "--all", "--yes");
    await using daemon = new Daemon(world, (why) => this.#fail(why));
    await daemon.start();
    const crowd = await this.#crowd();
    const plan = makePlan(args.seed, args.minutes * MINUTE_MS);
    await this.#play(plan, daemon);
    await this.#mendAll();
    // What was given up is a person's to decide; from now on nothing may be, and nothing is helped.
    await this.#retryLetters();
    const rest = await comeToRest(world, stop);
    await this.#sleep(IDLE_MS);
    // What the daemon looked at once more after its start may be under way at this very moment.
    const left = rest.left.length > 0 ? rest.left : (await comeToRest(world, stop)).left;
    for (const line of left) this.#fail(line);
    for (const id of scenesOf(left)) this.#fail(trailOf(world, id));
    await daemon.end("SIGTERM");
    const verdict = this.#judge(daemon);
    const idleWrites = await this.#idleWrites();
    for (const sentence of await brokenPromises(this.stage)) this.#fail(sentence);
    if (args.keep && this.#failures.length > 0) this.say(`Kept: ${await keep(this.stage)}`);
    return this.#figures({ daemon, crowd, verdict, idleWrites, rest, left });
  }

  #fail(why: string): void {
    if (this.#failures.length < MOST_FAILURES) this.#failures.push(why);
  }

  /** Processes that enqueue while the daemon works on all scenes. */
  async #crowd(): Promise<CrowdFigures | null> {
    const { stage: { world }, args } = this;
    if (args.crowd === 0) return null;
    this.say(`${args.crowd} processes enqueue, ${CROWD_AT_ONCE} at once`);
    const ids = Array.from({ length: args.crowd }, (_, n) => String(n % args.scenes + 1));
    const figures = await runCrowd(world, { sceneIds: ids, atOnce: CROWD_AT_ONCE });
    figures.errors.forEach((error) => this.#fail(`a process of the crowd: ${error}`));
    figures.lost.forEach((id) => this.#fail(`scene ${id} of the crowd is lost`));
    return figures;
  }

  /** All lanes beside each other, until the last one has ended. */
  async #play(plan: Plan, daemon: Daemon): Promise<void> {
    const { stage: { plexDoor, stashDoor } } = this;
    const startedAt = performance.now();
    const lane = async <E extends Planned>(events: readonly E[], act: (event: E) => unknown) => {
      for (const event of events) {
        await this.#sleep(event.atMs - (performance.now() - startedAt));
        await act(event);
      }
    };
    const progress = setInterval(() => this.#progress(startedAt, daemon), PROGRESS_MS);
    try {
      await Promise.all([
        lane(plan.changes, (event) => this.#changes.perform(event)),
        lane(
          plan.plexTroubles,
          (event) => this.#trouble(event, "Plex", PLEX_TROUBLES, plexDoor, mendPlex),
        ),
        lane(
          plan.stashTroubles,
          (event) => this.#trouble(event, "Stash", STASH_TROUBLES, stashDoor, mendStash),
        ),
        lane(plan.ends, (event) => this.#end(event, daemon)),
        ...plan.commands.map((events) => lane(events, (event) => this.#commands.perform(event))),
      ]);
      await Promise.all([...this.#pokes, this.#changes.scanned()]);
    } finally {
      clearInterval(progress);
    }
  }

  async #trouble(
    { what, lastsMs, seed }: PlannedSpell,
    server: string,
    troubles: Readonly<Record<string, Trouble>>,
    door: Door,
    mend: (troubled: Troubled) => Promise<void>,
  ): Promise<void> {
    const name = `${server}: ${what}`;
    this.#troubles.set(name, (this.#troubles.get(name) ?? 0) + 1);
    const { plex, stash } = this.stage.world;
    const troubled = { door, plex, stash, random: seededRandom(seed) };
    await troubles[what]!.begin(troubled);
    await this.#sleep(lastsMs);
    await mend(troubled);
  }

  async #end({ what, lastsMs }: PlannedSpell, daemon: Daemon): Promise<void> {
    await daemon.end(what as EndSignal);
    for (const sentence of brokenByKill(this.stage.world)) this.#fail(`after ${what}: ${sentence}`);
    await this.#sleep(lastsMs);
    await daemon.start();
  }

  async #retryLetters(): Promise<void> {
    const { world } = this.stage;
    if (world.query("SELECT id FROM dead_letters LIMIT 1").length === 0) return;
    await world.expect(0, "dead", "retry", "--all");
  }

  async #mendAll(): Promise<void> {
    const { plexDoor, stashDoor, world } = this.stage;
    await mendPlex({ door: plexDoor, plex: world.plex });
    await mendStash({ door: stashDoor, stash: world.stash });
  }

  #progress(startedAt: number, daemon: Daemon): void {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const faults = [...this.#troubles.values()].reduce((sum, n) => sum + n, 0);
    this.say(
      `${seconds} s: ${this.#changes.total} changes, ${faults} faults, ` +
        `${daemon.ends.length} ends of the daemon, ${this.stage.writes.list.length} writes, ` +
        `${this.#failures.length} failures`,
    );
  }

  #judge(daemon: Daemon): Verdict {
    const { world, writes, plexDoor, stashDoor } = this.stage;
    const known = Map.groupBy(
      world.query<{ rating_key: string; at: number }>(
        `SELECT items ->> 0 AS rating_key, at FROM outcomes
         WHERE outcome IN ('written', 'unchanged')`,
      ),
      (row) => row.rating_key,
    );
    const unheard = world.query<{ rating_key: string; at: number }>(
      `SELECT items ->> 0 AS rating_key, at FROM outcomes
       WHERE error_message LIKE '% answered 200 but did not change %'`,
    );
    const deaf = writes.list.filter((write) => write.deaf);
    const spoiledAt = [...plexDoor.spoiledAt, ...stashDoor.spoiledAt];
    const verdict = judgeWrites(writes.list, {
      knew: (item, since, until) =>
        (known.get(item) ?? []).some(({ at }) => at >= since && at <= until),
      doubted: (item, at) =>
        unheard.some((end) =>
          end.rating_key !== item && end.at >= at && end.at <= at + DOUBTED_MS
        ) || deaf.some((write) =>
          write.item !== item && write.doneAt <= at && write.doneAt >= at - DOUBTED_MS
        ),
      ended: (since, until) => daemon.ends.some((end) => end.at <= until && end.until >= since),
      spoiled: (since, until) => spoiledAt.some((at) => at >= since && at <= until),
    });
    for (const { item, what, at } of verdict.unexplained) {
      this.#fail(`a write without need to item ${item} at ${new Date(at).toISOString()}: ${what}`);
    }
    return verdict;
  }

  /** Everything once more, when all is equal. */
  async #idleWrites(): Promise<number> {
    const { world, writes } = this.stage;
    const before = writes.list.length;
    await world.expect(0, "sync", "--all", "--yes");
    await world.expect(0, "run", "--once");
    const idle = writes.list.slice(before);
    for (const { item, what } of idle) {
      this.#fail(`all was equal, yet sync --all wrote to item ${item}: ${what}`);
    }
    return idle.length;
  }

  #figures(
    { daemon, crowd, verdict, idleWrites, rest, left }: {
      daemon: Daemon;
      crowd: CrowdFigures | null;
      verdict: Verdict;
      idleWrites: number;
      rest: Rest;
      left: readonly string[];
    },
  ): Figures {
    const { world } = this.stage;
    const { seed, minutes, scenes } = this.args;
    const totals = new Map(
      world.query<{ name: string; value: number }>("SELECT name, value FROM totals")
        .map(({ name, value }) => [name, value]),
    );
    const waiting = world.query("SELECT id FROM jobs").length;
    const isWrong = (line: string) => / should be /.test(line);
    return {
      seed,
      minutes,
      scenes: { atStart: scenes, atEnd: this.#changes.alive.length, lackingInPlex: waiting },
      changes: countsOf(this.#changes.counts),
      troubles: countsOf(this.#troubles),
      kills: daemon.count("SIGKILL"),
      stops: daemon.count("SIGTERM"),
      commands: countsOf(this.#commands.counts),
      longestEnqueueMs: Math.round(this.#commands.longestEnqueueMs),
      crowd,
      writes: { ...verdict, unexplained: verdict.unexplained.length },
      idleWrites,
      processed: totals.get("jobs_processed") ?? 0,
      failed: totals.get("jobs_failed") ?? 0,
      dead: totals.get("jobs_to_dlq") ?? 0,
      wrong: left.filter(isWrong).length,
      lost: left.filter((line) => !isWrong(line)).length + (crowd?.lost.length ?? 0),
      restSeconds: rest.seconds,
      failures: this.#failures,
    };
  }

  /** @throws the reason of `stop` */
  #sleep(ms: number): Promise<void> {
    const { stop } = this;
    return new Promise((resolve, reject) => {
      if (stop.aborted) return reject(stop.reason);
      const end = () => {
        clearTimeout(timer);
        stop.removeEventListener("abort", end);
        if (stop.aborted) reject(stop.reason);
        else resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      stop.addEventListener("abort", end);
    });
  }
}
