import { createHash, createHmac, randomBytes } from "node:crypto";
import { isSameSecret } from "../../core/http/same_secret.ts";
import { PAGE_SESSIONS } from "../../core/meta_keys.ts";
import { DAY_MS } from "../../core/time/duration.ts";
import type { Installation } from "../installation.ts";

/** Each browser has one; the oldest ends for one more. */
const MAX_SESSIONS = 20;
const LASTS_MS = 30 * DAY_MS;

/**
 * Who is signed in to the page. Kept over a restart; ends with the token, by a sign-out, or by
 * age. Only digests are stored: whoever reads the database cannot sign in by it.
 */
export class PageSessions {
  readonly #tokenDigest: string;

  /** @param token `listen_token`, not empty */
  constructor(
    private readonly token: string,
    private readonly installation: Pick<Installation, "store" | "runtime">,
  ) {
    this.#tokenDigest = digestOf(token);
  }

  /** @returns the id of a new session, or null for a wrong token */
  signIn(given: string): string | null {
    return isSameSecret(given, this.token) ? this.begin() : null;
  }

  /** For somebody who has shown already who it is. @returns the id of a new session */
  begin(): string {
    const id = randomBytes(32).toString("base64url");
    const began_at = this.installation.runtime.now();
    this.#keep([...this.#open(), { id: digestOf(id), began_at }].slice(-MAX_SESSIONS));
    return id;
  }

  /**
   * The session of somebody who is signed in elsewhere: it is theirs as long as every request says
   * so, and nothing of it is kept.
   */
  ofPerson(name: string): string {
    return createHmac("sha256", this.token).update(`page person ${name}`).digest("base64url");
  }

  isOpen(id: string): boolean {
    const digest = digestOf(id);
    return this.#open().some((each) => each.id === digest);
  }

  end(id: string): void {
    const digest = digestOf(id);
    this.#keep(this.#open().filter((each) => each.id !== digest));
  }

  #open() {
    const { store, runtime } = this.installation;
    const kept = store.meta.get(PAGE_SESSIONS);
    if (kept === undefined || kept.token !== this.#tokenDigest) return [];
    const now = runtime.now();
    return kept.sessions.filter(({ began_at }) => now - began_at < LASTS_MS);
  }

  #keep(sessions: { id: string; began_at: number }[]): void {
    this.installation.store.meta.set(PAGE_SESSIONS, { token: this.#tokenDigest, sessions });
  }
}

function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
