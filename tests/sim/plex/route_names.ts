/** What a request is about, for faults: the name of its route, and the items that it names. */
import type { RequestFacts } from "../faults.ts";
import { decodePercent, parseQuery } from "./query.ts";

const IDS = "\\d+(?:,\\d+)*";
const IMAGE = "posters?|arts?|thumb|clearLogos?|squareArts?|banners?|themes?";

/** Every route of the imitated API that a client of a library uses; the first that fits counts. */
const ROUTES: [name: string, methods: string, path: RegExp][] = [
  ["identity", "GET", /^\/identity$/],
  ["server", "GET", /^\/$/],
  ["sections", "GET", /^\/library\/sections(\/all)?\/?$/],
  ["listing", "GET", /^\/library(\/sections\/\w+)?\/all$/],
  ["collections", "GET", /^\/library\/(sections\/\w+\/collections|collections\/.*)$/],
  ["scan", "GET POST", /^\/library\/sections\/\w+\/refresh$/],
  ["item", "GET", new RegExp(`^/library/metadata/${IDS}$`)],
  ["edit", "PUT", new RegExp(`^/library/(metadata/${IDS}|sections/\\w+/all)$`)],
  ["images", "GET", /^\/library\/metadata\/\d+\/(posters|arts|clearLogos|squareArts)$/],
  ["upload", "POST", new RegExp(`^/library/metadata/\\d+/(${IMAGE})$`)],
  ["select", "PUT", new RegExp(`^/library/metadata/\\d+/(${IMAGE})$`)],
  ["image", "GET", new RegExp(`^/library/metadata/\\d+/(${IMAGE}|file)(/\\d+)?$`)],
  ["rate", "GET PUT", /^\/:\/rate$/],
  ["activities", "GET", /^\/activities$/],
  ["sessions", "GET", /^\/status\/sessions$/],
  ["preferences", "GET PUT", /^\/:\/prefs/],
  ["notifications", "GET", /^\/:\/(websockets?|eventsource)\/notifications$/],
];

/** The names that a rule may use. */
export const PLEX_ROUTES: readonly string[] = ROUTES.map(([name]) => name);

/** @param target Path and raw query */
export function plexFacts(method: string, target: string): RequestFacts {
  const at = target.indexOf("?");
  const path = decodePercent(at < 0 ? target : target.slice(0, at));
  const query = parseQuery(at < 0 ? "" : target.slice(at + 1), true);
  const [route] =
    ROUTES.find(([, methods, pattern]) =>
      methods.split(" ").includes(method) && pattern.test(path)
    ) ?? [];
  const ids = new RegExp(`^/library/(?:metadata|collections)/(${IDS})(?:/|$)`).exec(path)?.[1] ??
    (route === "rate" ? query.get("key") : undefined) ??
    (path.startsWith("/library/sections/") ? query.get("id") : undefined);
  return { route, items: ids?.split(",") };
}

/** Rows of things with a ratingKey in an answer. */
export function plexRows(json: unknown): Record<string, unknown>[] {
  const container = (json as { MediaContainer?: { Metadata?: unknown } }).MediaContainer;
  return Array.isArray(container?.Metadata) ? container.Metadata : [];
}
