/**
 * A library in which much looks alike, from a file in the simulated servers, and the real daemon
 * over it: written wrongly first, as under rules for paths that lead to other films, then left to
 * the right rules, or to none, without being asked for anything.
 */
import { join } from "node:path";
import { ROOT, sourceCommand, startProgram } from "../program.ts";
import { type CorpusPathRule, makeCorpus, type SceneTruth, type Verdict } from "../sim/corpus.ts";
import { FILMS } from "../sim/corpus/builder.ts";
import type { LibraryDocument } from "../sim/library_document.ts";
import { CorpusDaemon, type CorpusServers, type CorpusState, writerOf } from "./corpus_daemon.ts";

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
    const servers = JSON.parse(await sim.stdout.line("plex_url")) as CorpusServers;
    const daemon = new CorpusDaemon(folder, servers);
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

function judge(
  truth: readonly SceneTruth[],
  { items, letters }: CorpusState,
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

function verdictOf(own: string[], letter: CorpusState["letters"][number] | undefined): Verdict {
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
