/** The real daemon over a library of the simulated servers, as a test runs it and reads its book. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { parseJson } from "../../src/core/text/json.ts";
import { startProgram } from "../program.ts";
import type { CorpusPathRule } from "../sim/corpus.ts";
import { SECTIONS } from "../sim/corpus/builder.ts";
import type { SimItemView } from "../sim/plex/server.ts";
import { until } from "./world.ts";

const LIMIT_MS = 3_600_000;

export interface CorpusServers {
  plex_url: string;
  plex_token: string;
  stash_url: string;
  stash_api_key: string;
}

export interface CorpusState {
  items: SimItemView[];
  letters: { scene_id: string; error_type: string; error_message: string; job_data: string }[];
}

export class CorpusDaemon {
  #pathMap: readonly CorpusPathRule[] | null = null;

  constructor(private readonly folder: string, private readonly servers: CorpusServers) {}

  async configure(pathMap: readonly CorpusPathRule[] | null): Promise<void> {
    this.#pathMap = pathMap;
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
    const startedAt = Date.now();
    await using program = await startProgram(["run", "--data-dir", this.folder]);
    await this.#rest(startedAt);
    await then();
    program.kill();
    const { code, stderr } = await program.result;
    if (code !== 0) throw new Error(`plexsync run ended with ${code}\n${stderr}`);
  }

  /** Until the daemon that was started then has looked at everything and nothing came of it. */
  async #rest(startedAt: number): Promise<void> {
    await until("the daemon is at rest", async () => {
      if (this.#isAtRest(startedAt)) return true;
      await new Promise((resolve) => setTimeout(resolve, 250));
      return false;
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
    const startedAt = Date.now();
    await this.#control("clock", { jump_ms: 3_600_000 });
    await this.#control("scenes", [scene]);
    await until("the newest scene is seen", () => {
      const database = this.#open(true);
      const row = database.prepare("SELECT 1 FROM scenes WHERE scene_id = ?").get(String(id));
      database.close();
      return row !== undefined;
    });
    await this.#rest(startedAt);
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

  async state(): Promise<CorpusState> {
    const database = this.#open(true);
    const letters = database.prepare(
      "SELECT scene_id, error_type, error_message, job_data FROM dead_letters",
    ).all() as unknown as CorpusState["letters"];
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

  /**
   * What has to be so at one moment, by the daemon's own book: no job is due; all libraries were
   * listed since that time, and every scene compared with what they have, by the rules that are in
   * force; these were learned, where none are given, from the last walk and listing of all.
   */
  #isAtRest(startedAt: number): boolean {
    let database: DatabaseSync | undefined;
    try {
      database = this.#open(true);
      database.exec("BEGIN");
      const facts = new Map(
        (database.prepare("SELECT key, value FROM meta").all() as { key: string; value: string }[])
          .map(({ key, value }) => [key, parseJson(value)]),
      );
      const [jobs] = database.prepare(
        "SELECT count(*) AS due FROM jobs WHERE state <> 'waiting' OR next_retry_at <= 0",
      ).all() as { due: number }[];
      const [listed] = database.prepare(
        "SELECT min(refreshed_at) AS refreshed, max(listed_at) AS listed FROM index_sections",
      ).all() as { refreshed: number | null; listed: number | null }[];
      const { refreshed, listed: listedAt } = listed!;
      const sweep = facts.get("sweep") as { doneAt: number; underWay: unknown } | undefined;
      const knownAt = facts.get("files_known_at") as number | undefined;
      const learned = facts.get("plex_learned_rules") as
        | { rules: CorpusPathRule[]; walkedAt: number; listedAt: number }
        | undefined;
      if (knownAt === undefined || sweep === undefined || sweep.underWay !== null) return false;
      const isLearned = learned?.walkedAt === Math.max(knownAt, sweep.doneAt) &&
        learned.listedAt === listedAt;
      const rules = this.#pathMap ?? learned?.rules ?? [];
      const inForce = JSON.stringify([
        rules.map(({ stash, plex }) => `${stash} → ${plex}`),
        true,
      ]);
      return jobs!.due === 0 && refreshed !== null && refreshed >= startedAt &&
        (this.#pathMap !== null || isLearned) && facts.get("plex_match_rules") === inForce &&
        (facts.get("plex_healed_at") as number | undefined ?? 0) >= refreshed;
    } catch {
      // It is not made yet, or locked for a moment.
      return false;
    } finally {
      database?.close();
    }
  }

  #open(readOnly: boolean): DatabaseSync {
    const database = new DatabaseSync(join(this.folder, "plexsync.db"), { readOnly });
    database.exec("PRAGMA busy_timeout = 10000");
    return database;
  }
}

/** The scene that an item was written for; null for one that was not. */
export function writerOf({ title, locked }: SimItemView): string | null {
  return locked.includes("title") ? /^Title of (\d+)$/.exec(title ?? "")?.[1] ?? null : null;
}
