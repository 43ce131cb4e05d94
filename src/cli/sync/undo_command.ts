import { openInstallation, openSettings } from "../../app/installation.ts";
import { lockHolder } from "../../app/data/lock.ts";
import { redactorOf } from "../../app/redactor.ts";
import {
  isPutAgain,
  keptOf,
  previewUndo,
  requestUndo,
  type UndoPreview,
  undoResults,
  type UndoTask,
  undoTasks,
  type UndoWish,
  waitForUndo,
} from "../../app/scenes/undo.ts";
import { parseDuration } from "../../core/time/duration.ts";
import { parseInstant } from "../../core/time/instant.ts";
import { UserError } from "../../core/failures/errors.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { isNotKept, type Left } from "../../core/journal/undo_field.ts";
import { plural } from "../../core/text/wording.ts";
import type { UndoResult } from "../../store/journal/undo_requests.ts";
import { confirmed, DECLINED } from "../terminal/ask_first.ts";
import type { Command, Flag, Invocation } from "../frame/command.ts";
import { note, print } from "../terminal/output.ts";
import { Progress } from "../terminal/progress.ts";
import { leftText } from "./left_text.ts";
import { countIn, NO_TOTALS, type UndoWords, wordsOf } from "./undo_words.ts";

/** The flags that all commands share which take back. */
export const UNDO_FLAGS: readonly Flag[] = [
  { name: "dry-run", meaning: "only show what would come back, and what would be left" },
  { name: "yes", meaning: "do not ask" },
];

export const command: Command = {
  usage: "undo (--scene ID [--last] | --run ID | --since TIME | --all) [--dry-run]",
  summary: "Put back what stood in Plex before plexsync wrote there",
  flags: [
    { name: "scene", value: "ID", meaning: "what was written to this scene's items" },
    { name: "last", meaning: "with --scene: only the last write" },
    { name: "run", value: "ID", meaning: "what one run wrote; plexsync history lists them" },
    { name: "since", value: "TIME", meaning: "what was written since, such as 2h or 2026-05-01" },
    { name: "all", meaning: "everything" },
    ...UNDO_FLAGS,
  ],
  notes: [
    "The daemon (plexsync run) does it, before all other work, also while Stash is down or the " +
    "scene is gone. What somebody changed since is left and named.",
    "What was undone stays so until its value changes in Stash, or until plexsync sync --force. An " +
    "undo is a run too: undo --run puts again what it took back.",
  ],
  isServed: true,
  examples: [
    { line: "plexsync undo --scene 12 --dry-run", tells: "what would come back" },
    { line: "plexsync undo --run 7", tells: "take back what one sync wrote" },
    { line: "plexsync undo --all --yes", tells: "everything, without asking" },
  ],
  run: (invocation) => takeBack(readWish(invocation), nameOf(invocation), invocation),
};

function readWish({ values, switches, world }: Invocation): UndoWish {
  const { scene, run, since } = values;
  const given = [scene, run, since].filter((value) => value !== undefined).length;
  if (given + Number(switches.has("all")) !== 1) {
    throw new UserError("Say what: one of --scene ID, --run ID, --since TIME, --all", "usage");
  }
  if (switches.has("last") && scene === undefined) {
    throw new UserError("--last goes with --scene", "usage");
  }
  if (scene !== undefined) {
    const id = readNumber("scene", scene);
    return switches.has("last") ? { kind: "last", scene: id } : { kind: "scene", scene: id };
  }
  if (run !== undefined) return { kind: "run", run: Number(readNumber("run", run)) };
  if (since === undefined) return { kind: "all" };
  const ms = parseDuration(since);
  const at = ms === undefined ? parseInstant(since) : world.runtime.now() - ms;
  if (at === undefined) {
    throw new UserError(
      `--since must be a time such as 2h, 2026-05-01 or "2026-05-01 18:30": it is "${since}"`,
      "usage",
    );
  }
  return { kind: "since", at };
}

function readNumber(flag: string, text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  throw new UserError(`--${flag} must be a number: it is "${text}"`, "usage");
}

function nameOf({ values, switches }: Invocation): string {
  const parts = ["scene", "run", "since"].filter((name) => values[name] !== undefined)
    .map((name) => `--${name} ${values[name]}`);
  const flags = ["last", "all"].filter((name) => switches.has(name)).map((name) => `--${name}`);
  return ["undo", ...parts, ...flags].join(" ");
}

