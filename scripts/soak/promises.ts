/** What must hold at the end, and after every kill. */
import {
  assertBalanced,
  assertStatsFile,
  assertTotals,
  readStatsFile,
} from "../../tests/e2e/books.ts";
import { assertCareful, assertNoStackTrace } from "../../tests/e2e/care.ts";
import type { World } from "../../tests/e2e/world.ts";
import type { Stage } from "./stage.ts";

/** Sentences about what a killed daemon left that it must not leave; none is running. */
export function brokenByKill(world: World): string[] {
  return broken([
    ["stats.json is whole", () => void readStatsFile(world)],
    ["totals are the sums of the outcomes", () => assertTotals(world)],
    ["each job is in one place", () => assertOnePlace(world)],
  ]);
}

/** Sentences about promises that do not hold at the end; no program is running. */
export async function brokenPromises(stage: Stage): Promise<string[]> {
  const { world } = stage;
  return [
    ...broken([
      ["the books balance", () => assertBalanced(world)],
      ["stats.json says what the database says", () => assertStatsFile(world)],
      ["each job is in one place", () => assertOnePlace(world)],
      ["Plex is treated with care", () => assertCareful(world.plex)],
      ["no stack trace is shown", () => world.outputs.forEach(assertNoStackTrace)],
    ]),
    ...world.outputs.flatMap((text) => secretsIn("an output", text, stage.secrets)),
    ...await secretsInFiles(stage),
  ];
}

function broken(promises: readonly (readonly [string, () => void])[]): string[] {
  return promises.flatMap(([promise, prove]) => {
    try {
      prove();
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [`"${promise}" does not hold: ${why.slice(0, 2_000)}`];
    }
  });
}

function assertOnePlace(world: World): void {
  const twice = world.query<{ scene_id: string }>(
    "SELECT j.scene_id FROM jobs j JOIN dead_letters d ON d.job_id = j.id",
  );
  if (twice.length > 0) throw new Error(`queued and dead: ${JSON.stringify(twice)}`);
}

function secretsIn(where: string, text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    [secret, encodeURIComponent(secret), btoa(secret).replace(/=+$/, "")]
      .filter((form) => text.includes(form)).map(() => `${where} holds a secret`)
  );
}

async function secretsInFiles({ world, secrets, folder }: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const directory of [world.dataDir, folder]) {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (!isFile || name === "plexsync.toml") continue;
      const bytes = await Deno.readFile(`${directory}/${name}`);
      found.push(...secretsIn(name, new TextDecoder("latin1").decode(bytes), secrets));
    }
  }
  return found;
}
