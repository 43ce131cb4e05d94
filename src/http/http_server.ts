import { secretsOf } from "../config/secrets.ts";
import { createRedactor } from "../core/text/redact.ts";
import { explainFault } from "../core/failures/store_fault.ts";
import { isLoopback, isOurHost } from "../core/http/listen_address.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import { refusalAnswer } from "./answer.ts";
import { pathBelow } from "./base_path.ts";
import { closes } from "./body.ts";
import type { Commands } from "./command_request.ts";
import type { Attendant, Door, Entrance } from "./entrance.ts";
import { carriesToken, isOurOrigin } from "./guard.ts";
import { HttpApi, type HttpApiParts } from "./http_api.ts";
import type { Asked } from "./listener.ts";
import type { Page } from "./page/page.tsx";
import { ProxyTrust } from "./proxy_trust.ts";
import { Refusal } from "./refusal.ts";
import { ENDPOINTS, type Route, routeOf } from "./router.ts";

/**
 * Requests under way at once. Of programs each may hold what is left of a large hook. Browsers are
 * counted apart: behind a proxy a single screen asks for dozens of pictures, which wait for their
 * turn, and no hook is to be refused for them.
 */
const MAX_REQUESTS = { api: 32, page: 48 } as const;
/** What is under way may end by itself so long, when another daemon is to answer what comes next. */
export const GRACE_MS = SECOND_MS;
/** What is under way and was told to end gets so long. */
const CLOSE_MS = 2 * SECOND_MS;

/** The daemon's ear for hooks and pokes at one entrance, and what it tells of itself there. */
export class HttpServer implements Attendant {
  readonly #api: HttpApi;
  readonly #token: string;
  readonly #proxy: ProxyTrust;
  readonly #redact: (text: string) => string;
  readonly #closing = new AbortController();
  /** Kinds of refusal that were said; one misconfigured client must not fill the log. */
  readonly #said = new Set<number>();
  readonly #underWay = { api: 0, page: 0 };
  readonly #answers = new Set<Promise<Response>>();
  /** Loaded for the first browser that comes: a daemon that nobody looks at is 10 MiB smaller. */
  #page: Promise<Page> | null = null;
  readonly #openedAt: number;

  /**
   * Answers at the entrance from now on.
   * @param commands What carries commands out; only on the service's own socket
   */
  constructor(
    private readonly parts: HttpApiParts,
    private readonly door: Door,
    private readonly entrance: Entrance,
    commands: Commands | null = null,
  ) {
    const { config, runtime } = parts;
    this.#openedAt = runtime.now();
    this.#api = new HttpApi(parts, commands);
    this.#token = config.listenToken ?? "";
    this.#proxy = new ProxyTrust(config.trustedProxy);
    this.#redact = createRedactor(secretsOf(config));
    entrance.attend(this);
    const { place } = entrance;
    parts.log.info(
      door.kind === "socket" ? `Commands are taken on ${place}` : `HTTP listens on ${place}`,
      { event: "listen", listen: place },
    );
  }

  get log(): HttpApiParts["log"] {
    return this.parts.log;
  }

  answer(asked: Asked): Promise<Response> {
    const answer = this.#answer(asked).finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
    return answer;
  }

  /**
   * Answers no more at its entrance, and ends what is under way; never rejects.
   * @param graceMs So long that may end by itself
   */
  async close(graceMs: number): Promise<void> {
    this.entrance.leave(this);
    // Where it could not be loaded, nothing of it has begun.
    const page = await this.#page?.catch(() => null) ?? null;
    page?.close();
    await this.#ended(graceMs);
    // What is under way rejects with it, and so answers by it.
    this.#closing.abort(closes());
    await this.#ended(CLOSE_MS);
    await page?.ended();
  }

  /** All that is under way has ended, or so long went by. */
  async #ended(ms: number): Promise<void> {
    if (ms === 0) return;
    const ended = new AbortController();
    const all = Promise.allSettled(this.#answers).then(() => ended.abort());
    await Promise.race([all, this.parts.runtime.sleep(ms, ended.signal)]);
  }

