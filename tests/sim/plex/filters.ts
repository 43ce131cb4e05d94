/**
 * The media query language: conditions joined by AND, `or=1`
 * between operands, push/pop groups. Whatever is not understood is ignored.
 */
import { ITEM_TYPES, type SimItem, TAG_KINDS, type TagKind, tagsOf } from "./model.ts";
import type { Param } from "./query.ts";

export type Predicate = (item: SimItem) => boolean;

export interface FilterContext {
  /** Epoch seconds, for relative dates. */
  now: number;
  /** Does `>=` on a date include the value itself? */
  datesInclusive: boolean;
  /** Selects by `file=`, undefined when that filter is ignored. */
  byFile?: ((path: string) => Predicate) | undefined;
}

/**
 * Compiles the filters among the parameters of a request.
 * @returns undefined when nothing in it filters
 */
export function compileFilter(
  params: readonly Param[],
  context: FilterContext,
): Predicate | undefined {
  const reader = { params, at: 0 };
  let whole: Predicate | undefined;
  // A stray pop=1 ends nothing: reading goes on behind it.
  while (reader.at < params.length) whole = and(whole, readGroup(reader, context));
  return whole;
}

/** Reads up to the matching pop=1 or the end: an OR of ANDs. */
function readGroup(
  reader: { params: readonly Param[]; at: number },
  context: FilterContext,
): Predicate | undefined {
  const alternatives: (Predicate | undefined)[] = [undefined];
  while (reader.at < reader.params.length) {
    const param = reader.params[reader.at++] as Param;
    if (param.key === "pop") break;
    if (param.key === "or") {
      alternatives.push(undefined);
      continue;
    }
    const term = param.key === "push" ? readGroup(reader, context) : condition(param, context);
    alternatives.push(and(alternatives.pop(), term));
  }
  // An or=1 at either end has one operand only and so widens nothing.
  const operands = alternatives.filter((operand) => operand !== undefined);
  if (operands.length < 2) return operands[0];
  return (item) => operands.some((operand) => operand(item));
}

function and(left: Predicate | undefined, right: Predicate | undefined): Predicate | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return (item) => left(item) && right(item);
}

type Operator = "=" | "!=" | "==" | "!==" | "<=" | ">=" | "<<=" | ">>=";

/** One parameter as a condition, undefined when it is none. */
function condition(param: Param, context: FilterContext): Predicate | undefined {
  // The "=" that splits key from value belongs to the operator. An encoded "="
  // before it therefore makes an operator that does not exist, as measured.
  const match = /^([A-Za-z.]+)([!=<>]*)$/.exec(param.key);
  if (match === null) return undefined;
  const [, field = "", rest = ""] = match;
  const operator = `${rest}=` as Operator;
  const name = field.replace(/^(movie|episode|show)\./, "");
  const target = (item: SimItem) =>
    field.startsWith("show.") && item.type === "episode" ? item.parent ?? item : item;
  const test = compileField(name, operator, param.value, context);
  return test && ((item) => test(target(item)));
}

const TEXTS = ["title", "titleSort", "originalTitle", "studio", "editionTitle"] as const;
const NUMBERS = ["year", "rating", "audienceRating", "userRating", "index", "viewCount"] as const;

