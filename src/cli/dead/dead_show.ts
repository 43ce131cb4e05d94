import { showLetter } from "../../app/queue/letters.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { DeadLetter } from "../../core/jobs/job.ts";
import { outcomeJson } from "../../app/scenes/outcome_json.ts";
import type { Outcome } from "../../store/figures/outcomes.ts";
import { type DeadRequest, notFound, readIds } from "./dead_selection.ts";
import { letterJson, payloadOf } from "../../app/queue/letter_json.ts";
import { nameScenes, type SceneName } from "../../app/scenes/scene_names.ts";
import { outcomeTable } from "../sync/outcome_table.ts";
import { facts, print } from "../terminal/output.ts";
import { instant } from "../../core/text/wording.ts";
import type { Cell, Paint } from "../terminal/paint.ts";

/** All that is known of one dead letter. */
export function show({ installation, words, invocation, redact }: DeadRequest): number {
  const ids = readIds(words);
  if (ids.length !== 1) throw new UserError("dead show takes one ID", "usage");
  const found = showLetter(installation, ids[0]!);
  if (found === undefined) throw notFound(ids);
  const { letter, attempts } = redact(found);
  const candidates = candidatesOf(letter);
  const name = redact(nameScenes(installation, [letter])[0]!);
  print(
    invocation,
    {
      ...letterJson(letter),
      title: name.title,
      pinned_to: name.pinned_to,
      candidates,
      attempts: attempts.map(outcomeJson),
    },
    (paint) => textOf({ letter, name, candidates, attempts }, paint),
  );
  return 0;
}

function candidatesOf(letter: DeadLetter): string[] {
  const payload = payloadOf(letter);
  const candidates = typeof payload === "string" ? [] : payload.candidates;
  return Array.isArray(candidates) ? candidates.map(String) : [];
}

function textOf(
  { letter, name, candidates, attempts }: {
    letter: DeadLetter;
    name: SceneName;
    candidates: readonly string[];
    attempts: readonly Outcome[];
  },
  paint: Paint,
): string {
  const payload = payloadOf(letter);
  const rows: Cell[][] = [
    ["Dead letter", `#${letter.id}`],
    ["Scene", name.title === null ? letter.scene_id : `${letter.scene_id}: ${name.title}`],
    ...(name.url === null ? [] : [["In Stash", paint.link(name.url, name.url)]]),
    ...(name.pinned_to === null ? [] : [["Pinned to", name.pinned_to]]),
    ["Error", paint.bad(`${letter.error_type}: ${letter.error_message}`)],
    ["Hint", paint.strong(letter.hint)],
    ["Path", letter.path ?? "unknown"],
    ["Failed", instant(letter.failed_at)],
    ...candidates.map((candidate) => ["Candidate", candidate]),
  ];
  if (typeof payload !== "string") {
    const queued = instant(Number(payload.enqueued_at ?? 0));
    rows.push(["Queued because of", `${payload.reason ?? "unknown"}, ${queued}`]);
  }
  rows.push(["Payload", typeof payload === "string" ? payload : JSON.stringify(payload)]);
  const sections = [facts(rows)];
  // A retry count of 0 with nothing kept: the outcomes are older than they are kept for.
  sections.push(
    attempts.length > 0
      ? `Attempts:\n${outcomeTable(attempts, paint)}`
      : `Attempts: ${letter.retry_count + 1}, no longer known one by one\n`,
  );
  const stack = (letter.stack_trace ?? "").split("\n").filter((line) => line.trim() !== "");
  if (stack.length > 0) sections.push(`Stack trace:\n${facts(stack.map((line) => [line]))}`);
  return sections.join("\n");
}
