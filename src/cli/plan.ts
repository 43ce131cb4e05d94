import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";
import { type Change, planSync } from "../core/plan.ts";
import { workContext } from "../daemon/daemon.ts";
import { plexOf, stashOf } from "../app/servers.ts";
import { scenesOf } from "../intake/bulk.ts";
import type { WorkContext } from "../worker/context.ts";
import { gather, type Gathered } from "../worker/gather.ts";
import { planImages } from "../worker/images.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { Progress } from "./progress.ts";
import { readScope, SCOPE_FLAGS, SCOPE_VALUES } from "./scope.ts";
import { openServerSession } from "./server_session.ts";
import { openStoreOf } from "./session.ts";

export const command: Command = {
  usage: "plan (--all | --recent 24h | --scene ID,…)",
  summary: "Show per field what a sync would change, without writing",
  flags: SCOPE_FLAGS,
  run,
};

/** What would happen to one scene. */
interface ScenePlan {
  scene_id: string;
  outcome: "change" | "equal" | "skipped" | "gone" | "waiting" | "dead" | "failed";
  rating_key: string | null;
  title: string;
  confidence: "high" | "low" | null;
  changes: Change[];
  /** Fields that `preserve_plex_edits` keeps as they are. */
  kept: string[];
  error_type: string | null;
  reason: string | null;
  hint: string | null;
}

async function run(invocation: Invocation): Promise<number> {
  const scope = readScope(invocation);
  const session = await openServerSession(invocation, "daemon", SCOPE_VALUES);
  const store = await openStoreOf(session, invocation);
  try {
    const { config, log } = session;
    const stash = stashOf(config);
    const { runtime } = invocation.world;
    const context = workContext({ config, store, log, runtime }, plexOf(config, store), stash);
    const progress = new Progress(invocation, "Planned");
    const plans: ScenePlan[] = [];
    const totals = newTotals();
    for await (const { ids, total } of scenesOf(scope, stash, runtime)) {
      for (let at = 0; at < ids.length; at += config.batchSize) {
        const batch = await planBatch(ids.slice(at, at + config.batchSize), context);
        for (const plan of batch) {
          count(totals, plan);
          // An equal scene has nothing to show; a library may have a hundred thousand of them.
          if (plan.outcome === "equal") continue;
          if (invocation.json) plans.push(plan);
          else {
            progress.end();
            invocation.world.stdout(textOf(plan));
          }
        }
        progress.show(totals.scenes, total);
      }
    }
    progress.end();
    print(invocation, { totals, scenes: plans }, () => totalsText(totals));
    return 0;
  } finally {
    store.close();
    session.close();
  }
}

async function planBatch(ids: string[], context: WorkContext): Promise<ScenePlan[]> {
  const gathered = await gather(ids, context);
  const plans: ScenePlan[] = [];
  for (const id of ids) plans.push(await planOne(id, gathered.get(id)!, context));
  return plans;
}

async function planOne(id: string, found: Gathered, context: WorkContext): Promise<ScenePlan> {
  const plan: ScenePlan = {
    scene_id: id,
    outcome: "equal",
    rating_key: null,
    title: "",
    confidence: null,
    changes: [],
    kept: [],
    error_type: null,
    reason: null,
    hint: null,
  };
  if (found.kind === "gone") return { ...plan, outcome: "gone", reason: "deleted in Stash" };
  if (found.kind === "skipped") return { ...plan, outcome: "skipped", reason: found.reason };
  if (found.kind === "failed") return { ...plan, ...failure(found.error) };
  const { scene, item, written, confidence } = found;
  const planned = planSync(scene, item, written, context.settings);
  const facts = { rating_key: item.ratingKey, title: scene.title, confidence };
  try {
    const images = await planImages(scene, item, written, context);
    const changes: Change[] = [
      ...planned.changes,
      ...images.steps.map(({ kind }) => ({ field: kind, from: "", to: "the scene's cover" })),
    ];
    const kept = [...planned.kept, ...images.kept];
    return { ...plan, ...facts, outcome: changes.length > 0 ? "change" : "equal", changes, kept };
  } catch (thrown) {
    return { ...plan, ...facts, ...failure(asPlexsyncError(thrown)) };
  }
}

function failure(error: PlexsyncError): Partial<ScenePlan> {
  const outcome = error.type === "PlexNotFound"
    ? "waiting"
    : error.type === "AmbiguousMatch" || error.type === "PermanentError"
    ? "dead"
    : "failed";
  return { outcome, error_type: error.type, reason: error.message, hint: error.hint };
}

function newTotals() {
  return {
    scenes: 0,
    change: 0,
    equal: 0,
    skipped: 0,
    gone: 0,
    waiting: 0,
    dead: 0,
    failed: 0,
    /** Changes by field. */
    fields: {} as Record<string, number>,
    kept: 0,
  };
}

function count(totals: ReturnType<typeof newTotals>, plan: ScenePlan): void {
  totals.scenes++;
  totals[plan.outcome]++;
  totals.kept += plan.kept.length;
  for (const { field } of plan.changes) totals.fields[field] = (totals.fields[field] ?? 0) + 1;
}

function textOf(plan: ScenePlan): string {
  const name = `Scene ${plan.scene_id}`;
  if (plan.outcome !== "change") {
    const hint = plan.hint === null ? "" : `  hint: ${plan.hint}\n`;
    return `${name}: ${plan.outcome}: ${plan.reason}\n${hint}`;
  }
  const lines = plan.changes.map(({ field, from, to }) =>
    `  ${field}: ${short(from)} → ${short(to)}`
  );
  for (const field of plan.kept) lines.push(`  ${field}: kept as it is in Plex`);
  return `${name} → item ${plan.rating_key} (${plan.confidence})\n${lines.join("\n")}\n`;
}

function short(value: string): string {
  const flat = JSON.stringify(value);
  return flat.length <= 100 ? flat : `${flat.slice(0, 97)}…"`;
}

function totalsText(totals: ReturnType<typeof newTotals>): string {
  const fields = Object.entries(totals.fields).map(([field, n]) => `${n} ${field}`).join(", ");
  const parts = (["change", "equal", "skipped", "gone", "waiting", "dead", "failed"] as const)
    .filter((name) => totals[name] > 0).map((name) => `${totals[name]} ${name}`);
  const kept = totals.kept > 0 ? `Kept as edited in Plex: ${totals.kept} fields\n` : "";
  return `${totals.scenes} scenes: ${parts.join(", ") || "none"}\n` +
    (fields === "" ? "" : `Changes: ${fields}\n`) + kept;
}