/** Shows, or asks, and takes back. */
export async function takeBack(
  wish: UndoWish,
  name: string,
  invocation: Invocation,
  /** What is said at the end, given whether the daemon runs. */
  after: (isRunning: boolean) => string = () => "",
): Promise<number> {
  using settings = openSettings(invocation.around, { need: "plex" });
  using installation = await openInstallation(settings);
  const tasks = undoTasks(wish, installation);
  const count = tasks.reduce((sum, { items }) => sum + items.length, 0);
  const words = wordsOf(wish, isPutAgain(wish, installation));
  const gap = keptOf(wish, installation) === "all" ? "" : gapText(wish, count);
  if (count === 0) {
    const ended = !invocation.switches.has("dry-run");
    const nothing = { run: null, items: 0, ended, not_kept: gap !== "", results: [] };
    print(invocation, nothing, () => gap || words.nothing);
    return gap === "" ? 0 : DECLINED;
  }
  if (invocation.switches.has("dry-run")) {
    return await preview(tasks, installation, invocation, words, gap);
  }
  if (!confirmed(invocation, count, words.asked(count), undefined, words.act)) return DECLINED;
  const run = await requestUndo(wish, tasks, name, installation);
  const progress = new Progress(invocation, words.done);
  const redact = redactorOf(settings);
  const daemon = lockHolder(settings.files.lock);
  const isThrough = daemon !== null && await waitForUndo(run, installation, {
    progress: (done, total) => progress.show(done, total),
    resting: (problems) => {
      progress.end();
      for (const problem of problems) note(invocation, redact(problem));
    },
  });
  progress.end();
  const results = redact(undoResults(run, installation)).map(resultJson);
  const not_kept = gap !== "" || areNotKept(results);
  print(invocation, { run, items: count, ended: isThrough, not_kept, results }, () => {
    if (isThrough) {
      return leftText(results) + gap +
        `Run ${run}: ${words.total(results.reduce(countIn, NO_TOTALS))}\n` +
        after(daemon !== null);
    }
    return `${gap}Queued as run ${run} for ${plural(count, "item")}\n` +
      "No daemon runs: start it with plexsync run\n";
  });
  return 0;
}

/** @param count Items of which something of the run is known */
function gapText(wish: UndoWish, count: number): string {
  const what = wish.kind === "run" ? `run ${wish.run}` : "it";
  return `${
    count === 0 ? "What" : "Some of what"
  } ${what} changed is no longer kept step by step: ` +
    "plexsync undo --all goes back to before plexsync\n";
}

function areNotKept(results: readonly { left: readonly Left[] }[]): boolean {
  return results.some(({ left }) => left.some(isNotKept));
}

type Installed = Awaited<ReturnType<typeof openInstallation>>;

async function preview(
  tasks: readonly UndoTask[],
  installation: Installed,
  invocation: Invocation,
  words: UndoWords,
  /** What is said of the run that is meant, where some of it is no longer known. */
  gap: string,
): Promise<number> {
  const redact = redactorOf(installation);
  const results = [];
  let totals = NO_TOTALS;
  let not_kept = gap !== "";
  for (const task of tasks) {
    for await (const found of previewUndo(task, installation)) {
      const each = { ...redact(found), restored: found.changes.map(({ field }) => field) };
      totals = countIn(totals, each);
      not_kept ||= areNotKept([each]);
      if (!invocation.json) invocation.world.stdout(previewText(each));
      else results.push(each);
    }
  }
  print(
    invocation,
    { run: null, items: totals.items, ended: false, not_kept, results },
    () => `${gap}${words.preview(totals)}\n`,
  );
  return 0;
}

function previewText({ scene_id, rating_key, changes, locks, left, error }: UndoPreview): string {
  if (error !== null) return `Scene ${scene_id}, item ${rating_key}: ${error}\n`;
  const lines = [
    ...changes.map(({ field, from, to }) => `${field}: ${short(from)} → ${short(to)}`),
    ...(locks.length > 0 ? [`only the lock: ${locks.join(", ")}`] : []),
    ...left.map(({ field, why }) => `${field}: left: ${why}`),
  ];
  if (lines.length === 0) return "";
  return `Scene ${scene_id}, item ${rating_key}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function short(value: string): string {
  const flat = JSON.stringify(value);
  return escapeLine(flat.length <= 100 ? flat : `${flat.slice(0, 97)}…"`);
}

/** What came of one item, as `--json` has it. Names are stable. */
function resultJson(
  { scene_id, item, result }: { scene_id: string; item: string; result: UndoResult },
) {
  return { scene_id, rating_key: item, ...result };
}
