/**
 * A library in which much looks alike, from a file in the simulated servers, and the real daemon
 * over it: written wrongly first, as under rules for paths that lead to other films, then left to
 * the right rules, or to none, without being asked for anything.
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { ROOT, sourceCommand, startProgram } from "../program.ts";
import { type CorpusPathRule, makeCorpus, type SceneTruth, type Verdict } from "../sim/corpus.ts";
import { FILMS, SECTIONS } from "../sim/corpus/builder.ts";
import type { LibraryDocument } from "../sim/library_document.ts";
import type { SimItemView } from "../sim/plex/server.ts";
import { until } from "./world.ts";

export interface CorpusRunOptions {
  scenes: number;
  seed: number;
  /** The corpus's own path map; else none is given. */
  isMapped: boolean;
  say(line: string): void;
}

export interface CorpusFigures {
  scenes: number;
  /** Scenes that were written to another film's item beforehand. */
  misled: number;
  written: number;
  waiting: number;
  ambiguous: number;
  shared: number;
  /** Whatever is not as it has to be, in words. */
  failures: string[];
  seconds: number;
}

/** One of so many scenes is led to a wrong item beforehand. */
const MISLED_OF = 25;
/** The queue has to be at rest for so long. */
const REST_MS = 6_000;
const LIMIT_MS = 3_600_000;

interface Servers {
  plex_url: string;
  plex_token: string;
  stash_url: string;
  stash_api_key: string;
}

