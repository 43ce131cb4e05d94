/**
 * Faults on demand for the simulated servers: rules that say which requests
 * to spoil, and how. Knows node:http and nothing of the imitated API.
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Where an answer stops: before its first byte, or within its body. */
export type CutPoint = "headers" | "body";

/** One parsed rule. Unset members do nothing. */
export interface FaultRule {
  /** Tested on path + "?" + raw query; on the bare path when there is no query. */
  path: RegExp;
  /** Upper case; unset matches every method. */
  method?: string | undefined;
  /** Answer this status instead (200 when only a body is given). */
  status?: number | undefined;
  body?: string | undefined;
  contentType?: string | undefined;
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

const KEYS = new Set([
  "path",
  "method",
  "status",
  "body",
  "content_type",
  "delay_ms",
  "hang",
  "close",
  "applied",
  "times",
]);

/** The rules in force, in order; the first that matches a request is taken. */
export class FaultRules {
  #rules: FaultRule[] = [];

  /**
   * Puts other rules in force; `[]` clears them.
   * @throws {Error} with the reason when any rule is bad; the old rules then stay
   */
  replace(json: unknown): void {
    if (!Array.isArray(json)) throw new Error("Fault rules must be an array");
    this.#rules = json.map((rule, index) => parseRule(rule, index));
  }

  /** The rule to apply to this request, counted as one hit, or undefined. */
  take(method: string, pathAndQuery: string): FaultRule | undefined {
    const rule = this.#rules.find((r) =>
      (r.method === undefined || r.method === method) && r.path.test(pathAndQuery)
    );
    if (rule === undefined) return undefined;
    rule.left -= 1;
    if (rule.left <= 0) this.#rules = this.#rules.filter((r) => r !== rule);
    return rule;
  }
}

/**
 * Shows one fault. `apply` runs the request's effect without answering; it must
 * tolerate a second call by its owner after "continue" (run once, keep the answer).
 * @returns "answered": nothing more may be written to `res`; "continue": only a
 * delay was asked for, the caller answers as usual
 */
export async function applyFault(
  rule: FaultRule,
  req: IncomingMessage,
  res: ServerResponse,
  apply: () => Promise<void> | void,
): Promise<"answered" | "continue"> {
  if (rule.applied) await apply();
  if (rule.delayMs !== undefined && !(await waitUnlessGone(rule.delayMs, res))) return "answered";
  if (rule.close === "headers") {
    req.socket.resetAndDestroy();
    return "answered";
  }
  if (rule.hang === "headers") {
    await gone(res);
    return "answered";
  }
  if (rule.close === "body" || rule.hang === "body") {
    await writePart(rule, res);
    if (rule.close === "body") req.socket.end();
    await gone(res);
    return "answered";
  }
  if (rule.status === undefined && rule.body === undefined) return "continue";
  res.writeHead(rule.status ?? 200, { "Content-Type": rule.contentType ?? "text/html" });
  res.end(rule.body ?? "");
  return "answered";
}

/** Headers that promise more than is sent, then the first half of the body. */
function writePart(rule: FaultRule, res: ServerResponse): Promise<void> {
  const body = Buffer.from(rule.body ?? '{"cut":"this body is never sent to its end"}');
  res.writeHead(rule.status ?? 200, {
    "Content-Type": rule.contentType ?? "application/json",
    "Content-Length": String(body.length + 1),
  });
  return new Promise((resolve) => {
    res.once("close", () => resolve());
    res.write(body.subarray(0, Math.ceil(body.length / 2)), () => resolve());
  });
}

/** Resolves when the client or the server has ended the connection. */
function gone(res: ServerResponse): Promise<void> {
  if (res.destroyed || res.socket === null || res.socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => res.once("close", () => resolve()));
}

/** @returns false when the connection ended before the time was over */
function waitUnlessGone(delayMs: number, res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (alive: boolean) => {
      clearTimeout(timer);
      res.off("close", onClose);
      resolve(alive);
    };
    const onClose = () => settle(false);
    const timer = setTimeout(() => settle(true), delayMs);
    res.once("close", onClose);
  });
}

function parseRule(json: unknown, index: number): FaultRule {
  const bad = (why: string) => new Error(`Fault rule ${index}: ${why}`);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw bad("must be an object");
  }
  const raw = json as Record<string, unknown>;
  for (const key of Object.keys(raw)) {
    if (!KEYS.has(key)) throw bad(`unknown key "${key}"`);
  }
  if (typeof raw.path !== "string") throw bad("path must be a regular expression");
  let path: RegExp;
  try {
    path = new RegExp(raw.path);
  } catch (cause) {
    throw bad(`path is no regular expression: ${(cause as Error).message}`);
  }
  const text = (key: string): string | undefined => {
    const value = raw[key];
    if (value === undefined || typeof value === "string") return value;
    throw bad(`${key} must be a string`);
  };
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
  if (raw.applied !== undefined && typeof raw.applied !== "boolean") {
    throw bad("applied must be true or false");
  }
  const rule: FaultRule = {
    path,
    method: text("method")?.toUpperCase(),
    status: whole("status", 200, 599),
    body: text("body"),
    contentType: text("content_type"),
    delayMs: whole("delay_ms", 0, 600_000),
    hang: cut("hang"),
    close: cut("close"),
    applied: raw.applied === true,
    left: whole("times", 1, 1_000_000_000) ?? Infinity,
  };
  if (rule.hang !== undefined && rule.close !== undefined) {
    throw bad("hang and close exclude each other");
  }
  const does = [rule.status, rule.body, rule.delayMs, rule.hang, rule.close];
  if (does.every((part) => part === undefined)) {
    throw bad("does nothing: give status, body, delay_ms, hang or close");
  }
  return rule;
}
