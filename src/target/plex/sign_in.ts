import { boundedFetch, type Fetch, TransportFailure } from "../../core/http/bounded_fetch.ts";
import { SECOND_MS } from "../../core/time/duration.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Runtime } from "../../core/runtime.ts";
import { parseJson } from "../../core/text/json.ts";
import { number, type Row, row, text } from "./lenient.ts";

export interface SignInOptions {
  /** Base address of what signs in, such as `https://plex.tv`. */
  url: string;
  fetch: Fetch;
  /** Stable id of this installation: the token belongs to it. */
  clientIdentifier: string;
  /** Of plexsync. */
  version: string;
  runtime: Runtime;
}

/** A sign-in that waits for a person. */
export interface SignIn {
  /** What has to be typed on the page. */
  code: string;
  /** The page. */
  link: string;
  /**
   * The token, once the person has typed the code.
   * @throws {UserError} the code has expired
   */
  token(): Promise<string>;
}

/** Where nothing is said of it. */
const EXPIRES_S = 900;
const LIMIT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const AGAIN = "Try again, or paste a token";

/**
 * Asks for a code that a person types on a page of Plex: a browser on this machine is not needed.
 * @throws {UserError} there is none to be had
 */
export async function beginSignIn(options: SignInOptions): Promise<SignIn> {
  const { url, runtime } = options;
  const { status, body } = await ask(options, "POST", "/api/v2/pins");
  const pin = pinOf(body);
  const id = number(pin.id);
  const code = text(pin.code);
  if (status >= 300 || id === null || code === "") {
    const why = status >= 300 ? `it answered ${status}` : "its answer is not understood";
    throw new UserError(`Cannot sign in at ${url}: ${why}`, "failed", AGAIN);
  }
  const seconds = number(pin.expiresIn) ?? EXPIRES_S;
  const expiresAt = runtime.now() + seconds * SECOND_MS;
  return { code, link: `${url}/link`, token: () => waitForToken(options, id, expiresAt) };
}

async function waitForToken(
  options: SignInOptions,
  id: number,
  expiresAt: number,
): Promise<string> {
  const { runtime, url } = options;
  while (runtime.now() < expiresAt) {
    await runtime.sleep(SECOND_MS);
    const answer = await askPatiently(options, `/api/v2/pins/${id}`);
    if (answer === null) continue;
    if (answer.status === 404) break;
    const token = text(pinOf(answer.body).authToken);
    if (token !== "") return token;
  }
  throw new UserError(`Cannot sign in at ${url}: the code has expired`, "failed", AGAIN);
}

function pinOf(body: Uint8Array): Row {
  return row(parseJson(new TextDecoder().decode(body))) ?? {};
}

/** As `ask`; null for a failure, which may be over when it is asked again. */
async function askPatiently(options: SignInOptions, path: string) {
  try {
    const answer = await ask(options, "GET", path);
    return answer.status === 429 || answer.status >= 500 ? null : answer;
  } catch (thrown) {
    if (thrown instanceof UserError) return null;
    throw thrown;
  }
}

async function ask(
  { url, fetch, clientIdentifier, version }: SignInOptions,
  method: "GET" | "POST",
  path: string,
) {
  try {
    return await boundedFetch(fetch, {
      url: url + path,
      method,
      headers: {
        "Accept": "application/json",
        "X-Plex-Client-Identifier": clientIdentifier,
        "X-Plex-Product": "plexsync",
        "X-Plex-Version": version,
        "X-Plex-Device": "plexsync",
      },
      headersTimeoutMs: LIMIT_MS,
      silenceTimeoutMs: LIMIT_MS,
      maxBytes: MAX_ANSWER_BYTES,
    });
  } catch (thrown) {
    if (!(thrown instanceof TransportFailure)) throw thrown;
    const hint = "It needs the internet: where there is none, paste a token";
    throw new UserError(`Cannot sign in: ${url} ${thrown.message}`, "failed", hint);
  }
}
