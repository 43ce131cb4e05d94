/**
 * Faults on demand for the simulated servers: rules that say which requests to spoil, and how.
 * Knows nothing of the imitated APIs.
 */
import { type Random, seededRandom } from "./random.ts";

/** Where an answer stops: before its first byte, or within its body. */
export type CutPoint = "headers" | "body";

/** Answers that no server should give, each with its meaning. */
export const ODD_ANSWERS = {
  garbage: "200 with bytes that are no JSON",
  large: "200 with `bytes` (65 MiB) of JSON, made while it is sent",
  endless: "200 with JSON that never ends",
  crowded: "200 with `bytes` (31 MiB) of JSON that is nothing but small objects",
  gzip_bomb: "200 with a small gzip body that unpacks to `bytes` (1 GiB) of JSON",
  wrong_id: "the usual answer, in which another id stands",
  nothing: "the usual answer, in which nothing stands where something was",
  big_number: "the usual answer, in which stamps, sizes and lengths have 30 digits",
} as const;
export type OddAnswer = keyof typeof ODD_ANSWERS;

/** One parsed rule. Unset members do nothing. */
export interface FaultRule {
  /** Tested on path + "?" + raw query; on the bare path when there is no query. */
  path?: RegExp | undefined;
  /** Upper case; unset matches every method. */
  method?: string | undefined;
  /** One of the server's own names of its routes. */
  route?: string | undefined;
  /** Requests about this item; of an altered answer, the row of it. */
  item?: string | undefined;
  /** The same for a scene. */
  scene?: string | undefined;
  /** Requests whose usual answer has a row of this scene or item, alone or in a list. */
  holds?: string | undefined;
  /** … with this member in it. */
  member?: string | undefined;
  /** Requests whose path and query have more bytes. */
  longerThan?: number | undefined;
  /** So many of a hundred matching requests, drawn from a seed; the others pass it by. */
  percent: number;
  /** Answer this status instead (200 when only a body is given). */
  status?: number | undefined;
  body?: string | undefined;
  contentType?: string | undefined;
  /** Redirect there. */
  location?: string | undefined;
  answer?: OddAnswer | undefined;
  /** Size of a large or packed answer, unpacked. */
  bytes?: number | undefined;
  /** Wait this long before anything else is done with the request. */
  delayMs?: number | undefined;
  /** Stop answering there and keep the connection open until the client or the server ends it. */
  hang?: CutPoint | undefined;
  /** Cut the connection there: reset before the headers, or end it within the body. */
  close?: CutPoint | undefined;
  /** The request takes effect before the fault is shown. */
  applied: boolean;
  /** Requests still to hit; Infinity when the rule has no `times`. */
  left: number;
}

/** What a rule may do, by its key in JSON: at least one of them. */
export const EFFECTS = {
  status: "answer it, 200 to 599, with `body` and `content_type`",
  body: "answer this, with `status` 200 unless given",
  location: "answer 302, or `status`, with this `Location`",
  answer: "one of the odd answers",
  delay_ms: "wait first, 0 to 600000",
  hang: 'true or "headers": never answer; "body": never end the answer',
  close: 'true or "headers": reset the connection; "body": end it within the answer',
} as const;

/** Which requests a rule is for, by its key in JSON: at least one of them. */
export const MATCHERS = {
  path: "regular expression on path and query; on Stash also on `/graphql#` and the operation",
  route: "name of a route",
  item: "ratingKey, text or number: requests of Plex that name it, alone or among others",
  scene: "scene id, text or number: requests of Stash that name it, its cover included",
  holds: "scene id or ratingKey: requests whose usual answer has a row of it, alone or in a list",
  longer_than: "bytes of path and query",
} as const;

/** What else a rule may say, by its key in JSON. */
export const REST = {
  method: "GET, PUT, POST …; every method unless given",
  times: "how many requests it hits; without end unless given",
  percent: "1 to 100: a share of the requests, drawn from a seed",
  applied: "true: the request takes effect first",
  content_type: "of `body`; text/html unless given",
  member: "with `holds`: only where the row has this member",
  bytes: "size of `large` and `crowded`, and of an unpacked `gzip_bomb`",
} as const;

/** What a server knows of a request beside its target. */
export interface RequestFacts {
  /** Undefined where the request has no name. */
  route?: string | undefined;
  /** Ids of the items or scenes that it names; undefined when it names none, as a listing does. */
  items?: readonly string[] | undefined;
  scenes?: readonly string[] | undefined;
  /** Rows in the usual answer, each with its `id`; asked for only while a rule goes by them. */
  rows?: readonly Record<string, unknown>[] | undefined;
  /** Name of a GraphQL operation. */
  operation?: string | undefined;
}

/** The rules in force, in order; the first that matches a request is taken. */
export class FaultRules {
  #rules: FaultRule[] = [];
  #random: Random = seededRandom(1);

  /**
   * Puts other rules in force; `[]` clears them.
   * @throws {Error} with the reason when any rule is bad; the old rules then stay
   */
  replace(json: unknown): void {
    if (!Array.isArray(json)) throw new Error("Fault rules must be an array");
    this.#rules = json.map((rule, index) => parseRule(rule, index));
    this.#random = seededRandom(1);
  }

