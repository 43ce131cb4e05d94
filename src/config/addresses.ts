import type { PathRule } from "../core/match/path.ts";
import type { Kind, Parsed } from "./kinds.ts";

/**
 * A server's base URL: http or https, a path prefix kept (reverse proxies),
 * no trailing slash. Nothing secret may stand in it, since URLs end up in logs.
 */
export function url(secretKey: string): Kind<string> {
  const allowed = "an http:// or https:// address, such as http://127.0.0.1:32400";
  const parse = (raw: unknown): Parsed<string> => {
    const text = typeof raw === "string" ? raw.trim() : "";
    // URL.parse would drop a newline or tab inside without a word.
    const parsed = /^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) ? URL.parse(text) : null;
    if (parsed === null) return { problem: `must be ${allowed}` };
    if (parsed.username !== "" || parsed.password !== "") {
      return { problem: `must not hold a user name or password; put the secret in ${secretKey}` };
    }
    if (/[?#]/.test(text)) {
      return { problem: `must end before any "?" or "#"; put the secret in ${secretKey}` };
    }
    return { value: parsed.origin + parsed.pathname.replace(/\/+$/, "") };
  };
  return { parse, show: String, allowed };
}

const plainUrl = url("plex_token");

/** The same for Plex: what stands in a browser's address bar is that of its page. */
export const plexUrl: Kind<string> = {
  ...plainUrl,
  parse(raw) {
    const page = typeof raw === "string"
      ? /\/web\/?(index\.html.*)?(#.*)?$/i.exec(raw.trim())
      : null;
    if (page === null) return plainUrl.parse(raw);
    return { problem: `must end before ${page[0]}, which is Plex's page and not the server` };
  },
};

/** `/data`, `C:\data`, `C:/data` or `\\server\share`. */
function isAbsolute(path: string): boolean {
  return /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
}

/** `/data=/media,/x=/y`: what fits in an environment variable; a comma in a path needs the file. */
function rulesOfText(text: string): unknown[] {
  if (text.trim().toLowerCase() === "none") return [];
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? part : { stash: part.slice(0, at).trim(), plex: part.slice(at + 1).trim() };
  });
}

function ruleOf(raw: unknown): PathRule | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const { stash, plex, ...rest } = raw as Record<string, unknown>;
  if (typeof stash !== "string" || typeof plex !== "string") return undefined;
  if (Object.keys(rest).length > 0 || !isAbsolute(stash) || !isAbsolute(plex)) return undefined;
  return { stash, plex };
}

/** What stands for rules that nobody gave. */
const LEARNED = "learned";

/** Prefix rules between the paths of Stash and those of Plex; null where none were given. */
export const pathRules: Kind<PathRule[] | null> = {
  allowed: 'a list of { stash = "/data", plex = "/media" } with absolute paths, ' +
    "or /data=/media,/other=/more, none or learned as text",
  parse(raw) {
    if (typeof raw === "string" && raw.trim().toLowerCase() === LEARNED) return { value: null };
    const list = typeof raw === "string" ? rulesOfText(raw) : raw;
    const problem = `must be ${pathRules.allowed}`;
    if (!Array.isArray(list)) return { problem };
    const rules = list.map(ruleOf);
    if (!rules.every((rule) => rule !== undefined)) return { problem };
    const seen = new Set<string>();
    for (const { stash } of rules) {
      if (seen.has(stash)) return { problem: `must not have two rules for ${stash}` };
      seen.add(stash);
    }
    return { value: rules };
  },
  show(rules) {
    if (rules === null) return LEARNED;
    return rules.map(({ stash, plex }) => `${stash}=${plex}`).join(", ") || "none";
  },
};

/** Where the HTTP listener waits: `host:port`, a port alone on 127.0.0.1, or off. */
export const listenAddress: Kind<string | null> = {
  allowed: "off or an address such as 127.0.0.1:9797",
  parse(raw) {
    const text = String(raw).trim();
    if (raw === false || /^(off|false|no|none|)$/i.test(text)) return { value: null };
    const match = /^(?:(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+):)?(\d{1,5})$/.exec(text);
    if (match === null || Number(match[2]) > 65_535) {
      return { problem: `must be ${listenAddress.allowed}` };
    }
    return { value: `${match[1] ?? "127.0.0.1"}:${Number(match[2])}` };
  },
  show: (value) => value ?? "off",
};

/** Where notifications go; a secret, since whoever knows it can post there too. */
export const notifyAddress: Kind<string | null> = {
  allowed: "an http://, https:// or ntfy:// address",
  parse(raw) {
    const text = typeof raw === "string" ? raw.trim() : "-";
    if (text === "") return { value: null };
    const isAddress = /^(https?|ntfy):\/\/[^\s\p{Cc}]+$/iu.test(text) &&
      URL.parse(text.replace(/^ntfy:/i, "https:")) !== null;
    return isAddress ? { value: text } : { problem: `must be ${notifyAddress.allowed}` };
  },
  show: (value) => value ?? "",
};
