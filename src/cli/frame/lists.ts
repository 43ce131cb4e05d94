import { UserError } from "../../core/failures/errors.ts";
import { near } from "../../core/text/nearest.ts";
import { parseDuration } from "../../core/time/duration.ts";

/** The parts of `a,b,c`, each once, empty ones left out. */
function parts(text: string): string[] {
  return [...new Set(text.split(",").map((part) => part.trim()))].filter((part) => part !== "");
}

/**
 * Words of a closed list, from a flag's value: in any letter case.
 * @throws {UserError} usage, with the nearest word
 */
export function readWords<T extends string>(
  flag: string,
  text: string | undefined,
  allowed: readonly T[],
): T[] | undefined {
  if (text === undefined) return undefined;
  const words = parts(text);
  if (words.length === 0) throw new UserError(`--${flag} needs a value`, "usage");
  return words.map((word) => {
    const found = allowed.find((one) => one.toLowerCase() === word.toLowerCase());
    if (found !== undefined) return found;
    const meant = near(word, allowed);
    throw new UserError(
      `--${flag} must be one of ${allowed.join(", ")}: it is "${word}"`,
      "usage",
      meant === undefined ? undefined : `The nearest is ${meant}`,
    );
  });
}

/**
 * Numbers of scenes from a flag's value, each once.
 * @throws {UserError} usage
 */
export function readSceneIds(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const ids = parts(text);
  if (ids.length === 0 || !ids.every((id) => /^[1-9]\d{0,17}$/.test(id))) {
    throw new UserError(`--scene must be scene numbers such as 1,2: it is "${text}"`, "usage");
  }
  return ids;
}

/**
 * A length of time from a flag's value, in ms.
 * @throws {UserError} usage
 */
export function readTime(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) {
    throw new UserError(`--${flag} must be a time such as 24h or 7d: it is "${text}"`, "usage");
  }
  return ms;
}
