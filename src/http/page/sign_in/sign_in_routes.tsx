import { createHmac } from "node:crypto";
import type { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { LinkKeys } from "../../../app/page/page_link.ts";
import { PageSessions } from "../../../app/page/page_sessions.ts";
import { Attempts } from "./attempts.ts";
import { cookieOptions } from "./cookie_options.ts";
import { readForm } from "../form.ts";
import { MakesWay } from "./makes_way.ts";
import { ownPath, type PageContext, type PageEnv, type PageParts } from "../page_env.ts";
import { SignInPage } from "./sign_in.tsx";

/** Forms that are on the way; each of a page that is shown comes at once. */
const MAX_READING = 8;
/** As long as a session. */
const COOKIE_DAYS = 30;

/** Lets people in by the token, by a link that was made with it, or by the word of the proxy. */
export class SignIn {
  readonly #attempts = new Attempts();
  /** Apart: any page of the web can make a browser follow bad links, and must shut nobody out. */
  readonly #badLinks = new Attempts();
  readonly #reading = new MakesWay(MAX_READING);
  readonly #sessions: PageSessions;
  readonly #links: LinkKeys;
  /**
   * Of its own for each token: a browser sends its cookies to all ports of a machine, and two
   * installations there would sign each other's people out.
   */
  readonly #cookie: string;
  #saidForged = false;

  constructor(private readonly parts: PageParts) {
    const token = parts.config.listenToken ?? "";
    this.#sessions = new PageSessions(token, parts);
    const mark = createHmac("sha256", token).update("page cookie").digest("hex").slice(0, 8);
    this.#cookie = `plexsync_session_${mark}`;
    this.#links = new LinkKeys(token, parts.openedAt);
  }

  /** Who asks: the id of the session, "" for nobody, and whom the proxy names; null for nobody. */
  whoAsks(c: PageContext): { session: string; person: string | null } {
    const person = this.parts.proxy.personOf(c.env.asked);
    if (person !== null) return { session: this.#sessions.ofPerson(person), person };
    const given = getCookie(c, this.#cookie) ?? "";
    return { session: given !== "" && this.#sessions.isOpen(given) ? given : "", person };
  }

  /** Once: whoever does it can do it often, and an owner who set it up wrongly needs to be told. */
  sayForged(c: PageContext): void {
    const { peer } = c.env.asked;
    if (this.#saidForged || !this.parts.proxy.isForged(c.env.asked)) return;
    this.#saidForged = true;
    this.parts.log.warning(`${peer} named somebody as signed in, which trusted_proxy lets it not`, {
      event: "page_refused",
      hint: "If it is your reverse proxy, add its address to trusted_proxy",
    });
  }

  /** What is open to whoever has not signed in. */
  openRoutes(app: Hono<PageEnv>): void {
    app.get("/sign-in", (c) => this.#show(c));
    app.post("/sign-in", (c) => this.#signIn(c));
  }

  /** @param ended Called with the session that somebody signed out of */
  routes(app: Hono<PageEnv>, ended: (session: string) => void): void {
    app.post("/sign-out", (c) => {
      const { session, view } = c.var;
      this.#sessions.end(session);
      ended(session);
      deleteCookie(c, this.#cookie, { path: `${view.base}/` });
      return c.redirect(`${view.base}/sign-in`, 303);
    });
  }

  #show(c: PageContext): Response | Promise<Response> {
    const { view, session } = c.var;
    const next = ownPath(c.req.query("next"));
    const key = c.req.query("key");
    if (key !== undefined && c.req.method === "GET") return this.#useLink(c, key, next);
    if (session !== "") return c.redirect(view.base + next, 303);
    return c.html(<SignInPage view={view} next={next} problem={null} />);
  }

  #useLink(c: PageContext, key: string, next: string): Response | Promise<Response> {
    const { runtime, log } = this.parts;
    if (this.#links.use(key, runtime.now())) return this.#begin(c, this.#sessions.begin(), next);
    // Opened a second time by whoever it let in.
    if (c.var.session !== "") return c.redirect(c.var.view.base + next, 303);
    if (this.#badLinks.take(runtime.now())) {
      log.warning("A sign-in to the page was refused: the link is no good", {
        event: "page_refused",
      });
    }
    const problem = "This link was used already, is too old, or was made before the daemon " +
      "listened: plexsync page prints a new one";
    return c.html(<SignInPage view={c.var.view} next={next} problem={problem} />, 401);
  }

  async #signIn(c: PageContext): Promise<Response> {
    const { runtime, log } = this.parts;
    const { view } = c.var;
    const { asked, closing } = c.env;
    const form = await this.#reading.while((over) => readForm(asked, runtime, over), closing);
    const next = ownPath(form.get("next"));
    if (!this.#attempts.take(runtime.now())) {
      const problem = "Too many wrong tries: wait a few seconds, or ask plexsync page for a link";
      return c.html(<SignInPage view={view} next={next} problem={problem} />, 429);
    }
    const session = this.#sessions.signIn(form.get("token") ?? "");
    if (session === null) {
      log.warning("A sign-in to the page was refused: the token is wrong", {
        event: "page_refused",
      });
      return c.html(<SignInPage view={view} next={next} problem="The token is wrong" />, 401);
    }
    this.#attempts.succeeded();
    return this.#begin(c, session, next);
  }

  #begin(c: PageContext, session: string, next: string): Response {
    this.parts.log.info("Somebody signed in to the page", { event: "page_sign_in" });
    setCookie(c, this.#cookie, session, cookieOptions(c, COOKIE_DAYS));
    return c.redirect(c.var.view.base + next, 303);
  }
}
