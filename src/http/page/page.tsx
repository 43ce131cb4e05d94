import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { changeMark } from "../../app/page/change_mark.ts";
import { ReconcileStart } from "../../app/reconcile/reconcile_start.ts";
import { redactorOf } from "../../app/redactor.ts";
import { ItemLooks } from "../../app/scenes/item_looks.ts";
import type { Asked } from "../listener.ts";
import { Refusal } from "../refusal.ts";
import { Askers } from "./askers.ts";
import { readAssets } from "./assets.ts";
import { blur, isBlurred } from "./sign_in/blur.ts";
import { deadLetterRoutes } from "./dead_letters/dead_letter_routes.tsx";
import { readForm } from "./form.ts";
import { LIVE_PATH, liveRoutes } from "./overview/live_routes.ts";
import { LiveStreams } from "./overview/live_streams.ts";
import { logRoutes } from "./log_routes.tsx";
import { overviewRoutes } from "./overview/overview_routes.tsx";
import { type PageContext, type PageEnv, type PageParts, pathOf } from "./page_env.ts";
import { pathRoutes } from "./scenes/path_routes.ts";
import { pictureRoutes } from "./scenes/picture_routes.ts";
import { ProblemPage } from "./problem_page.tsx";
import { queueRoutes } from "./queue_routes.tsx";
import { reconcileRoutes } from "./reconcile_routes.tsx";
import { noSuchPage, refusalOfUser } from "./refusals.ts";
import { sceneRoutes } from "./scenes/scene_routes.tsx";
import { settingsRoutes } from "./settings_routes.tsx";
import { SignIn } from "./sign_in/sign_in_routes.tsx";
import { undoRoutes } from "./scenes/undo_routes.tsx";
import { csrfOf, isCsrfOf } from "./frame/view.ts";

/** Browsers send no others. */
const METHODS: readonly string[] = ["GET", "HEAD", "POST"];
/** Those that change nothing. */
const READING: readonly string[] = ["GET", "HEAD"];

/** The status page: HTML for people who signed in. */
export class Page {
  readonly #app = new Hono<PageEnv>();
  readonly #assets = readAssets();
  readonly #signIn: SignIn;
  readonly #live: LiveStreams;
  readonly #reconciling: ReconcileStart;
  readonly #looks = new ItemLooks();

