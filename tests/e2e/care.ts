/** What no program of any test may do, whatever happens around it. */
import { assert, assertEquals } from "@std/assert";
import type { SimPlex, SimRequest } from "../sim/plex/server.ts";

/** Longer URLs are refused by real servers. */
const MAX_URL_LENGTH = 8_192;
/** Secrets travel in headers: whatever stands in a URL ends up in a log. */
const SECRET_PARAM = /(^|&)(x-plex-token|apikey)=/i;
const IMAGE_PATH = /^\/library\/metadata\/\d+\/(posters?|arts?)$/;

/** True for what changes something in Plex. */
export function isWrite({ method }: SimRequest): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** True for all that is about posters and backgrounds: lists, uploads, selections. */
export function isImage({ path }: SimRequest): boolean {
  return IMAGE_PATH.test(path);
}

/** Plex got no request that harms a library. */
export function assertCareful(plex: SimPlex): void {
  assertEquals(plex.violations(), []);
  for (const request of plex.requests()) {
    const { method, path, query } = request;
    assert(method !== "DELETE", `DELETE ${path}`);
    const length = path.length + 1 + query.length;
    assert(length < MAX_URL_LENGTH, `${length} bytes of URL: ${method} ${path}`);
    assert(!SECRET_PARAM.test(query), `A secret in the URL of ${method} ${path}`);
    if (method === "PUT" && path.startsWith("/library/sections/")) {
      const id = request.param("id");
      assert(/^\d+(,\d+)*$/.test(id ?? ""), `PUT ${path} without ids: ${query}`);
    }
  }
}

/** Nobody but a developer is helped by a stack trace. */
export function assertNoStackTrace(text: string): void {
  const frame = /^(error:)?\s+at .+:\d+/;
  const trace = text.split("\n").find((line) => frame.test(line));
  assert(trace === undefined, `A stack trace was shown:\n${text}`);
}
