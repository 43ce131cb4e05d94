import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import type { Runtime } from "../../core/runtime.ts";
import { isDue } from "../../core/time/clock.ts";
import type { PlexHttp, PlexRequest } from "./http.ts";
import { type Row, row, rows, text } from "./lenient.ts";

/** How writes make room for the people that Plex is there for. */
export interface Manners {
  /** While somebody watches, Plex works for us at most half of the time. */
  polite: boolean;
  /** Least time between the starts of two writes, ms; 0 for none. */
  writeFloorMs: number;
  /** Told once when Plex refuses to say whether somebody watches. */
  onUnknown: (error: PlexsyncError) => void;
}

/** A film lasts two hours, and its first seconds load the server most. */
const LOOK_MS = 10_000;
/** The greatest floor, too. */
const LONGEST_REST_MS = 10_000;

/**
 * The same requests, writes with manners: one at a time while somebody watches, with a rest after
 * each as long as it took, and never sooner than the floor after the one before. Reads pass.
 * @param signal Ends a rest
 */
export function politeHttp(
  http: PlexHttp,
  manners: Manners,
  runtime: Runtime,
  signal?: AbortSignal,
): PlexHttp {
  if (!manners.polite && manners.writeFloorMs === 0) return http;
  const audience = new Audience(http, manners.onUnknown, runtime);
  /** Ends when the next write may get ready. */
  let turn = Promise.resolve();
  /** When the next write may start, epoch ms. */
  let freeAt = 0;

  async function politely<T>(write: () => Promise<T>): Promise<T> {
    const isWatched = manners.polite && await audience.isThere();
    const before = turn;
    const own = Promise.withResolvers<void>();
    turn = own.promise;
    try {
      await before;
      await rest();
      freeAt = runtime.now() + manners.writeFloorMs;
      if (!isWatched) {
        own.resolve();
        return await write();
      }
      const started = runtime.now();
      try {
        return await write();
      } finally {
        freeAt = Math.max(freeAt, 2 * runtime.now() - started);
      }
    } finally {
      own.resolve();
    }
  }

  async function rest(): Promise<void> {
    // After a very long write nobody is helped by as long a rest, nor does a clock that was set
    // back make anybody wait for the time that it lost.
    const ms = Math.min(freeAt - runtime.now(), LONGEST_REST_MS);
    if (ms > 0) await runtime.sleep(ms, signal);
  }

  return {
    ...http,
    send: (request) =>
      request.method === "GET" ? http.send(request) : politely(() => http.send(request)),
  };
}

const SESSIONS: PlexRequest = {
  action: "see whether somebody watches",
  subject: "server",
  method: "GET",
  path: "/status/sessions",
};

/** Whether somebody watches, asked for while there is something to write, every ten seconds. */
class Audience {
  #isThere = false;
  #lookAt = 0;
  #looking: Promise<void> | null = null;
  #isSaid = false;

  constructor(
    private readonly http: PlexHttp,
    private readonly onUnknown: Manners["onUnknown"],
    private readonly runtime: Runtime,
  ) {}

  async isThere(): Promise<boolean> {
    const now = this.runtime.now();
    if (isDue(this.#lookAt, now, LOOK_MS)) {
      this.#lookAt = now + LOOK_MS;
      this.#looking = this.#look();
    }
    await this.#looking;
    return this.#isThere;
  }

  async #look(): Promise<void> {
    try {
      const { container } = await this.http.container(SESSIONS);
      this.#isThere = rows(container.Metadata).some(isPlaying);
    } catch (thrown) {
      // Nobody is known to be there.
      this.#isThere = false;
      const error = asPlexsyncError(thrown);
      // What else may be wrong with Plex the write itself will show.
      if (!isRefused(error) || this.#isSaid) return;
      this.#isSaid = true;
      this.onUnknown(error);
    }
  }
}

function isRefused({ status }: PlexsyncError): boolean {
  return status !== undefined && status >= 400 && status < 500;
}

/** A film that is paused loads nothing, and may stay so over night. */
function isPlaying({ Player }: Row): boolean {
  return text(row(Player)?.state) !== "paused";
}
