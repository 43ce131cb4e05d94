/** What a soak counted. Pure. */
import { table } from "../../src/cli/terminal/output.ts";
import type { CrowdFigures } from "./crowd.ts";
import type { Verdict } from "./needless.ts";

/** How often, by name. */
export type Counts = Record<string, number>;

/** The figures of the last line with `--json`. */
export interface Figures {
  seed: number;
  minutes: number;
  scenes: { atStart: number; atEnd: number; lackingInPlex: number };
  changes: Counts;
  troubles: Counts;
  kills: number;
  stops: number;
  commands: Counts;
  /** Of one `sync --scene` beside the daemon, process start included. */
  longestEnqueueMs: number;
  crowd: CrowdFigures | null;
  writes: Omit<Verdict, "unexplained"> & { unexplained: number };
  /** Writes of a last `sync --all` when all was equal. */
  idleWrites: number;
  /** Jobs that ended or failed, as the totals count them. */
  processed: number;
  failed: number;
  dead: number;
  /** Scenes of Plex's that are not as Stash has them, and those without a place at all. */
  wrong: number;
  lost: number;
  /** From the end of all faults until all was settled. */
  restSeconds: number;
  /** One sentence each; empty when every promise held. */
  failures: string[];
}

export function figuresTable(figures: Figures): string {
  const { scenes, writes, crowd } = figures;
  const sum = (counts: Counts) => Object.values(counts).reduce((all, n) => all + n, 0);
  const list = (counts: Counts) =>
    Object.entries(counts).sort().map(([name, n]) => `${n} ${name}`).join(", ");
  const rows: [string, string | number, string][] = [
    ["seed", figures.seed, `${figures.minutes} minutes`],
    ["scenes", scenes.atEnd, `${scenes.atStart} at the start, ${scenes.lackingInPlex} not in Plex`],
    ["changes", sum(figures.changes), list(figures.changes)],
    ["faults", sum(figures.troubles), list(figures.troubles)],
    ["daemon ended", figures.kills + figures.stops, `${figures.kills} SIGKILL`],
    ["commands", sum(figures.commands), list(figures.commands)],
    ["longest enqueue", `${figures.longestEnqueueMs} ms`, "one process, beside the daemon"],
    ...crowd === null ? [] : [[
      "crowd",
      crowd.processes,
      `${crowd.atOnce} at once: ${crowd.errors.length} errors, ${crowd.lost.length} lost, ` +
      `longest ${crowd.longestMs} ms, median ${crowd.medianMs} ms`,
    ] as [string, number, string]],
    ["jobs processed", figures.processed, `${figures.failed} failed, ${figures.dead} dead`],
    ["writes", writes.writes, `${writes.changed} changed an item`],
    ["  ignored", writes.deaf, "by a Plex that took nothing in"],
    ["  again, ended", writes.afterEnd, "the daemon ended before it could note the first"],
    ["  controls", writes.controls, "whether this Plex takes writes at all"],
    ["  again, failed", writes.afterFault, "a fault kept the first from being noted"],
    ["  unexplained", writes.unexplained, "must be 0"],
    ["idle writes", figures.idleWrites, "of a last sync --all, must be 0"],
    ["wrong", figures.wrong, "must be 0"],
    ["lost", figures.lost, "must be 0"],
    ["to rest", `${figures.restSeconds.toFixed(1)} s`, "from the end of the faults"],
  ];
  return table(["WHAT", "N", ""], rows.map(([what, n, more]) => [what, String(n), more]));
}

export function countsOf(map: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...map].sort(([a], [b]) => a < b ? -1 : 1));
}
