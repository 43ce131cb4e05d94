/** What the simulated servers were asked, in order of arrival. */

/** Default length of the log; older requests are forgotten. */
const DEFAULT_LIMIT = 200_000;

/** Query parameters whose values never enter the log, in lower case. */
const SECRET_PARAMS = new Set(["x-plex-token", "apikey", "token"]);

/** One logged request. Its JSON form is `{at, method, path, query, status, ms}`, plus `note` if set. */
export class SimRequest {
  /** 0 while it is open, and for ever when its connection was cut. */
  status = 0;
  /** From arrival to the end of the answer; 0 while it is open. */
  ms = 0;

  /** When it arrived, epoch ms by the clock of this machine. */
  readonly at = Date.now();

  constructor(
    readonly method: string,
    /** As sent, percent-encoding kept, without the query. */
    readonly path: string,
    /** As sent, percent-encoding kept, without "?"; values of secrets are blank. */
    readonly query: string,
    /** What the server wants to remember beside it, such as the name of an operation. */
    readonly note?: string,
  ) {}

  /** The query decoded, in order, repeated names kept. */
  get params(): [string, string][] {
    return [...new URLSearchParams(this.query)];
  }

  /** Value of the first parameter of that (decoded) name, or null. */
  param(name: string): string | null {
    return new URLSearchParams(this.query).get(name);
  }

  toJSON(): Record<string, unknown> {
    const { at, method, path, query, status, ms, note } = this;
    return { at, method, path, query, status, ms, ...(note === undefined ? {} : { note }) };
  }
}

/** Bounded list of requests. */
export class RequestLog {
  #entries: SimRequest[] = [];
  #limit: number;

  constructor(limit = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /**
   * Logs a request at its arrival.
   * @returns to be called once with the status answered, 0 for a cut connection
   */
  begin(method: string, path: string, query: string, note?: string): (status: number) => void {
    const entry = new SimRequest(method, path, blankSecrets(query), note);
    this.#entries.push(entry);
    // Dropping one tenth at a time keeps this cheap on a long run.
    if (this.#entries.length > this.#limit * 1.1) {
      this.#entries = this.#entries.slice(-this.#limit);
    }
    const startedAt = performance.now();
    return (status) => {
      entry.status = status;
      entry.ms = Math.round(performance.now() - startedAt);
    };
  }

  /** Requests in order of arrival, those still open included. */
  list(): SimRequest[] {
    return this.#entries.slice(-this.#limit);
  }

  clear(): void {
    this.#entries = [];
  }
}

/** The same query with the values of tokens and keys cut out. */
export function blankSecrets(query: string): string {
  return query.split("&").map((part) => {
    const at = part.indexOf("=");
    const [name] = new URLSearchParams(part).keys();
    const secret = at >= 0 && name !== undefined && SECRET_PARAMS.has(name.toLowerCase());
    return secret ? part.slice(0, at + 1) : part;
  }).join("&");
}
