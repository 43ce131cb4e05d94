import { countLetters, listLetters } from "../app/letters.ts";
import type { DeadLetter } from "../core/job.ts";
import { type DeadRequest, readSelection } from "./dead_selection.ts";
import { letterJson } from "../app/letter_json.ts";
import { noteCut, readLimit } from "./limit.ts";
import { print, table } from "./output.ts";
import { instant } from "../core/wording.ts";
import type { Cell, Paint } from "./paint.ts";

/** What failed, where, why, and what to do about it; newest first. */
export function list(request: DeadRequest): number {
  const { installation, invocation, redact } = request;
  const { filter, by } = readSelection(request);
  const limit = readLimit(invocation);
  const letters = redact(listLetters(installation, filter, limit));
  print(invocation, letters.map(letterJson), (paint) => {
    if (letters.length > 0) return textOf(letters, paint);
    return by === "filter" ? "No dead letter fits\n" : "No dead letters\n";
  });
  const all = letters.length < limit ? 0 : countLetters(installation, filter);
  noteCut(invocation, letters.length, all);
  return 0;
}

/** A row per letter, and each hint once: most letters of a type share it. */
function textOf(letters: readonly DeadLetter[], paint: Paint): string {
  const rows = table(
    ["ID", "SCENE", "TYPE", "FAILED", "PATH", "ERROR"],
    letters.map((letter) => [
      String(letter.id),
      letter.scene_id,
      paint.bad(letter.error_type),
      instant(letter.failed_at),
      letter.path ?? "",
      letter.error_message,
    ]),
  );
  const hints = new Map(letters.map(({ error_type, hint }) => [`${error_type}\n${hint}`, [
    error_type,
    hint,
  ] as Cell[]]));
  return `${rows}\n${table(["TYPE", "HINT"], [...hints.values()])}`;
}