function compileField(
  name: string,
  operator: Operator,
  value: string,
  context: FilterContext,
): Predicate | undefined {
  const text = TEXTS.find((field) => field === name);
  if (text !== undefined) {
    const test = textTest(operator, value);
    return test && ((item) => test(String(item.values[text] ?? "")));
  }
  const number = NUMBERS.find((field) => field === name);
  if (number !== undefined) {
    return numberTest(operator, value, (item) => {
      if (number === "year") return item.year;
      return number === "viewCount" ? item.viewCount : item.values[number] as number | undefined;
    });
  }
  switch (name) {
    case "id":
      return numberTest(operator, value, (item) => item.id);
    case "duration":
      return numberTest(operator, value, (item) => item.media[0]?.parts[0]?.durationMs);
    case "addedAt":
      return dateTest(operator, value, context, (item) => Number(item.values.addedAt));
    case "updatedAt":
      return dateTest(operator, value, context, (item) => item.updatedAt);
    case "lastViewedAt":
      return dateTest(operator, value, context, (item) => item.lastViewedAt);
    case "lastRatedAt":
      return dateTest(operator, value, context, (item) => item.lastRatedAt);
    case "originallyAvailableAt":
      return dateTest(operator, value, context, (item) => {
        const day = item.values.originallyAvailableAt;
        return day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`) / 1000;
      });
    case "contentRating":
      return listTest(operator, value, (item) => [String(item.values.contentRating ?? "")]);
    case "guid":
      return operator === "=" ? (item) => item.guid === value : undefined;
    case "unmatched":
      return flagTest(operator, value, (item) => item.guid.startsWith("local://"));
    case "duplicate":
      return flagTest(operator, value, (item) => item.media.length > 1);
    case "unwatched":
      return flagTest(operator, value, (item) => (item.viewCount ?? 0) === 0);
    case "trash":
      return flagTest(operator, value, (item) => item.deletedAt !== undefined);
    case "file":
      return operator === "=" ? context.byFile?.(value) : undefined;
  }
  if (!Object.hasOwn(TAG_KINDS, name)) return undefined;
  const kind = name as TagKind;
  return listTest(
    operator,
    value,
    (item) => tagsOf(item, kind).map(({ tag }) => String(tag.id)),
  );
}

function textTest(operator: Operator, value: string): ((text: string) => boolean) | undefined {
  const wanted = value.toLowerCase();
  const tests: Partial<Record<Operator, (text: string) => boolean>> = {
    "=": (text) => text.includes(wanted),
    "!=": (text) => !text.includes(wanted),
    "==": (text) => text === wanted,
    "!==": (text) => text !== wanted,
    "<=": (text) => text.startsWith(wanted),
    ">=": (text) => text.endsWith(wanted),
  };
  const test = tests[operator];
  return test && ((text) => test(text.toLowerCase()));
}

function compare(operator: Operator, left: number, right: number): boolean | undefined {
  switch (operator) {
    case "=":
      return left === right;
    case "!=":
      return left !== right;
    case ">>=":
      return left > right;
    case "<<=":
      return left < right;
    case "<=":
      return left <= right;
    case ">=":
      return left >= right;
    default:
      return undefined;
  }
}

function numberTest(
  operator: Operator,
  value: string,
  read: (item: SimItem) => number | undefined,
): Predicate | undefined {
  // A comma is an OR of equalities.
  const wanted = value.split(",").map(Number);
  if (wanted.some(Number.isNaN) || compare(operator, 0, 0) === undefined) return undefined;
  const set = new Set(wanted);
  if (operator === "=") return (item) => set.has(read(item) ?? NaN);
  if (operator === "!=") return (item) => !set.has(read(item) ?? NaN);
  return (item) => {
    const actual = read(item);
    return actual !== undefined && wanted.some((one) => compare(operator, actual, one));
  };
}

const UNIT_SECONDS: Record<string, number> = {
  "": 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  mon: 2_592_000,
  y: 31_536_000,
};

/** Epoch seconds, or relative to now: `-30d`. */
function dateTest(
  operator: Operator,
  value: string,
  context: FilterContext,
  read: (item: SimItem) => number | undefined,
): Predicate | undefined {
  if (compare(operator, 0, 0) === undefined) return undefined;
  const [, sign, digits, unit = ""] = /^([+-]?)(\d+)(s|mon|m|h|d|w|y)?$/.exec(value) ?? [];
  if (digits === undefined) return undefined;
  const span = Number(digits) * (UNIT_SECONDS[unit] ?? 1);
  const limit = sign === "-" ? context.now - span : sign === "+" ? context.now + span : span;
  const strict = !context.datesInclusive;
  const used: Operator = strict && operator === ">="
    ? ">>="
    : strict && operator === "<="
    ? "<<="
    : operator;
  return (item) => {
    const actual = read(item);
    // An item without the stamp satisfies no comparison with it.
    return actual !== undefined && compare(used, actual, limit) === true;
  };
}

function listTest(
  operator: Operator,
  value: string,
  read: (item: SimItem) => string[],
): Predicate | undefined {
  if (operator !== "=" && operator !== "!=") return undefined;
  const wanted = new Set(value.split(","));
  return (item) => read(item).some((one) => wanted.has(one)) === (operator === "=");
}

function flagTest(operator: Operator, value: string, read: Predicate): Predicate | undefined {
  if (operator !== "=" || (value !== "0" && value !== "1")) return undefined;
  return (item) => read(item) === (value === "1");
}

/** Items of a type number; 1 movies, 2 shows, 4 episodes. */
export function isOfType(item: SimItem, type: number): boolean {
  return ITEM_TYPES[item.type] === type;
}
