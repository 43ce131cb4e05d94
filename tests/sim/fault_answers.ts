/** Shows the faults that a rule asks for. Knows node:http and nothing of the imitated APIs. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { type FaultRule, isAltering, type OddAnswer } from "./faults.ts";

/**
 * Shows one fault. `apply` runs the request's effect without answering; it must
 * tolerate a second call by its owner after "continue" (run once, keep the answer).
 * @returns "answered": nothing more may be written to `res`; "continue": the caller answers as
 * usual, after the delay, and alters its answer where the rule says so
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
  if (rule.answer !== undefined && !isAltering(rule)) {
    await writeOdd(rule.answer, rule, res);
    return "answered";
  }
  const { status, body, location, contentType = "text/html" } = rule;
  if (status === undefined && body === undefined && location === undefined) return "continue";
  const redirect = location === undefined ? {} : { Location: location };
  res.writeHead(status ?? (location === undefined ? 200 : 302), {
    "Content-Type": contentType,
    ...redirect,
  });
  res.end(body ?? "");
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

const GARBAGE = Buffer.from('\u0000\u0001garbage\u001b[31m\r\n\ufffd{"half', "utf8");
const LARGE_BYTES = 65 * 2 ** 20;
const BOMB_BYTES = 2 ** 30;
/** Blanks may stand before any JSON, so only its size is wrong with such an answer. */
const CHUNK = Buffer.alloc(2 ** 20, " ");
const END = Buffer.from("{}");
const CROWD_BYTES = 31 * 2 ** 20;
const CROWD = "{},".repeat(2 ** 16);

async function writeOdd(answer: OddAnswer, rule: FaultRule, res: ServerResponse): Promise<void> {
  const head = { "Content-Type": rule.contentType ?? "application/json" };
  const status = rule.status ?? 200;
  if (answer === "garbage") {
    res.writeHead(status, head);
    res.end(GARBAGE);
    return;
  }
  if (answer === "gzip_bomb") {
    const packed = gzipOfBlanks(rule.bytes ?? BOMB_BYTES);
    res.writeHead(status, {
      ...head,
      "Content-Encoding": "gzip",
      "Content-Length": String(packed.length),
    });
    res.end(packed);
    return;
  }
  res.writeHead(status, head);
  const bytes = answer === "endless" ? Infinity : rule.bytes ?? LARGE_BYTES;
  const body = answer === "crowded" ? crowd(rule.bytes ?? CROWD_BYTES) : blanks(bytes);
  try {
    await pipeline(Readable.from(body), res);
  } catch {
    // The client has had enough, as it should.
  }
}

/** So many bytes of JSON, the last two an empty object. */
function* blanks(bytes: number): Generator<Uint8Array> {
  for (let left = bytes - END.length; left > 0; left -= CHUNK.length) {
    yield CHUNK.subarray(0, Math.min(left, CHUNK.length));
  }
  yield END;
}

/** So many bytes of JSON, nearly: what it becomes in memory is far more. */
function* crowd(bytes: number): Generator<Uint8Array> {
  yield Buffer.from("[");
  for (let left = bytes; left >= CROWD.length; left -= CROWD.length) yield Buffer.from(CROWD);
  yield Buffer.from("{}]");
}

const packed = new Map<number, Buffer>();

/**
 * The same bytes as gzip, without ever holding them: a block that ends at a byte and refers to
 * nothing before it can be repeated.
 */
function gzipOfBlanks(bytes: number): Buffer {
  const known = packed.get(bytes);
  if (known !== undefined) return known;
  const flushed = (part: Uint8Array) =>
    deflateRawSync(part, { finishFlush: constants.Z_FULL_FLUSH });
  const block = flushed(CHUNK);
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const parts: Uint8Array[] = [head];
  let sum = 0;
  for (const part of blanks(bytes)) {
    sum = crc32(part, sum);
    if (part === END) parts.push(deflateRawSync(END));
    else parts.push(part.length === CHUNK.length ? block : flushed(part));
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(sum, 0);
  tail.writeUInt32LE(bytes % 2 ** 32, 4);
  const whole = Buffer.concat([...parts, tail]);
  packed.set(bytes, whole);
  return whole;
}

/** Stands where the digits are to come: no JSON number of JavaScript has so many. */
const BIG = "@@big number@@";
const DIGITS = "123456789012345678901234567890";
const NUMBERS = new Set(["addedAt", "updatedAt", "size", "duration"]);

/** An id that nobody has. */
const FOREIGN = 1_000_000_000;

/**
 * The JSON of an answer with the change that the rule asks for.
 * @param rows Finds the rows of things that have an id of their own
 * @param idName Its name in them
 * @param only Id of the rows to change; all when undefined
 */
export function altered(
  rule: FaultRule,
  text: string,
  rows: (json: unknown) => Record<string, unknown>[],
  idName: string,
  only: string | undefined,
): string {
  const json: unknown = JSON.parse(text);
  const wanted = rows(json).filter((row) => only === undefined || String(row[idName]) === only);
  if (rule.answer === "nothing") return JSON.stringify(without(json, new Set(wanted)));
  if (rule.answer === "wrong_id") {
    for (const row of wanted) row[idName] = String(Number(row[idName]) + FOREIGN);
    return JSON.stringify(json);
  }
  for (const row of wanted) inflate(row);
  return JSON.stringify(json).replaceAll(`"${BIG}"`, DIGITS);
}

/** The same without some rows: out of their lists, and null where one stands alone. */
function without(json: unknown, gone: ReadonlySet<unknown>): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) {
    return json.filter((part) => !gone.has(part)).map((part) => without(part, gone));
  }
  const parts = Object.entries(json).map(([name, part]) => [
    name,
    gone.has(part) ? null : without(part, gone),
  ]);
  return Object.fromEntries(parts);
}

function inflate(row: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(row)) {
    if (Array.isArray(value)) {
      for (const child of value) {
        if (typeof child === "object" && child !== null) inflate(child as Record<string, unknown>);
      }
    } else if (typeof value === "number" && NUMBERS.has(name)) row[name] = BIG;
  }
}
