/** Changes in Stash that Plex has to show, and the wait for it. */
import type { Program, ProgramResult } from "../program.ts";
import { until, type World } from "./world.ts";

/** Gives the scenes 1 to `count` other titles. */
export function retitle(world: World, count: number, title: string): void {
  const ids = Array.from({ length: count }, (_, at) => String(at + 1));
  world.stash.upsert(ids.map((id) => ({ id, title: `${title} ${id}` })));
}

/** Resolves when Plex shows what Stash holds. */
export async function inSync(world: World): Promise<void> {
  await until("in sync", async () => (await world.differences()).length === 0, 60_000);
}

/** Resolves when Stash was asked so many times more. */
export async function asked(world: World, times: number): Promise<void> {
  const from = world.stash.requests().length;
  await until("requests", () => world.stash.requests().length >= from + times);
}

/** How a program that must end by itself ended; one that does not is killed in the end. */
export async function ended(program: Program): Promise<ProgramResult> {
  const timer = setTimeout(() => program.kill("SIGKILL"), 30_000);
  try {
    return await program.result;
  } finally {
    clearTimeout(timer);
  }
}