export async function runCorpus(
  { scenes, seed, isMapped, say }: CorpusRunOptions,
): Promise<CorpusFigures> {
  const started = performance.now();
  const corpus = makeCorpus({ scenes, seed });
  const folder = await Deno.makeTempDir({ prefix: "plexsync-corpus-" });
  const library = join(folder, "library.json");
  await Deno.writeTextFile(library, JSON.stringify(unchanged(corpus.library)));
  const simulator = sourceCommand(join(ROOT, "tests/sim/main.ts"));
  await using sim = await startProgram(["--library", library], {}, simulator);
  try {
    const servers = JSON.parse(await sim.stdout.line("plex_url")) as Servers;
    const daemon = new Daemon(folder, servers);
    const wrong = misleading(corpus.library, corpus.truth);
    const base = isMapped ? corpus.pathMap : [];
    await daemon.configure([...wrong.map(({ rule }) => rule), ...base]);
    await daemon.command("sync", "--all", "--yes");
    await daemon.runToRest(() => daemon.passTimeInStash(scenes + 1));
    const misled = await daemon.writers();
    const isMisled = wrong.filter(({ sceneId, item }) => misled.get(item) === sceneId);
    say(`${isMisled.length} of ${wrong.length} scenes are on a wrong item`);

    await daemon.configure(isMapped ? corpus.pathMap : null);
    await daemon.runToRest();
    say("healed; now the waits end");
    daemon.endWaits();
    await daemon.runToRest();

    const figures = judge(corpus.truth, await daemon.state(), isMapped);
    return {
      ...figures,
      scenes,
      misled: isMisled.length,
      seconds: Math.round((performance.now() - started) / 1000),
    };
  } finally {
    sim.kill();
    await sim.result;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Nothing in Stash looks new at a later start: what is synced again, is so for its items' sake. */
function unchanged({ plex, stash }: LibraryDocument): LibraryDocument {
  const start = Date.UTC(2024, 0, 1);
  const scenes = stash.scenes.map((scene, at) => ({
    ...scene,
    updated_at: new Date(start + at * 1_000).toISOString(),
  }));
  return { plex, stash: { scenes } };
}

interface Misled {
  sceneId: string;
  item: string;
  rule: CorpusPathRule;
}

/** Rules for single files that lead to the item of another scene, or to one that is nobody's. */
function misleading(
  { plex, stash }: LibraryDocument,
  truth: readonly SceneTruth[],
): Misled[] {
  const files = new Map(plex.items.map(({ ratingKey, media }) => [
    String(ratingKey),
    media.flatMap(({ parts }) => parts.map(({ file }) => file)),
  ]));
  const paths = new Map(
    stash.scenes.map(({ id, files = [] }) => [String(id), files.map(({ path }) => path)]),
  );
  const owned = new Set(truth.flatMap(({ items }) => items));
  const free = plex.items.filter(({ ratingKey, section, deletedAt, media }) =>
    !owned.has(String(ratingKey)) && section === FILMS.section && deletedAt === undefined &&
    media.length === 1 && media.every((version) =>
      version.deletedAt === undefined && version.proxyType === undefined &&
      version.parts.length === 1
    )
  ).map(({ ratingKey }) => String(ratingKey));
  const plain = truth.filter(({ sceneId, mapped, items }) =>
    mapped.is === "found" && items.length === 1 && paths.get(sceneId)?.length === 1 &&
    paths.get(sceneId)![0]!.startsWith(`${FILMS.stash}/`) && files.get(items[0]!)?.length === 1
  ).filter((_, at) => at % MISLED_OF === 0);
  return plain.map(({ sceneId }, at) => {
    // Every third to an item without a scene, as far as there are such.
    const item = at % 3 === 0 && free.length > 0
      ? free.pop()!
      : plain[(at + 1) % plain.length]!.items[0]!;
    const rule = { stash: paths.get(sceneId)![0]!, plex: files.get(item)![0]! };
    return { sceneId, item, rule };
  });
}

interface State {
  items: SimItemView[];
  letters: { scene_id: string; error_type: string; error_message: string; job_data: string }[];
}

class Daemon {
  constructor(private readonly folder: string, private readonly servers: Servers) {}

  async configure(pathMap: readonly CorpusPathRule[] | null): Promise<void> {
    const rules = pathMap?.map(({ stash, plex }) =>
      `  { stash = ${JSON.stringify(stash)}, plex = ${JSON.stringify(plex)} },\n`
    );
    const settings = {
      ...this.servers,
      plex_library: SECTIONS.map(({ title }) => title),
      sync_poster: false,
      sync_background: false,
      poll_interval: 0.5,
    };
    const lines = Object.entries(settings).map(([key, value]) =>
      `${key} = ${JSON.stringify(value)}\n`
    );
    const map = rules === undefined ? "" : `path_map = [\n${rules.join("")}]\n`;
    await Deno.writeTextFile(join(this.folder, "plexsync.toml"), lines.join("") + map, {
      mode: 0o600,
    });
  }

  async command(...args: string[]): Promise<void> {
    await using program = await startProgram([...args, "--data-dir", this.folder]);
    const { code, stderr } = await program.result;
    if (code !== 0) throw new Error(`plexsync ${args.join(" ")} ended with ${code}\n${stderr}`);
  }

  /** Runs the daemon until nothing is due, and nothing comes from what changed. */
  async runToRest(then = () => Promise.resolve()): Promise<void> {
    await using program = await startProgram(["run", "--data-dir", this.folder]);
    await this.#rest();
    await then();
    program.kill();
    const { code, stderr } = await program.result;
    if (code !== 0) throw new Error(`plexsync run ended with ${code}\n${stderr}`);
  }

  async #rest(): Promise<void> {
    let restedAt = Infinity;
    await until("the queue is at rest", async () => {
      if (!this.#isAtRest()) restedAt = Infinity;
      else restedAt = Math.min(restedAt, performance.now());
      await new Promise((resolve) => setTimeout(resolve, 200));
      return performance.now() - restedAt >= REST_MS;
    }, LIMIT_MS);
  }

  /**
   * An hour later a scene comes of which all is new. What changed in the last minutes is looked at
   * again at each start, and without this that would be all of the library.
   */
  async passTimeInStash(id: number): Promise<void> {
    const scene = {
      id,
      title: "The newest",
      studio: "Newest",
      tags: ["Newest"],
      performers: ["Newest"],
      files: [{ path: "/data/newest.mp4", size: 1, duration: 1 }],
    };
    await this.#control("clock", { jump_ms: 3_600_000 });
    await this.#control("scenes", [scene]);
    await until("the newest scene is seen", () => {
      const database = this.#open(true);
      const row = database.prepare("SELECT 1 FROM scenes WHERE scene_id = ?").get(String(id));
      database.close();
      return row !== undefined;
    });
    await this.#rest();
  }

  async #control(name: string, body: unknown): Promise<void> {
    const answer = await fetch(`${this.servers.stash_url}/__sim__/${name}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Stash answered ${answer.status}: ${text}`);
  }

  /** As if two and a half hours had passed. */
  endWaits(): void {
    const database = this.#open(false);
    database.exec(
      "UPDATE jobs SET wait_count = 1000, next_retry_at = 0, updated_at = 0 WHERE state = 'waiting'",
    );
    database.close();
  }

  async state(): Promise<State> {
    const database = this.#open(true);
    const letters = database.prepare(
      "SELECT scene_id, error_type, error_message, job_data FROM dead_letters",
    ).all() as unknown as State["letters"];
    database.close();
    return { items: await this.#items(), letters };
  }

  /** Which scene each item was written for. */
  async writers(): Promise<Map<string, string>> {
    return new Map((await this.#items()).flatMap((item) => {
      const writer = writerOf(item);
      return writer === null ? [] : [[item.ratingKey, writer]];
    }));
  }

  async #items(): Promise<SimItemView[]> {
    const answer = await fetch(`${this.servers.plex_url}/__sim__/items`);
    return await answer.json() as SimItemView[];
  }

  #isAtRest(): boolean {
    try {
      const database = this.#open(true);
      const [row] = database.prepare(
        `SELECT (SELECT count(*) FROM jobs WHERE state <> 'waiting')
             + (SELECT count(*) FROM jobs WHERE state = 'waiting' AND next_retry_at <= 0) AS due,
           (SELECT min(refreshed_at) FROM index_sections) <=
             (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'plex_healed_at') AS healed,
           (SELECT count(*) FROM meta WHERE key = 'files_known_at') AS known`,
      ).all() as unknown as { due: number; healed: number | null; known: number }[];
      database.close();
      return row?.due === 0 && row.healed === 1 && row.known === 1;
    } catch {
      // It is not made yet, or locked for a moment.
      return false;
    }
  }

  #open(readOnly: boolean): DatabaseSync {
    const database = new DatabaseSync(join(this.folder, "plexsync.db"), { readOnly });
    database.exec("PRAGMA busy_timeout = 10000");
    return database;
  }
}