  /** Whether a rule goes by what the usual answer holds. */
  get looksInside(): boolean {
    return this.#rules.some(({ holds }) => holds !== undefined);
  }

  /**
   * The rule to apply to this request, counted as one hit, or undefined.
   * @param facts Asked only while there are rules
   */
  take(
    method: string,
    pathAndQuery: string,
    facts: () => RequestFacts = () => ({}),
  ): FaultRule | undefined {
    if (this.#rules.length === 0) return undefined;
    const known = facts();
    const rule = this.#rules.find((r) =>
      isFor(r, method, pathAndQuery, known) &&
      (r.percent === 100 || this.#random.chance(r.percent))
    );
    if (rule === undefined) return undefined;
    rule.left -= 1;
    if (rule.left <= 0) this.#rules = this.#rules.filter((r) => r !== rule);
    return rule;
  }
}

function isFor(rule: FaultRule, method: string, target: string, facts: RequestFacts): boolean {
  const { operation, route, items, scenes, rows = [] } = facts;
  const { holds, member } = rule;
  const names = (wanted: string | undefined, ids: readonly string[] | undefined) =>
    wanted === undefined || (ids?.includes(wanted) ?? isAltering(rule));
  return (rule.method === undefined || rule.method === method) &&
    (rule.path === undefined || rule.path.test(target) ||
      operation !== undefined && rule.path.test(`${target}#${operation}`)) &&
    (rule.route === undefined || rule.route === route) &&
    (rule.longerThan === undefined || target.length > rule.longerThan) &&
    (holds === undefined ||
      rows.some((row) => String(row.id) === holds && (member === undefined || member in row))) &&
    names(rule.item, items) && names(rule.scene, scenes);
}

/** Whether the usual answer is given, with something in it changed. */
export function isAltering({ answer }: FaultRule): boolean {
  return answer === "wrong_id" || answer === "big_number" || answer === "nothing";
}

const KEYS = new Set([EFFECTS, MATCHERS, REST].flatMap(Object.keys));

function parseRule(json: unknown, index: number): FaultRule {
  const bad = (why: string) => new Error(`Fault rule ${index}: ${why}`);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw bad("must be an object");
  }
  const raw = json as Record<string, unknown>;
  for (const key of Object.keys(raw)) {
    if (!KEYS.has(key)) throw bad(`unknown key "${key}"`);
  }
  const text = (key: string): string | undefined => {
    const value = raw[key];
    if (value === undefined || typeof value === "string") return value;
    throw bad(`${key} must be a string`);
  };
  const id = (key: string): string | undefined =>
    typeof raw[key] === "number" ? String(raw[key]) : text(key);
  const whole = (key: string, low: number, high: number): number | undefined => {
    const value = raw[key];
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) {
      return value;
    }
    throw bad(`${key} must be a whole number from ${low} to ${high}`);
  };
  const cut = (key: string): CutPoint | undefined => {
    const value = raw[key];
    if (value === undefined || value === false) return undefined;
    if (value === true || value === "headers") return "headers";
    if (value === "body") return "body";
    throw bad(`${key} must be true, "headers" or "body"`);
  };
  const pattern = (): RegExp | undefined => {
    if (raw.path === undefined) return undefined;
    if (typeof raw.path !== "string") throw bad("path must be a regular expression");
    try {
      return new RegExp(raw.path);
    } catch (cause) {
      throw bad(`path is no regular expression: ${(cause as Error).message}`);
    }
  };
  const answer = text("answer");
  if (answer !== undefined && !Object.hasOwn(ODD_ANSWERS, answer)) {
    throw bad(`answer must be one of ${Object.keys(ODD_ANSWERS).join(", ")}`);
  }
  if (raw.applied !== undefined && typeof raw.applied !== "boolean") {
    throw bad("applied must be true or false");
  }
  const rule: FaultRule = {
    path: pattern(),
    method: text("method")?.toUpperCase(),
    route: text("route"),
    item: id("item"),
    scene: id("scene"),
    holds: id("holds"),
    member: text("member"),
    longerThan: whole("longer_than", 0, 1_000_000),
    percent: whole("percent", 1, 100) ?? 100,
    status: whole("status", 200, 599),
    body: text("body"),
    contentType: text("content_type"),
    location: text("location"),
    answer: answer as OddAnswer | undefined,
    bytes: whole("bytes", 1, 2 ** 40),
    delayMs: whole("delay_ms", 0, 600_000),
    hang: cut("hang"),
    close: cut("close"),
    applied: raw.applied === true,
    left: whole("times", 1, 1_000_000_000) ?? Infinity,
  };
  const matchers = Object.keys(MATCHERS);
  if (matchers.every((key) => raw[key] === undefined)) {
    throw bad(`is for no request: give ${matchers.join(", ")}`);
  }
  if (rule.hang !== undefined && rule.close !== undefined) {
    throw bad("hang and close exclude each other");
  }
  const { status, body, location, delayMs, hang, close } = rule;
  const does = [status, body, location, rule.answer, delayMs, hang, close];
  if (does.every((part) => part === undefined)) {
    throw bad(`does nothing: give ${Object.keys(EFFECTS).join(", ")}`);
  }
  return rule;
}
