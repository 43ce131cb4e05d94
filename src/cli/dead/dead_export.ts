import { listLetters } from "../../app/queue/letters.ts";
import { UserError } from "../../core/failures/errors.ts";
import { type DeadRequest, notFound, readSelection } from "./dead_selection.ts";
import { letterJson } from "../../app/queue/letter_json.ts";
import { nameScenes } from "../../app/scenes/scene_names.ts";
import { note } from "../terminal/output.ts";
import { plural } from "../../core/text/wording.ts";

/** Writes dead letters as a JSON array, one per line, newest first. */
export function exportLetters(request: DeadRequest): number {
  const { installation, invocation, redact } = request;
  const { filter } = readSelection(request);
  const letters = redact(listLetters(installation, filter, null));
  const known = new Set(letters.map((letter) => letter.id));
  const missing = filter.ids?.filter((id) => !known.has(id)) ?? [];
  if (missing.length > 0) throw notFound(missing);
  const { output } = invocation.values;
  const where = output === undefined ? "" : ` to ${output}`;
  note(invocation, `${plural(letters.length, "dead letter")} will be exported${where}`);
  const names = redact(nameScenes(installation, letters));
  const lines = letters.map((letter, at) =>
    JSON.stringify({
      ...letterJson(letter),
      title: names[at]!.title,
      pinned_to: names[at]!.pinned_to,
    })
  ).join(",\n");
  const text = `[\n${lines}${lines === "" ? "" : "\n"}]\n`;
  if (output === undefined) invocation.world.stdout(text);
  else writeFile(output, text);
  return 0;
}

function writeFile(path: string, text: string): void {
  try {
    // The mode is set before anything is written, also on a file that was there.
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot write ${path}: ${reason}`, "failed", undefined, { cause: error });
  }
}
