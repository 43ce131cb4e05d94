import { countLetters, listLetters } from "../../app/queue/letters.ts";
import type { DeadLetter } from "../../core/jobs/job.ts";
import { type DeadRequest, readSelection } from "./dead_selection.ts";
import { letterJson } from "../../app/queue/letter_json.ts";
import { nameScenes, type SceneName } from "../../app/scenes/scene_names.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { noteCut, readLimit } from "../frame/limit.ts";
import { print, table } from "../terminal/output.ts";
import { instant } from "../../core/text/wording.ts";
import type { Paint } from "../terminal/paint.ts";

/** What failed, where, why, and what to do about it; newest first. */
export function list(request: DeadRequest): number {
  const { installation, invocation, redact } = request;
  const { filter, by } = readSelection(request);
  const limit = readLimit(invocation);
  const letters = redact(listLetters(installation, filter, limit));
  const names = redact(nameScenes(installation, letters));
  const json = letters.map((letter, at) => ({
    ...letterJson(letter),
    title: names[at]!.title,
    pinned_to: names[at]!.pinned_to,
  }));
  print(invocation, json, (paint) => {
    if (letters.length > 0) return textOf(letters, names, paint);
    return by === "filter" ? "No dead letter fits\n" : "No dead letters\n";
  });
  const all = letters.length < limit ? 0 : countLetters(installation, filter);
  noteCut(invocation, letters.length, all);
  return 0;
}

/** A row per letter, and each hint once: most letters of a type share it. */
function textOf(
  letters: readonly DeadLetter[],
  names: readonly SceneName[],
  paint: Paint,
): string {
  // A terminal has no room for both; dead show tells the path.
  const paths = paint.columns === null;
  const isPinned = names.some(({ pinned_to }) => pinned_to !== null);
  const rows = table(
    [
      "ID",
      "SCENE",
      "TITLE",
      ...(isPinned ? ["PINNED TO"] : []),
      "TYPE",
      "FAILED",
      ...(paths ? ["PATH"] : []),
      "ERROR",
    ],
    letters.map((letter, at) => [
      String(letter.id),
      paint.link(letter.scene_id, names[at]!.url),
      names[at]!.title ?? "",
      ...(isPinned ? [names[at]!.pinned_to ?? ""] : []),
      paint.bad(letter.error_type),
      instant(letter.failed_at),
      ...(paths ? [letter.path ?? ""] : []),
      letter.error_message,
    ]),
    paint,
  );
  // Whole sentences, which a terminal may break but a table would cut.
  const hints = new Set(letters.map(({ error_type, hint }) => `${error_type}: ${hint}`));
  return `${rows}\n${[...hints].map((hint) => `${escapeLine(hint)}\n`).join("")}`;
}
