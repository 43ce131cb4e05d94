import { packingOf, unpack } from "./content_encoding.ts";
import { type ConnectionTrouble, troubleOf } from "../failures/connection_trouble.ts";

/** The part of `fetch` that the clients use; wiring hands in the real one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface BoundedRequest {
  url: string;
  method: "GET" | "PUT" | "POST";
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer> | undefined;
  /**
   * Longest wait for the response headers, in ms. `fetch` does not show when the
   * connection stands, so callers pass connect time-out + read time-out. Found up to a 32nd later.
   */
  headersTimeoutMs: number;
  /**
   * Longest silence between two pieces of the body, in ms, found up to a third later; a body of
   * up to 64 KiB that says its length has so long for all of it.
   */
  silenceTimeoutMs: number;
  /** Most bytes (after it was unpacked) of a 2xx body. */
  maxBytes: number;
  /** Ends the request early; the promise then rejects with the signal's own reason. */
  signal?: AbortSignal | undefined;
}

export interface BoundedAnswer {
  status: number;
  headers: Headers;
  /** Whole for 2xx; for other answers what arrived of the first 64 KiB. */
  body: Uint8Array<ArrayBuffer>;
}

/** The clock of whoever answered, epoch ms in whole seconds; null when it does not tell. */
export function dateOf(headers: Headers): number | null {
  const at = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(at) ? null : at;
}

/** How a request can end without a usable answer. */
export type TransportFailureKind =
  | "unreachable" // no connection, or it ended before the response headers
  | "headers-timeout"
  | "body-timeout"
  | "body-cut"
  | "body-too-large";

/**
 * A request without a usable answer. The message is a predicate ("gave no answer
 * within 35 s") and holds no URL: Deno's own texts quote it whole, query included,
 * and so the original error is not kept as `cause` either.
 */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  /** @param trouble Why no connection came about, where that is known exactly */
  constructor(
    readonly kind: TransportFailureKind,
    message: string,
    readonly trouble?: ConnectionTrouble,
  ) {
    super(message);
  }
}

/** Enough for the reason in an error page; its rest is of no use. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Such a body comes in a piece or two, so it is taken whole, within the silence limit. Nearly all
 * answers are smaller.
 */
const SMALL_BYTES = 64 * 1024;

/** How often the silence limit is looked at, which makes it up to a quarter longer, and a little. */
const TICKS_PER_SILENCE = 4;

/** A time-out comes up to this part of itself late, so that many requests share one. */
const SHARED_PART = 32;

/** A body may trickle for this many silence limits in all, so that no answer lasts for ever. */
const TOTAL_FACTOR = 10;

/**
 * One HTTP exchange within limits of time and size, redirects not followed
 * (they would carry the token to another host).
 * @throws {TransportFailure} without a whole answer; an error status is an answer
 */
export async function boundedFetch(send: Fetch, request: BoundedRequest): Promise<BoundedAnswer> {
  request.signal?.throwIfAborted();
  const limit = new AbortController();
  const expire = (failure: TransportFailure) => limit.abort(failure);
  // By hand: a signal made of others costs more than all the rest of a small request.
  const end = () => limit.abort(request.signal!.reason);
  request.signal?.addEventListener("abort", end);
  let answered = false;
  const wait = () => `gave no answer within ${seconds(request.headersTimeoutMs)}`;
  const forgetHeaders = after(
    request.headersTimeoutMs,
    () => expire(new TransportFailure("headers-timeout", wait())),
  );
  let stopWatch = () => {};
  try {
    const answer = await send(request.url, {
      method: request.method,
      // With any other value Deno would unpack the answer itself, however large it becomes.
      headers: { "Accept-Encoding": "identity", ...request.headers },
      body: request.body ?? null,
      redirect: "manual",
      signal: limit.signal,
    });
    answered = true;
    forgetHeaders();
    const { status, headers } = answer;
    const { silenceTimeoutMs, maxBytes } = request;
    if (isSmall(answer, maxBytes)) {
      stopWatch = after(silenceTimeoutMs, () => expire(fellSilent(silenceTimeoutMs)));
      return { status, headers, body: await answer.bytes() };
    }
    const watch = watchBody(silenceTimeoutMs, expire);
    stopWatch = watch.stop;
    const body = await readBody(answer, maxBytes, watch.arrived);
    return { status, headers, body };
  } catch (thrown) {
    request.signal?.throwIfAborted();
    if (thrown instanceof TransportFailure) throw thrown;
    if (answered) throw new TransportFailure("body-cut", "broke off its answer");
    const why = `cannot be reached (${reasonOf(thrown)})`;
    throw new TransportFailure("unreachable", why, troubleOf(thrown));
  } finally {
    forgetHeaders();
    stopWatch();
    request.signal?.removeEventListener("abort", end);
  }
}