function writerOf({ title, locked }: SimItemView): string | null {
  return locked.includes("title") ? /^Title of (\d+)$/.exec(title ?? "")?.[1] ?? null : null;
}

function judge(
  truth: readonly SceneTruth[],
  { items, letters }: State,
  isMapped: boolean,
): Omit<CorpusFigures, "scenes" | "misled" | "seconds"> {
  const failures: string[] = [];
  const itemsOf = Map.groupBy(items, (item) => writerOf(item) ?? "");
  for (const item of items) {
    const { ratingKey, locked, summary, studio, genres, actors, collections } = item;
    const shows = [summary, studio, ...genres, ...actors, ...collections].some((text) => text);
    if (writerOf(item) === null && (locked.length > 0 || shows)) {
      failures.push(`item ${ratingKey} has no scene and still shows what was written there`);
    }
  }
  const letterOf = new Map(letters.map((letter) => [letter.scene_id, letter]));
  const counts = { written: 0, waiting: 0, ambiguous: 0, shared: 0 };
  for (const { sceneId, hazard, items: right, mapped, unmapped } of truth) {
    const own = (itemsOf.get(sceneId) ?? []).map(({ ratingKey }) => ratingKey).sort();
    for (const item of own) {
      if (!right.includes(item)) {
        failures.push(`scene ${sceneId} is on wrong item ${item}: ${hazard}`);
      }
    }
    const verdict = verdictOf(own, letterOf.get(sceneId));
    counts[COUNTED[verdict.is]]++;
    const wanted = (isMapped ? [mapped] : unmapped).map(atLast).map((each) => JSON.stringify(each));
    const text = JSON.stringify(verdict);
    if (!wanted.includes(text)) {
      failures.push(`scene ${sceneId}: ${text}, not ${wanted.join(" or ")}: ${hazard}`);
    }
  }
  return { ...counts, failures };
}

const COUNTED = {
  found: "written",
  waits: "waiting",
  ambiguous: "ambiguous",
  shared: "shared",
} as const;

/** A scene that waits with candidates is ambiguous when the wait is over. */
function atLast(verdict: Verdict): Verdict {
  return verdict.is === "waits" && verdict.candidates !== undefined
    ? { is: "ambiguous", candidates: verdict.candidates }
    : verdict;
}

function verdictOf(own: string[], letter: State["letters"][number] | undefined): Verdict {
  const texts = letter === undefined
    ? []
    : (JSON.parse(letter.job_data) as { candidates: string[] }).candidates;
  const candidates = texts.flatMap((text) => /^item (\d+):/.exec(text)?.[1] ?? []).sort();
  switch (letter?.error_type) {
    case "AmbiguousMatch":
      return { is: "ambiguous", candidates };
    case "SharedItem": {
      const [, named = ""] = /scenes ([\d, ]+):/.exec(letter.error_message) ?? [];
      return { is: "shared", item: candidates[0] ?? "", scenes: named.split(", ").sort() };
    }
    default:
      return own.length > 0 ? { is: "found", items: own } : { is: "waits" };
  }
}
