import { createHmac, randomBytes } from "node:crypto";
import { isSameSecret } from "../../core/http/same_secret.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";

const LASTS_MS = 5 * MINUTE_MS;

/**
 * A key to sign in with once: whoever has the token can make one without asking the daemon.
 * @param token `listen_token`
 * @param now Epoch ms
 */
export function makeLinkKey(token: string, now: number): string {
  const facts = `${now}.${randomBytes(12).toString("base64url")}`;
  return `${facts}.${signature(facts, token)}`;
}

/** Takes each key once, for five minutes; none that was made before it began to listen. */
export class LinkKeys {
  readonly #used = new Map<string, number>();

  /** @param openedAt Since when it listens, epoch ms: what was used before that is not known */
  constructor(private readonly token: string, private readonly openedAt: number) {}

  /** @returns whether it lets in; it does not a second time */
  use(key: string, now: number): boolean {
    const [, facts, at, sign] = /^((\d{13})\.[\w-]{16})\.([\w-]{43})$/.exec(key) ?? [];
    if (facts === undefined || !isSameSecret(sign!, signature(facts, this.token))) return false;
    const madeAt = Number(at);
    for (const [old, made] of this.#used) if (now - made > LASTS_MS) this.#used.delete(old);
    const isFresh = madeAt >= this.openedAt && madeAt <= now && now - madeAt <= LASTS_MS;
    if (!isFresh || this.#used.has(facts)) return false;
    this.#used.set(facts, madeAt);
    return true;
  }
}

function signature(facts: string, token: string): string {
  return createHmac("sha256", token).update(`page link ${facts}`).digest("base64url");
}
