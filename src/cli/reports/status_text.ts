import { hintApart, type Problem } from "../../core/failures/problems.ts";
import { formatDuration } from "../../core/time/duration.ts";
import { AGREE_HINT } from "../../app/queue/full_sync.ts";
import { pathRulesText } from "../../app/checks/path_rules_report.ts";
import type { StatusReport } from "../../app/reports/status_report.ts";
import { facts, table } from "../terminal/output.ts";
import { ago, countsText, instant, plural } from "../../core/text/wording.ts";
import { outageText } from "../../core/failures/outage_text.ts";
import { outcomeTable } from "../sync/outcome_table.ts";
import type { Cell, Paint } from "../terminal/paint.ts";

/** The report on one screen, the answer first. */
export function statusText(
  status: StatusReport,
  problems: readonly Problem[],
  paint: Paint,
): string {
  const sections = [
    facts(answer(status, paint)) + hintLine(problems),
    facts([...serverRows(status, paint), ...workRows(status, paint), ...placeRows(status)]),
  ];
  if (status.waiting.length > 0) {
    sections.push(table(
      ["WAITING", "LOOKED", "NEXT LOOK", "FILE IN PLEX"],
      status.waiting.map(({ scene_id, looks, next_look_at, path }) => [
        scene_id,
        plural(looks, "time"),
        instant(next_look_at),
        path ?? "",
      ]),
      paint,
    ));
  }
  if (status.outcomes.length > 0) {
    const rows = status.outcomes.map((row) => ({
      ...row,
      changed_fields: JSON.stringify(row.changed_fields),
    }));
    sections.push(outcomeTable(rows, paint));
  }
  return sections.join("\n");
}

function answer({ working, problems, queue }: StatusReport, paint: Paint): Cell[][] {
  if (!working) return problems.map((problem) => [paint.bad(problem)]);
  const busy = queue.ready + queue.running;
  return [[paint.good(busy === 0 ? "Working: nothing is due" : `Working: ${busy} to do`)]];
}

function hintLine(problems: readonly Problem[]): string {
  const hint = problems.map(hintApart).find((each) => each !== null);
  return hint === undefined ? "" : facts([[`hint: ${hint}`]]);
}

function serverRows(status: StatusReport, paint: Paint): Cell[][] {
  const { daemon, now_at } = status;
  const running = daemon === null
    ? paint.bad("not running")
    : `running, pid ${daemon.pid}, since ${instant(daemon.since_at)} (${
      formatDuration(Math.max(0, now_at - daemon.since_at))
    })`;
  return [
    ["Daemon", running],
    ["Plex", serverCell(status.plex, paint)],
    ...(status.other_targets ?? []).map((each) => [each.title, serverCell(each, paint)]),
    ["Stash", serverCell(status.stash, paint)],
    [
      "Outages",
      status.outages.slice(0, 1).map((outage) => outageText(outage, now_at))[0] ?? "none",
    ],
  ];
}

function serverCell(server: StatusReport["plex"], paint: Paint): Cell {
  const { url, reachable, authorized, latency_ms, version, error, breaker } = server;
  if (url === "") return paint.bad("not configured");
  const parts = [url];
  if (reachable === true) {
    parts.push(`reachable: ${latency_ms} ms, version ${version ?? "unknown"}`);
  }
  if (error !== null) parts.push(error);
  if (breaker !== "closed") {
    parts.push(`breaker ${breaker.replace("_", "-")} since ${instant(server.failing_since_at)}`);
  }
  if (server.cause !== null && server.cause !== error) parts.push(server.cause);
  const text = parts.join("; ");
  if (reachable === false || authorized === false) return paint.bad(text);
  return parts.length > 2 ? paint.warn(text) : text;
}

function workRows(status: StatusReport, paint: Paint): Cell[][] {
  const { queue, now_at } = status;
  const dead = countsText(status.dead_letters);
  return [
    ["Queue", `${queue.ready} ready, ${queue.running} running, ${queue.waiting} waiting for Plex`],
    ["Oldest job", ago(status.oldest_at, now_at)],
    [
      "Jobs per minute",
      `${status.rate_per_minute_5m} (last 5 minutes), ${status.rate_per_minute} (last hour)`,
    ],
    ["Next", next(status)],
    ...(status.quiet_until_at === null ? [] : [[
      "Quiet hours",
      `until ${instant(status.quiet_until_at)}: bulk work waits, single changes do not`,
    ]]),
    ...(status.full_sync_agreed_at === null ? [["First sync", firstSync(status)]] : []),
    ["Dead letters", dead === "none" ? dead : paint.warn(`${dead} (plexsync dead list)`)],
  ];
}

function firstSync({ next_reconcile_at }: StatusReport): string {
  const until = next_reconcile_at === null ? "" : "; until then reconciliations only report";
  return `not agreed to yet: ${AGREE_HINT}${until}`;
}

/** What happens by itself, and when. */
function next(status: StatusReport): string {
  const { now_at } = status;
  const when = (at: number) => at <= now_at ? "now" : instant(at);
  const events: [string, number | null][] = [
    ["next job", status.next_due_at],
    ["look for waiting files", status.next_waiting_at],
    ["reconciliation", status.next_reconcile_at],
    ["probe of Plex", status.plex.next_probe_at],
    ...(status.other_targets ?? []).map(({ title, next_probe_at }): [string, number | null] => [
      `probe of ${title}`,
      next_probe_at,
    ]),
    ["probe of Stash", status.stash.next_probe_at],
  ];
  return events.filter(([, at]) => at !== null).map(([what, at]) => `${what}: ${when(at!)}`)
    .join(", ") || "nothing planned";
}

function placeRows(status: StatusReport): Cell[][] {
  return [
    ["Index", `${plural(status.index.items, "item")}, ${plural(status.index.files, "file")}`],
    ["Path rules", pathRulesText(status.path_rules)],
    ["Data directory", status.data_dir],
    ["SQLite", status.driver ?? "no database yet"],
  ];
}
