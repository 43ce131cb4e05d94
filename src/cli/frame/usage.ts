import { UserError } from "../../core/failures/errors.ts";
import { near } from "../../core/text/nearest.ts";
import type { Action, Command } from "./command.ts";

/** A call as far as it is read: the action, and the words behind its name. */
export interface Call {
  action: string;
  words: readonly string[];
}

/**
 * Finds the action that is meant, and counts the words behind it.
 * @param name Of the command
 * @param given Names of the flags
 * @throws {UserError} usage: no such action, a flag that it does not take, too many or too few words
 */
export function readCall(
  name: string,
  command: Pick<Command, "actions" | "usualAction" | "words" | "flags" | "examples">,
  words: readonly string[],
  given: readonly string[],
): Call {
  const { actions } = command;
  if (actions === undefined) {
    checkWords(name, command.words, words, command);
    return { action: "", words };
  }
  const action = actionOf(name, command, actions, words[0]);
  const rest = words[0] === action ? words.slice(1) : words;
  const { flags, words: spec } = actions[action]!;
  const own = (command.flags ?? []).map((flag) => flag.name);
  const title = `${name} ${action}`.trimEnd();
  const wrong = given.find((flag) => own.includes(flag) && flags?.includes(flag) === false);
  if (wrong !== undefined) throw new UserError(`--${wrong} is not for ${title}`, "usage");
  checkWords(title, spec, rest, command);
  return { action, words: rest };
}

function actionOf(
  name: string,
  { usualAction }: Pick<Command, "usualAction">,
  actions: Readonly<Record<string, Action>>,
  word: string | undefined,
): string {
  if (word !== undefined && word !== "" && Object.hasOwn(actions, word)) return word;
  const names = Object.keys(actions).filter((action) => action !== "");
  const usual = usualAction ?? (Object.hasOwn(actions, "") ? "" : undefined);
  if (word === undefined) {
    if (usual !== undefined) return usual;
    throw new UserError(`Say what: ${names.join(", ")}`, "usage", `plexsync help ${name}`);
  }
  const meant = near(word, names);
  throw new UserError(
    `Unknown: ${name} ${word}`,
    "usage",
    meant === undefined ? `It takes ${names.join(", ")}` : `The nearest is ${name} ${meant}`,
  );
}

/** @param title Of the command with its action */
function checkWords(
  title: string,
  spec: string | undefined,
  words: readonly string[],
  { examples }: Pick<Command, "examples">,
): void {
  const { least, most } = countsOf(spec ?? "");
  if (words.length > most) {
    const hint = `plexsync help ${title.split(" ")[0]} tells what it takes`;
    throw new UserError(`Unexpected "${words[most]}"`, "usage", hint);
  }
  if (words.length < least) {
    const example = examples.find(({ line }) => line.startsWith(`plexsync ${title} `));
    const hint = example === undefined ? undefined : `For example: ${example.line}`;
    throw new UserError(`${title} takes ${spec}`, "usage", hint);
  }
}

/** How many words `SCENE ITEM` or `[ID…]` stands for. */
function countsOf(spec: string): { least: number; most: number } {
  const parts = spec.split(" ").filter((part) => part !== "");
  return {
    least: parts.filter((part) => !part.startsWith("[")).length,
    most: spec.includes("…") ? Infinity : parts.length,
  };
}

/** The forms in which a command is called, without `plexsync`: one for each of its actions. */
export function usagesOf(command: Command): string[] {
  const { usage, actions, flags = [] } = command;
  if (actions === undefined) return [usage];
  return Object.entries(actions).map(([action, own]) => {
    const takes = (own.flags ?? flags).length > 0 ? "[flags]" : "";
    return [usage, action, own.words ?? "", takes].filter((part) => part !== "").join(" ");
  });
}
