import { createHash, timingSafeEqual } from "node:crypto";
import { bareHost, isLoopback } from "../core/listen_address.ts";

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
 * Whether a `Host` header names this listener. A page of the web can make a browser send
 * requests here under a name of its own (DNS rebinding), and read the answers.
 * @param listening Host that it listens on
 */
export function isOurHost(header: string | null, listening: string): boolean {
  const host = hostOf(header ?? "");
  if (host === null) return false;
  if (host === bareHost(listening) || isLoopback(host)) return true;
  if (isLoopback(bareHost(listening))) return false;
  // Open to the network, it is reached by whatever names this machine has there. The web has
  // neither addresses nor names without a dot to give away.
  return isIpAddress(host) || !host.includes(".");
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

/** The host of `host`, `host:port`, `[v6]:port`; null for anything else. */
function hostOf(header: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header);
  return match === null ? null : bareHost(match[1]!);
}

function isIpAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
