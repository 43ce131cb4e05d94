import { openSettings, openToAsk } from "../../app/installation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { historyOf, writingRuns } from "../../app/scenes/undo.ts";
import { UserError } from "../../core/failures/errors.ts";
import { type Entry, nameOf } from "../../core/journal/journal.ts";
import { instant } from "../../core/text/wording.ts";
import type { RunKept } from "../../store/queue/runs.ts";
import type { JournalRow } from "../../store/journal/journal.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { LIMIT_FLAG, readLimit } from "../frame/limit.ts";
import { print, table } from "../terminal/output.ts";

export const command: Command = {
  usage: "history [SCENE]",
  words: "[SCENE]",
  summary: "What was changed in Plex: for one scene, or run by run",
  flags: [LIMIT_FLAG],
  notes: ["The newest comes first. undo --run RUN takes back what one run wrote."],
  isServed: true,
  examples: [
    { line: "plexsync history", tells: "the last runs that wrote something" },
    { line: "plexsync history 12", tells: "who changed what for scene 12, and when" },
  ],
  run,
};

/** What `undo --run` can take back of a run. */
const KEPT: Readonly<Record<RunKept, string>> = {
  all: "",
  part: "in part no longer kept step by step",
  none: "no longer kept step by step",
};

async function run(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  const redact = redactorOf(settings);
  const [scene] = invocation.words;
  const limit = readLimit(invocation);
  if (scene === undefined) {
    const runs = redact(writingRuns(limit, installation));
    print(invocation, runs, (paint) =>
      table(
        ["RUN", "WHEN", "BY", "ITEMS", ""],
        runs.map(({ run_id, at, name, items, kept }) => [
          `${run_id}`,
          instant(at),
          name,
          `${items}`,
          KEPT[kept],
        ]),
        paint,
      ) || "Nothing was written yet\n");
    return 0;
  }
  if (!/^[1-9]\d{0,17}$/.test(scene)) {
    throw new UserError(
      `Not a scene number: "${scene}"`,
      "usage",
      "For example: plexsync history 12",
    );
  }
  const rows = redact(historyOf(scene, limit, installation).map(rowJson));
  print(invocation, rows, (paint) =>
    table(
      ["WHEN", "BY", "RUN", "ITEM", "FIELD", "FROM", "TO", ""],
      rows.map((row) => [
        instant(row.at),
        row.by,
        `${row.run_id ?? ""}`,
        row.rating_key,
        row.field,
        short(row.from),
        short(row.to),
        noteOf(row),
      ]),
      paint,
    ) || `Nothing was written for scene ${scene}\n`);
  return 0;
}

function noteOf({ undone_by, kept_since }: ReturnType<typeof rowJson>): string {
  if (undone_by !== null) return `undone by run ${undone_by}`;
  return kept_since === null ? "" : `all since ${instant(kept_since)}`;
}

/** One change as `--json` has it. Names are stable. */
function rowJson(row: JournalRow) {
  return {
    at: row.at,
    by: row.cause,
    run_id: row.runId,
    scene_id: row.sceneId,
    rating_key: row.item,
    field: row.field,
    from: row.before.map(asJson),
    to: (row.stood ?? row.sent).map(asJson),
    seen: row.stood !== null,
    locked_before: row.lockedBefore,
    locked_after: row.lockedAfter,
    undone_by: row.undoneBy,
    kept_since: row.keptAt,
  };
}

function asJson(entry: Entry): string {
  return typeof entry === "string" ? entry : `${nameOf(entry)} (${entry[1]})`;
}

function short(values: readonly string[]): string {
  const text = values.join(", ");
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
