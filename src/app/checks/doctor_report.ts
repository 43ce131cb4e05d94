import { ENTRIES } from "../../config/schema.ts";
import { VERSION } from "../../core/version.ts";
import { readFigures } from "../../store/figures/read_figures.ts";
import { readCommit } from "../install/executable.ts";
import type { Finding } from "./finding.ts";
import { openExisting, type Settings } from "../installation.ts";

/**
 * What a bug report needs, and nothing that tells whose it is: without secrets, names, titles, paths and addresses: of what was found wrong only the id, of the
 * settings only numbers, switches and words of our own, of the work only numbers.
 */
export async function doctorReport(findings: readonly Finding[], settings: Settings | null) {
  const { os, arch } = Deno.build;
  return {
    plexsync: { version: VERSION, commit: readCommit() },
    system: { os, arch, deno: Deno.version.deno },
    checks: findings.map((finding) => ({
      check: finding.check,
      verdict: finding.ok ? "ok" : finding.problem.severity,
      id: finding.ok ? null : finding.problem.id,
    })),
    settings: settings === null ? [] : settingsOf(settings),
    work: settings === null ? null : await workOf(settings),
  };
}

function settingsOf({ loaded }: Settings) {
  return ENTRIES.map((entry) => {
    const value = loaded.config[entry.property];
    const isPlain = typeof value === "number" || typeof value === "boolean" ||
      entry.kind.allowed.startsWith("one of ");
    return {
      key: entry.key,
      source: loaded.origins[entry.key]?.source ?? "default",
      value: isPlain ? value : null,
    };
  });
}

async function workOf(settings: Settings) {
  try {
    using installation = await openExisting(settings);
    if (installation === null) return null;
    const { store, runtime } = installation;
    const figures = readFigures(store, null, runtime.now());
    return {
      driver: store.driver,
      queue: figures.queue,
      dead_letters: figures.dead_letters,
      jobs_processed: figures.jobs_processed,
      success_rate: figures.success_rate,
      errors_by_type: figures.errors_by_type,
      p50_ms: figures.p50_ms,
      p95_ms: figures.p95_ms,
      items: store.indexedCount(),
      outages: store.outages.recent(20).map(({ server, started_at, ended_at }) => ({
        server,
        started_at,
        ended_at,
      })),
    };
  } catch {
    // What is wrong with the database is among the checks.
    return null;
  }
}