  constructor(private readonly parts: PageParts) {
    this.#signIn = new SignIn(parts);
    this.#reconciling = new ReconcileStart(parts);
    this.#live = new LiveStreams(parts.runtime, () => {
      const compared = this.#reconciling.underWay?.scenes ?? 0;
      return `${changeMark(parts)} ${parts.recent.count} ${compared} ${this.#looks.reads}`;
    });
    this.#routes();
  }

  /** Pages that are open are told nothing more, and ask anew. */
  close(): void {
    this.#live.close();
  }

  /** Resolves when what was started here has ended; never rejects. */
  async ended(): Promise<void> {
    await Promise.all([this.#reconciling.ended(), this.#live.ended()]);
  }

  /** All that it answers to, by method and path. */
  get routes(): readonly { method: string; path: string }[] {
    return this.#app.routes;
  }

  /**
   * @param closing Aborted when the server closes
   * @returns also what went wrong, as a page
   * @throws {Refusal} no browser asks so
   */
  async answer(asked: Asked, closing: AbortSignal): Promise<Response> {
    const { method, path, query, headers } = asked;
    if (!METHODS.includes(method)) {
      const allow = METHODS.join(", ");
      throw new Refusal(405, `${method} is not possible here`, `Use ${allow}`, { allow });
    }
    const url = new URL("http://page");
    // A path that begins with two slashes would be taken for another server.
    url.pathname = path;
    url.search = query.toString();
    return await this.#app.fetch(new Request(url, { method, headers }), { asked, closing });
  }

  /** What was refused before anything was looked at, as a page that tells nothing else. */
  async refused(refused: Refusal, asked: Asked, closing: AbortSignal): Promise<Response> {
    return await this.#app.fetch(new Request("http://page/"), { asked, closing, refused });
  }

  #routes(): void {
    const app = this.#app;
    const ancestors = this.parts.config.frameAncestors
      .map((each) => each === "self" ? "'self'" : each);
    app.use(secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ancestors.length === 0 ? ["'none'"] : ancestors,
      },
      // It knows no list of servers; where there is one, browsers go by the policy alone.
      xFrameOptions: ancestors.length === 0 ? "DENY" : false,
      // "no-referrer" would take the origin from the page's own forms too, and none could be sent.
      referrerPolicy: "same-origin",
      crossOriginResourcePolicy: "same-origin",
      strictTransportSecurity: false,
    }));
    app.use(async (c, next) => {
      await next();
      if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
    });
    app.use(async (c, next) => {
      this.#look(c);
      if (c.env.refused !== undefined) throw c.env.refused;
      await next();
    });
    for (const { path, type, bytes } of Object.values(this.#assets)) {
      app.get(path, () =>
        new Response(bytes, {
          headers: { "content-type": type, "cache-control": "public, max-age=31536000, immutable" },
        }));
    }
    this.#signIn.openRoutes(app);
    app.use(async (c, next) => await this.#admit(c) ?? await next());
    this.#signIn.routes(app, (session) => this.#live.end(session));
    app.post("/blur", (c) => blur(c));
    this.#screens();
    app.notFound((c) => this.#problem(c, noSuchPage()));
    app.onError((thrown, c) =>
      this.#problem(c, refusalOfUser(thrown) ?? this.parts.refuse(thrown, c.env.asked))
    );
  }

  #screens(): void {
    const app = this.#app;
    const { parts } = this;
    const looks = this.#looks;
    const askers = new Askers(parts);
    liveRoutes(app, this.#live);
    overviewRoutes(app, parts);
    deadLetterRoutes(app, parts);
    sceneRoutes(app, parts, askers, looks);
    pictureRoutes(app, parts, looks);
    undoRoutes(app, parts, askers);
    queueRoutes(app, parts);
    reconcileRoutes(app, parts, this.#reconciling, askers);
    logRoutes(app, parts);
    settingsRoutes(app, parts, askers);
    pathRoutes(app, parts);
  }

  /** Who asks, and what every screen needs. */
  #look(c: PageContext): void {
    // To whom nothing is answered, nothing is told of whoever is signed in there. Set before the
    // database is asked: what is wrong with that is shown as a page too.
    this.#see(c, { session: "", person: null });
    if (c.env.refused === undefined) this.#see(c, this.#signIn.whoAsks(c));
  }

  #see(c: PageContext, { session, person }: ReturnType<SignIn["whoAsks"]>): void {
    const { config, runtime } = this.parts;
    c.set("session", session);
    c.set("view", {
      base: config.basePath,
      person,
      assets: this.#assets,
      now: runtime.now(),
      csrf: session === "" ? "" : csrfOf(session),
      path: c.req.path,
      here: c.req.method === "GET" ? pathOf(c) : "/",
      isBlurred: isBlurred(c, config),
      isPatch: c.env.isPatch ?? false,
      did: c.req.query("did") ?? null,
    });
  }

  /** Lets nobody through who has not signed in, and no form that no page of the session sent. */
  async #admit(c: PageContext): Promise<Response | null> {
    const { session, view } = c.var;
    const reads = READING.includes(c.req.method);
    if (session === "") {
      this.#signIn.sayForged(c);
      // What no person asked for is led nowhere.
      if (!reads || c.req.path === LIVE_PATH) {
        throw new Refusal(401, "You are not signed in any more", "Sign in, and try again");
      }
      return c.redirect(`${view.base}/sign-in?next=${encodeURIComponent(pathOf(c))}`, 303);
    }
    if (reads) return null;
    const form = await readForm(c.env.asked, this.parts.runtime, c.env.closing);
    if (!isCsrfOf(session, form.get("csrf") ?? "")) {
      throw new Refusal(
        403,
        "This form is of another session",
        "Go back, reload the page, and try again",
      );
    }
    c.set("form", form);
    return null;
  }

  #problem(
    c: PageContext,
    refusal: Refusal,
  ): Response | Promise<Response> {
    const { status, headers } = refusal;
    const { message, hint } = redactorOf(this.parts)({
      message: refusal.message,
      hint: refusal.hint,
    });
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    c.status(status as 400);
    return c.html(<ProblemPage view={c.var.view} message={message} hint={hint} />);
  }
}
