import type { Hono } from "hono";
import type { ItemLooks } from "../../../app/scenes/item_looks.ts";
import { targetNamed } from "../../../app/targets.ts";
import type { Picture } from "../../../target/target.ts";
import { Refusal } from "../../refusal.ts";
import { Turns } from "./turns.ts";
import type { PageContext, PageEnv, PageParts } from "../page_env.ts";

/** Each may be some MB large until it is sent. */
const MAX_AT_ONCE = 8;
/** A browser asks for six at once, and behind a proxy with HTTP/2 for all that are in sight. */
const MAX_WAITING = 32;
const ASK_MS = 10_000;
const KEPT_S = 600;

/**
 * Posters and covers, read from the servers by the daemon: the browser is told neither where they
 * come from nor the token.
 */
export function pictureRoutes(app: Hono<PageEnv>, parts: PageParts, looks: ItemLooks): void {
  const turns = new Turns(MAX_AT_ONCE, MAX_WAITING);

  async function show(
    c: PageContext,
    read: (asking: PageParts) => Promise<Picture | null>,
  ): Promise<Response> {
    if (!await turns.take()) {
      throw new Refusal(503, "Too many pictures are read at once", "Reload the page", {
        "retry-after": "1",
      });
    }
    const waited = new AbortController();
    const over = new AbortController();
    void parts.runtime.sleep(ASK_MS, waited.signal).then(() => over.abort());
    try {
      const found = await read({ ...parts, stop: AbortSignal.any([c.env.closing, over.signal]) });
      if (found === null) {
        // It may be there, and nobody was asked any more.
        c.env.closing.throwIfAborted();
        return new Response(null, { status: 404 });
      }
      const headers = {
        "content-type": found.contentType,
        "cache-control": `private, max-age=${KEPT_S}`,
        // What a browser keeps is shown by it to the same session alone.
        "vary": "Cookie",
      };
      return new Response(found.bytes, { headers });
    } catch (thrown) {
      if (over.signal.aborted) return new Response(null, { status: 404 });
      throw thrown;
    } finally {
      turns.giveBack();
      waited.abort();
    }
  }

  app.get(
    "/pictures/scenes/:id{[1-9][0-9]{0,17}}",
    (c) => show(c, (asking) => looks.cover(c.req.param("id"), asking)),
  );

  app.get("/pictures/items/:target{[a-z0-9]{1,32}}/:id{[0-9]{1,15}}", (c) => {
    const { key } = targetNamed(parts.targets, c.req.param("target"));
    return show(c, (asking) => looks.poster(key, c.req.param("id"), asking));
  });
}
