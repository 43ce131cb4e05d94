import { isSameSecret } from "../core/http/same_secret.ts";

/**
 * Whether an `Authorization` header carries the token. Takes the same time wherever the two
 * differ, and whatever their lengths.
 */
export function carriesToken(header: string | null, token: string): boolean {
  return isSameSecret(/^bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? "", token);
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
