import { changedKeys, type SetupFile, writeSetup } from "../../app/settings/setup_file.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Invocation } from "../frame/command.ts";
import { note } from "../terminal/output.ts";
import { Prompt } from "../terminal/prompt.ts";
import { STDIN } from "../terminal/standard_input.ts";

/** null where nobody can or shall be asked. */
export function promptOf({ world, switches }: Invocation): Prompt | null {
  if (switches.has("yes") || !STDIN.isTerminal() || !world.terminal.stderr) return null;
  return new Prompt(STDIN, (text) => world.stderr(new TextEncoder().encode(text)));
}

/**
 * Writes settings into the config file; one that is there only if that is meant.
 * @returns the keys that are others now; null when the person said no
 * @throws {UserError} usage: nobody can be asked whether it may change
 */
export function keepSettings(
  invocation: Invocation,
  file: SetupFile,
  wanted: Readonly<Record<string, TomlValue>>,
  prompt: Prompt | null,
): string[] | null {
  const changed = changedKeys(file, wanted);
  if (changed.length === 0) {
    note(invocation, `${file.path} has all of it already`);
    return changed;
  }
  if (file.exists && !invocation.switches.has("yes")) {
    const what = `${file.path} is there: ${changed.join(", ")} would change, and all else stays`;
    if (prompt === null) throw new UserError(what, "usage", "Add --yes to change it");
    prompt.say(what);
    if (!prompt.yes("Change it?", true)) return null;
  }
  writeSetup(file, wanted);
  note(invocation, `Wrote ${file.path}`);
  return changed;
}
