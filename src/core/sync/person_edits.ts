import { type Field, type FieldName, sameValues } from "./fields.ts";
import type { Item } from "./item.ts";
import { isKnownForm, isOwn, type Memory, standsAsWritten } from "./memory.ts";
import type { Ways } from "./ways.ts";

/** `overwrite`: a person's edit makes way; `kept`: it stays. */
export type Verdict = "same" | "change" | "overwrite" | "kept";

/**
 * What becomes of a field that holds one value or none. A person's edit is overwritten, or kept with
 * `preserve`; what is ours, or an agent's, makes way.
 */
export function verdictOn(
  { name, kind }: Field,
  wanted: readonly string[],
  item: Item,
  memory: Memory | null,
  preserve: boolean,
  ways: Ways,
): Verdict {
  const [value] = wanted;
  const [now] = item.values[name];
  if (sameValues(kind, wanted, item.values[name])) return "same";
  // The target holds its own form of just this value (it trims, cuts or folds): to write it again
  // would go on for ever.
  if (value !== undefined && isKnownForm(memory, name, wanted, item.values[name])) return "same";
  const own = now !== undefined && isOwn(memory, name, now, ways);
  // What we did not write, we do not remove.
  if (value === undefined) return own ? "change" : "same";
  if (own || standsAsWritten(memory, name, item.values[name])) return "change";
  // Agents rate nothing: a rating that stands there is somebody's.
  const isRated = kind === "rating" && (now !== undefined || memory?.fields[name] !== undefined);
  if (!isRated && !isPersons(name, item, memory)) return "change";
  return preserve ? "kept" : "overwrite";
}

/**
 * Whether only a person can have changed the field since: we wrote it, and locked it with that, or
 * it is locked all the same. What is neither may be an agent's.
 */
export function isPersons(name: FieldName, item: Item, memory: Memory | null): boolean {
  const last = memory?.fields[name];
  const wrote = last !== undefined && (last.ours.length > 0 || last.sent.length === 0);
  return wrote || item.locked.includes(name);
}
