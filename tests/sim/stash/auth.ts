/** Who may ask: key by header or query, session cookie, tripwire. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { answer, type HttpAnswer, type HttpRequest } from "./http.ts";
import type { Visits } from "./plugin_runner.ts";

const SESSION_MS = 3_600_000;
const COOKIE = "session";

export interface AuthOptions {
  apiKey: string;
  /** Whether a user name and password are set. */
  password: boolean;
  now: () => number;
}

export class Auth {
  readonly #options: AuthOptions;
  #tripped = false;

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  /**
   * Value of a session cookie that is good for one hour from now.
   * @param visits Hooks that led to the process which gets it
   */
  issueCookie(visits: Visits = []): string {
    const until = String(this.#options.now() + SESSION_MS);
    const content = `${until}.${Buffer.from(JSON.stringify(visits)).toString("base64url")}`;
    return `${content}.${this.#sign(content)}`;
  }

  /** @returns the refusal, or headers to add to the answer of a request that may pass */
  check(request: HttpRequest): { refused: HttpAnswer } | { headers: Record<string, string> } {
    if (this.#tripped) return { refused: locked() };
    const key = request.header("apikey") || request.query.get("apikey");
    if (key) return key === this.#options.apiKey ? { headers: {} } : { refused: unauthorized() };
    if (this.#session(request) !== undefined) {
      return { headers: { "Set-Cookie": `${COOKIE}=${this.issueCookie()}; Path=/; Max-Age=3600` } };
    }
    if (this.#options.password) return { refused: refusalFor(request) };
    if (comesFromOutside(request)) {
      this.#tripped = true;
      return { refused: locked() };
    }
    return { headers: {} };
  }

  /** Hooks that led to the request. A key beside the cookie changes nothing, one alone starts anew. */
  visitsOf(request: HttpRequest): Visits {
    return this.#session(request) ?? [];
  }

  /** What the cookie carries; undefined without a valid one. */
  #session(request: HttpRequest): Visits | undefined {
    const cookies = (request.header("cookie") ?? "").split(/;\s*/);
    const value = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))
      ?.slice(COOKIE.length + 1) ?? "";
    const end = value.lastIndexOf(".");
    const content = value.slice(0, Math.max(end, 0));
    if (this.#sign(content) !== value.slice(end + 1)) return undefined;
    const [until, visits = ""] = content.split(".");
    if (Number(until) <= this.#options.now()) return undefined;
    return JSON.parse(Buffer.from(visits, "base64url").toString());
  }

  #sign(text: string): string {
    return createHmac("sha256", "simulated session key").update(text).digest("hex").slice(0, 32);
  }
}

/** Pages are sent to the login form, so an image URL without a key is no 401. */
function refusalFor(request: HttpRequest): HttpAnswer {
  const name = request.path.slice(request.path.lastIndexOf("/") + 1);
  const extension = name.includes(".") ? name.slice(name.lastIndexOf(".")) : "";
  if (request.path === "/graphql" || (extension !== "" && extension !== ".html")) {
    return unauthorized();
  }
  const query = request.query.toString();
  const target = encodeURIComponent(request.path + (query === "" ? "" : `?${query}`));
  return answer(302, "", { Location: `/login?returnURL=${target}` });
}

function unauthorized(): HttpAnswer {
  return answer(401, "", { "WWW-Authenticate": "FormBased" });
}

function locked(): HttpAnswer {
  const text = "Stash is locked: it was reached from a public address without a password\n";
  return answer(403, text, { "Content-Type": "text/plain; charset=utf-8" });
}

const PRIVATE = /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i;

function comesFromOutside(request: HttpRequest): boolean {
  const hops = (request.header("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  return hops.some((hop) => hop !== "" && !PRIVATE.test(hop));
}