  #openPage(): Promise<Page> {
    return this.#page ??= this.#loadPage().catch((thrown) => {
      this.#page = null;
      throw thrown;
    });
  }

  async #loadPage(): Promise<Page> {
    const { Page }: typeof import("./page/page.tsx") = await import("./page/page.tsx" as string);
    const refuse = (thrown: unknown, asked: Asked) => this.#refuse(thrown, asked);
    return new Page({ ...this.parts, proxy: this.#proxy, openedAt: this.#openedAt, refuse });
  }

  async #answer(asked: Asked): Promise<Response> {
    const { runtime, log, config } = this.parts;
    const started = runtime.now();
    const path = pathBelow(config.basePath, asked.path);
    const request = { ...asked, path };
    const { signal } = this.#closing;
    const kind = this.#kindOf(path);
    this.#underWay[kind]++;
    let answer: Response;
    try {
      const route = this.#admit(request, kind);
      answer = route === "page"
        ? await (await this.#openPage()).answer(request, signal)
        : await this.#api.answer(route, request, signal);
      if (request.method === "POST" && answer.status < 400) this.#said.clear();
    } catch (thrown) {
      const refusal = this.#refuse(thrown, request);
      const isRead = kind === "page" && /\btext\/html\b/.test(request.headers.get("accept") ?? "");
      answer = isRead
        ? await (await this.#openPage()).refused(refusal, request, signal)
        : refusalAnswer(refusal);
    } finally {
      this.#underWay[kind]--;
    }
    log.trace(`${request.method} ${path}: ${answer.status}`, {
      event: "http",
      method: request.method,
      url: path,
      status: answer.status,
      duration_ms: runtime.now() - started,
      said: ["method", "url", "status"],
    });
    return answer;
  }

  /** Whether people ask for it with a browser, or programs do. */
  #kindOf(path: string): "page" | "api" {
    const isApi = path.startsWith("/api/") || ENDPOINTS.some((each) => each.path === path);
    // No browser comes by a socket.
    return this.door.kind === "socket" || isApi ? "api" : "page";
  }

  /**
   * Nothing of the body is read, and nothing of the database, before all is in order.
   * @throws {Refusal}
   */
  #admit(request: Asked, kind: "page" | "api"): Route | "page" {
    const { headers, method, path } = request;
    if (this.#underWay[kind] > MAX_REQUESTS[kind]) {
      throw new Refusal(503, "Too many requests at once", "Try again", { "retry-after": "1" });
    }
    const isLocal = this.door.kind === "socket";
    const hostname = this.door.kind === "socket" ? "localhost" : this.door.address.hostname;
    const host = headers.get("host");
    const isProxied = this.#proxy.sent(request);
    if (!isOurHost(host, hostname) && !(isProxied && this.#proxy.hasName(host))) {
      throw new Refusal(
        403,
        "The Host header names another server",
        `Ask for ${this.entrance.place}; a name has to be the one that the setting listen has, or one ` +
          "that trusted_proxy has",
      );
    }
    const origin = headers.get("origin");
    if (!isOurOrigin(origin, host)) {
      throw new Refusal(
        403,
        "A page of another origin may not ask",
        kind === "page"
          ? `The browser says ${origin}, and Host says ${host}: a reverse proxy has to pass Host ` +
            "on as browsers send it, with its port"
          : "Ask from a program",
      );
    }
    const found = routeOf(method, path, isLocal);
    if (found.kind === "no such path") {
      // The page has its own sign-in, and its own word for what is not there.
      if (kind === "page") return "page";
      throw noSuchPath(isLocal);
    }
    if (found.kind === "wrong method") {
      const { allow } = found;
      throw new Refusal(405, `${method} is not possible here`, `Use ${allow}`, { allow });
    }
    const { endpoint } = found;
    // Whom a proxy sends may be anybody.
    const isOpen = !isLoopback(hostname) || isProxied;
    const isGuarded = endpoint.changes || (endpoint.private && isOpen);
    if (isGuarded && !isLocal) this.#authorize(headers);
    if (endpoint.changes && !isJson(headers.get("content-type"))) {
      throw new Refusal(415, "The body must be JSON", "Send Content-Type: application/json");
    }
    return endpoint.route;
  }

  #authorize(headers: Headers): void {
    if (carriesToken(headers.get("authorization"), this.#token)) return;
    throw new Refusal(
      401,
      headers.has("authorization") ? "The token is wrong" : "A token is needed",
      "Send it as bearer token in the header Authorization; it is listen_token, or in the file listen-token of the data directory",
      { "www-authenticate": "Bearer" },
    );
  }

  /** What was thrown as an answer; said in the log where a person has to do something. */
  #refuse(thrown: unknown, { method, path }: Asked): Refusal {
    const { log } = this.parts;
    const what = `${method} ${path}`;
    if (thrown instanceof Refusal) {
      const { status, message, hint } = thrown;
      if ([401, 403, 413, 415].includes(status) && !this.#said.has(status)) {
        this.#said.add(status);
        log.warning(`${what} refused: ${message}`, { event: "http_refused", status, hint });
      }
      return thrown;
    }
    if (this.#closing.signal.aborted) {
      // What is under way is ended with the server: whatever it throws then is no fault.
      log.debug(`${what} was ended`, { event: "http_ended", error: thrown });
      return closes();
    }
    const known = explainFault(thrown);
    const hint = known?.hint ?? "An unforeseen error; the log of plexsync says more";
    log.error(`${what} failed`, { event: "http_failed", error: thrown, hint });
    if (known === null) return new Refusal(500, "Cannot carry it out", hint);
    return new Refusal(503, this.#redact(known.message), hint, { "retry-after": "5" });
  }
}

function noSuchPath(isLocal: boolean): Refusal {
  const there = ENDPOINTS.filter(({ local }) => isLocal || !local);
  const paths = there.map(({ path }) => path).join(", ");
  return new Refusal(404, "There is nothing at this path", `There are: ${paths}`);
}

function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? "");
}
