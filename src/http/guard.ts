import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether an `Authorization` header carries the token. Takes the same time wherever the two
 * differ, and whatever their lengths.
 */
export function carriesToken(header: string | null, token: string): boolean {
  const given = /^bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? "";
  // Compared in any case, so that a missing token takes no other time than a wrong one.
  const same = timingSafeEqual(digest(given), digest(token));
  return same && token !== "";
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/**
 * Whether a request may come from where it says: a page of another origin may not ask
 * (its `Origin` differs), a program that is no browser sends none.
 */
export function isOurOrigin(origin: string | null, host: string | null): boolean {
  if (origin === null) return true;
  const url = /^https?:\/\//i.test(origin) ? URL.parse(origin) : null;
  const here = URL.parse(`${url?.protocol}//${host}`);
  return url !== null && here !== null && url.host === here.host;
}
