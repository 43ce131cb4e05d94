import { NeedsAttention } from "../core/errors.ts";
import { type Problem, type ProblemId, stashNotReady } from "../core/problems.ts";
import type { StashClient } from "../stash/client.ts";
import type { Target } from "../target/target.ts";
import { chooseSections } from "../worker/index_keeper.ts";
import type { Installation } from "./installation.ts";
import { plexOf, stashOf } from "./servers.ts";

/** One thing that was looked at: what was found, or what is wrong. */
export type Finding =
  | { check: string; ok: true; detail: string }
  | { check: string; ok: false; problem: Problem };

/** Asks both servers whether the settings are right; one check after the other, none rejects. */
export async function checkOnline({ config, store, runtime }: Installation): Promise<Finding[]> {
  const plex = plexOf(config, store, runtime);
  const stash = stashOf(config);
  return [
    await ask("Plex", "plex_unreachable", async () => {
      const { version } = await plex.identity();
      return `version ${version} at ${config.plexUrl}`;
    }),
    await ask("Plex token", "plex_refused", async () => {
      const { name } = await plex.checkAccess();
      return `accepted by "${name}"`;
    }),
    await ask("Plex libraries", "plex_faulty", () => libraries(plex, config.plexLibrary)),
    await ask("Stash", "stash_unreachable", () => stashState(stash, config.stashUrl)),
  ];
}

async function libraries(target: Target, wanted: readonly string[]): Promise<string> {
  const all = await target.sections();
  return chooseSections(all, wanted, target).map(({ title }) => `"${title}"`).join(", ");
}

async function stashState(stash: StashClient, url: string): Promise<string> {
  const { version } = await stash.version();
  const { status } = await stash.systemStatus();
  if (status !== "OK") throw new NeedsAttention(stashNotReady(status));
  return `version ${version || "unknown"} at ${url}, ${await stash.sceneCount()} scenes`;
}

/** @param id Of the problem for a failure that does not name its own */
async function ask(
  check: string,
  id: ProblemId,
  question: () => Promise<string>,
): Promise<Finding> {
  try {
    return { check, ok: true, detail: await question() };
  } catch (thrown) {
    if (thrown instanceof NeedsAttention) return { check, ok: false, problem: thrown.problem };
    const { message, hint = null } = thrown as Error & { hint?: string };
    const problem: Problem = { id, severity: "error", summary: message, hint, facts: { check } };
    return { check, ok: false, problem };
  }
}
