import type { Context } from "hono";
import type { HttpApiParts } from "../http_api.ts";
import type { Asked } from "../listener.ts";
import type { ProxyTrust } from "../proxy_trust.ts";
import type { Refusal } from "../refusal.ts";
import type { View } from "./frame/view.ts";

/** What goes with a request through the routes. */
export interface PageEnv {
  Bindings: {
    asked: Asked;
    closing: AbortSignal;
    /** For a page that is open already. */
    isPatch?: boolean;
    /** Why nothing of it is answered. */
    refused?: Refusal;
  };
  Variables: {
    view: View;
    /** Id of the session; "" where nobody is signed in. */
    session: string;
    /** What a form sent; only where something is changed. */
    form: URLSearchParams;
  };
}

export type PageContext = Context<PageEnv>;

/** Parts of the page: what it shows, and the tone of refusals. */
export interface PageParts extends HttpApiParts {
  proxy: ProxyTrust;
  /** Since when the listener is there, epoch ms. */
  openedAt: number;
  /** Makes an answer of what was thrown, and says it in the log where that is due. */
  refuse(thrown: unknown, asked: Asked): Refusal;
}

/** The path of what was asked for, with its query, without what was done before. */
export function pathOf(c: PageContext): string {
  const url = new URL(c.req.url);
  url.searchParams.delete("did");
  return url.pathname + url.search;
}

/** A path of this page, and of no other server; "/" for anything else. */
export function ownPath(given: string | null | undefined): string {
  const url = URL.parse(given ?? "/", "http://page");
  // The origin of a `blob:` address is that of the one inside it, and its path is all of that.
  return url?.origin === "http://page" && /^\/(?!\/)/.test(url.pathname)
    ? url.pathname + url.search
    : "/";
}

/**
 * Leads back to a screen, which says what was done.
 * @param number How many, or the id of the one scene that it was done to
 */
export function done(
  c: PageContext,
  path: string,
  verb: string,
  number: number | string,
): Response {
  const url = new URL(ownPath(path), "http://page");
  url.searchParams.set("did", `${verb}-${number}`);
  return c.redirect(c.var.view.base + url.pathname + url.search, 303);
}
