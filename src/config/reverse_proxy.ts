import { bareHost } from "../core/http/listen_address.ts";
import type { Kind } from "./kinds.ts";

/** A reverse proxy before the page. */
export interface TrustedProxy {
  /** Where it asks from: IP addresses, and networks such as `10.0.0.0/8`. */
  addresses: readonly string[];
  /** The header in which it names who is signed in with it; null where it signs in nobody. */
  header: string | null;
  /** Further names by which browsers reach it, in small letters. */
  hosts: readonly string[];
}

/** Sent by every client, or by browsers on their own: no proof of who is signed in. */
const NO_PROOF =
  /^(host|cookie|authorization|origin|referer|user-agent|accept.*|connection|content-.*|x-forwarded-.*|forwarded)$/i;
const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const HOST = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/;

/** From where the page is asked through a reverse proxy, and who says who asks; null for nobody. */
export const trustedProxy: Kind<TrustedProxy | null> = {
  allowed: "none, or addresses of the proxy, the header that names who is signed in with it, and " +
    "names by which browsers reach it, such as 127.0.0.1, Remote-User, plexsync.example.org",
  parse(raw) {
    const problem = { problem: `must be ${trustedProxy.allowed}` };
    const words = wordsOf(raw);
    if (words === null) return problem;
    if (words.length === 0) return { value: null };
    const addresses = words.filter(isAddress);
    const others = words.filter((word) => !isAddress(word));
    const hosts = others.map(bareHost).filter((word) => HOST.test(word) && !isNumeric(word));
    const headers = others.filter((word) => HEADER.test(word));
    if (addresses.length === 0 || headers.length > 1) return problem;
    if (hosts.length + headers.length < others.length) return problem;
    const [header = null] = headers;
    if (header !== null && NO_PROOF.test(header)) {
      return {
        problem: `must not go by ${header}, which is no proof: it is sent by every browser`,
      };
    }
    return { value: { addresses, header, hosts } };
  },
  show(value) {
    if (value === null) return "none";
    const { addresses, header, hosts } = value;
    return [...addresses, ...(header === null ? [] : [header]), ...hosts].join(", ");
  },
};

/** Below which path the page is; "" for the root, else such as `/plexsync`. */
export const basePath: Kind<string> = {
  allowed: "a path such as /plexsync, of letters, digits, -, _, . and ~",
  parse(raw) {
    const text = typeof raw === "string" ? raw.trim().replace(/^\/+|\/+$/g, "") : null;
    if (text === "") return { value: "" };
    const parts = text?.split("/") ?? [];
    const fits = parts.length > 0 &&
      parts.every((part) => /^[A-Za-z0-9._~-]+$/.test(part) && !/^\.+$/.test(part));
    if (!fits) return { problem: `must be ${basePath.allowed}` };
    if (["api", "health", "metrics"].includes(parts[0]!)) {
      return { problem: `must not begin with /${parts[0]}, where other answers are` };
    }
    return { value: `/${text}` };
  },
  show: (value) => value === "" ? "/" : value,
};

/** Pages that may show the page in a frame: `self` and origins. */
export const frameAncestors: Kind<readonly string[]> = {
  allowed: "none, or self and addresses of servers such as https://home.example.org",
  parse(raw) {
    const words = wordsOf(raw);
    const found = words?.map((word) => word.toLowerCase() === "self" ? "self" : originOf(word));
    if (found === undefined || found.includes(null)) {
      return { problem: `must be ${frameAncestors.allowed}` };
    }
    return { value: [...new Set(found as string[])] };
  },
  show: (value) => value.join(", ") || "none",
};

/** The words of a list or of a text with commas; null for what is neither. */
function wordsOf(raw: unknown): string[] | null {
  const parts = typeof raw === "string" ? raw.split(",") : raw;
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === "string")) return null;
  const words = parts.map((part: string) => part.trim()).filter((part) => part !== "");
  return words.length === 1 && /^(none|off)$/i.test(words[0]!) ? [] : words;
}

/** An IP address, or a network of them that is not the whole world. */
function isAddress(word: string): boolean {
  const [, address, bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  if (address === undefined) return false;
  const isV6 = address.includes(":");
  const most = isV6 ? 128 : 32;
  if (bits !== undefined && (Number(bits) < 1 || Number(bits) > most)) return false;
  return isV6
    ? /^[0-9a-fA-F:.]+$/.test(address) && URL.canParse(`http://[${address}]/`)
    : /^\d{1,3}(\.\d{1,3}){3}$/.test(address) &&
      address.split(".").every((part) => Number(part) <= 255);
}

/** It looks like an IPv4 address, or a network, and is none. */
function isNumeric(word: string): boolean {
  return /^[\d.]+$/.test(word);
}

function originOf(word: string): string | null {
  const url = /^https?:\/\/[^\s/?#;,]+\/?$/i.test(word) ? URL.parse(word) : null;
  const isPlain = url !== null && url.username === "" && url.password === "" &&
    /^[a-z0-9.:[\]_-]+$/i.test(url.host);
  return isPlain ? url.origin : null;
}