/** Whether the body is small and says so: the runtime lets no more than that through. */
function isSmall({ ok, headers }: Response, maxBytes: number): boolean {
  const length = headers.get("content-length");
  return ok && length !== null && Number(length) <= Math.min(SMALL_BYTES, maxBytes) &&
    packingOf(headers) === "";
}

/** `http(s)://host[:port]/prefix` without a slash at the end, user info, query and fragment. */
export function baseUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, "");
}

interface BodyWatch {
  arrived(): void;
  stop(): void;
}

/** Calls `expire` when pieces stop arriving, or arrive for too long. */
function watchBody(silenceMs: number, expire: (failure: TransportFailure) => void): BodyWatch {
  let silentTicks = 0;
  let ticks = 0;
  const tick = () => {
    if (++silentTicks > TICKS_PER_SILENCE) {
      expire(fellSilent(silenceMs));
    } else if (++ticks > TICKS_PER_SILENCE * TOTAL_FACTOR) {
      const within = seconds(TOTAL_FACTOR * silenceMs);
      expire(new TransportFailure("body-timeout", `did not end its answer within ${within}`));
    } else stop = after(silenceMs / TICKS_PER_SILENCE, tick);
  };
  let stop = after(silenceMs / TICKS_PER_SILENCE, tick);
  return { arrived: () => silentTicks = 0, stop: () => stop() };
}

function fellSilent(silenceMs: number): TransportFailure {
  const forSo = `for ${seconds(silenceMs)}`;
  return new TransportFailure("body-timeout", `fell silent ${forSo} in the middle of its answer`);
}

/** A time-out that requests share. */
interface SharedTimeout {
  signal: AbortSignal;
  /** When it was made, by the clock that is never set. */
  since: number;
}

/** The newest one of each length in ms; there are as many as clients have limits, a handful. */
const newest = new Map<number, SharedTimeout>();

/**
 * Calls back once, up to a 32nd late, unless the returned function is called before. This layer
 * has no timers of its own; a signal's time-out does not keep a process alive. But it cannot be
 * ended before its time, and builds an error with its stack then, also when nobody waits for it any
 * more: so what begins within a 32nd of the time shares one.
 */
function after(ms: number, callBack: () => void): () => void {
  const signal = timeoutFor(ms);
  signal.addEventListener("abort", callBack);
  return () => signal.removeEventListener("abort", callBack);
}

function timeoutFor(ms: number): AbortSignal {
  const now = performance.now();
  const lateMs = ms / SHARED_PART;
  const known = newest.get(ms);
  if (known !== undefined && now - known.since <= lateMs) return known.signal;
  const signal = AbortSignal.timeout(Math.ceil(ms + lateMs));
  newest.set(ms, { signal, since: now });
  return signal;
}

/** @param arrived Called for every piece that comes */
async function readBody(
  answer: Response,
  maxBytes: number,
  arrived: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  if (answer.body === null) return new Uint8Array();
  const packing = packingOf(answer.headers);
  const body = unpack(answer.body, packing);
  if (!answer.ok) return await readErrorBody(body ?? answer.body, arrived);
  if (body === null) {
    await answer.body.cancel();
    const how = JSON.stringify(packing.slice(0, 40));
    throw new TransportFailure(
      "body-cut",
      `packed its answer in a way that nobody asked for: ${how}`,
    );
  }
  const reader = body.getReader();
  const refuse = async () => {
    await reader.cancel();
    release(pieces);
    const most = `${Math.floor(maxBytes / 1024)} KiB`;
    return new TransportFailure("body-too-large", `answered with more than ${most}`);
  };
  const pieces: Uint8Array[] = [];
  if (Number(answer.headers.get("content-length") ?? 0) > maxBytes) throw await refuse();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(pieces, size);
    arrived();
    pieces.push(value);
    size += value.byteLength;
    if (size > maxBytes) throw await refuse();
  }
}

/** The status says what happened; a body that stops half-way must not hide it. */
async function readErrorBody(
  body: ReadableStream<Uint8Array>,
  arrived: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < MAX_ERROR_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      arrived();
      const piece = value.subarray(0, MAX_ERROR_BYTES - size);
      pieces.push(piece);
      size += piece.byteLength;
    }
    await reader.cancel();
  } catch {
    // Cut off or out of time: what came so far is all there will be.
  }
  return joined(pieces, size);
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
    release([piece]);
  }
  return whole;
}

/** Gives the memory back now: the collector is late, and forty large answers took 150 MiB of it. */
export function release(pieces: readonly Uint8Array[]): void {
  for (const { buffer } of pieces) {
    if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
  }
}

/**
 * Why no connection came about, for people only: Deno gives no code, and its text
 * differs by system, so nothing is decided by it.
 */
function reasonOf(thrown: unknown): string {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const text = error.cause instanceof Error ? error.cause.message : error.message;
  const inner = /client error \(\w+\): (.*)/s.exec(text)?.[1] ?? text;
  return inner.includes("://") ? "no connection" : inner.slice(0, 200);
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
