import type { Hono } from "hono";
import { eventsAnswer } from "../../answer.ts";
import type { Asked } from "../../listener.ts";
import type { LiveStreams } from "./live_streams.ts";
import { ownPath, type PageEnv } from "../page_env.ts";
import { noSuchPage } from "../refusals.ts";
import { isLivePage } from "../frame/view.ts";

/** Where a page that is open is told what it shows by now. */
export const LIVE_PATH = "/live";

/** A page that is open asks what it shows by now, and goes on being told. */
export function liveRoutes(app: Hono<PageEnv>, live: LiveStreams): void {
  app.get(LIVE_PATH, (c) => {
    const path = ownPath(c.req.query("page"));
    if (!isLivePage(new URL(path, "http://page").pathname)) throw noSuchPage();
    const { asked, closing } = c.env;
    // Who asks for the head alone takes nothing of a stream, and would hold it nevertheless.
    if (c.req.method === "HEAD") return eventsAnswer(null);
    return eventsAnswer(live.open(c.var.session, () => draw(path, asked, closing)));
  });

  /** A page as it is now, for whoever asked for `asked`. */
  async function draw(
    path: string,
    asked: Asked,
    closing: AbortSignal,
  ): Promise<string | "gone" | null> {
    const url = new URL(path, "http://page");
    const shown = await app.fetch(new Request(url, { headers: asked.headers }), {
      asked: { ...asked, path: url.pathname, query: url.searchParams },
      closing,
      isPatch: true,
    });
    if (shown.status === 303) return "gone";
    return shown.status === 200 ? await shown.text() : null;
  }
}
