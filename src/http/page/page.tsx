import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { changeMark } from "../../app/page/change_mark.ts";
import { LinkKeys } from "../../app/page/page_link.ts";
import { PageSessions } from "../../app/page/page_sessions.ts";
import { pauseWork, resumeWork } from "../../app/queue/pause.ts";
import { ReconcileStart } from "../../app/reconcile/reconcile_start.ts";
import { redactorOf } from "../../app/redactor.ts";
import { WorkTimeline } from "../../app/reports/work_timeline.ts";
import { statusReport } from "../../app/reports/status_report.ts";
import { matchCoverage } from "../../app/scenes/unmatched.ts";
import { nameScenes } from "../../app/scenes/scene_names.ts";
import type { Asked } from "../listener.ts";
import { eventsAnswer } from "../answer.ts";
import { Refusal } from "../refusal.ts";
import { readAssets } from "./assets.ts";
import { readRange } from "./charts.tsx";
import { Attempts } from "./attempts.ts";
import { readForm } from "./form.ts";
import { LiveStreams } from "./live_streams.ts";
import { logRoutes } from "./log_routes.tsx";
import { Overview } from "./overview.tsx";
import { ProblemPage } from "./problem_page.tsx";
import { queueRoutes } from "./queue_routes.tsx";
import { reconcileRoutes } from "./reconcile_routes.tsx";
import { refusalOfUser } from "./refusals.ts";
import { sceneRoutes } from "./scene_routes.tsx";
import { SignInPage } from "./sign_in.tsx";
import { deadLetterRoutes } from "./dead_letter_routes.tsx";
import { Askers } from "./askers.ts";
import { ItemLooks } from "../../app/scenes/item_looks.ts";
import { pictureRoutes } from "./picture_routes.ts";
import { pathRoutes } from "./path_routes.ts";
import { settingsRoutes } from "./settings_routes.tsx";
import { undoRoutes } from "./undo_routes.tsx";
import {
  done,
  ownPath,
  type PageContext,
  type PageEnv,
  type PageParts,
  pathOf,
} from "./page_env.ts";
import { csrfOf, isCsrfOf, isLivePage } from "./view.ts";
import { blur, isBlurred } from "./blur.ts";
import { cookieOptions } from "./cookie_options.ts";

const COOKIE = "plexsync_session";
const LIVE_PATH = "/live";

/** The status page: HTML for people who signed in. */
export class Page {
  readonly #app = new Hono<PageEnv>();
  readonly #assets = readAssets();
  readonly #attempts = new Attempts();
  readonly #base: string;
  #saidForged = false;
  readonly #sessions: PageSessions;
  readonly #links: LinkKeys;
  readonly #live: LiveStreams;
  readonly #reconciling: ReconcileStart;
  readonly #timeline: WorkTimeline;
  readonly #askers: Askers;

  constructor(private readonly parts: PageParts) {
    const { config, runtime } = parts;
    this.#base = config.basePath;
    this.#askers = new Askers(parts);
    const token = config.listenToken ?? "";
    this.#sessions = new PageSessions(token, parts);
    this.#links = new LinkKeys(token, runtime.now());
    this.#live = new LiveStreams(runtime, () => {
      const compared = this.#reconciling.underWay?.scenes ?? 0;
      return `${changeMark(parts)} ${parts.recent.count} ${compared}`;
    });
    this.#timeline = new WorkTimeline(parts);
    this.#reconciling = new ReconcileStart(parts);
    this.#routes();
  }

  /** Resolves when what was started here has ended; never rejects. */
  async ended(): Promise<void> {
    await this.#reconciling.ended();
  }

  /** All that it answers to, by method and path. */
  get routes(): readonly { method: string; path: string }[] {
    return this.#app.routes;
  }

  /**
   * @param closing Aborted when the server closes
   * @returns also what went wrong, as a page
   */
  async answer(asked: Asked, closing: AbortSignal): Promise<Response> {
    const { method, path, query, headers } = asked;
    const url = new URL("http://page");
    // A path that begins with two slashes would be taken for another server.
    url.pathname = path;
    url.search = query.toString();
    return await this.#app.fetch(new Request(url, { method, headers }), { asked, closing });
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
      this.#look(c);
      await next();
      if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
    });
    for (const { path, type, bytes } of Object.values(this.#assets)) {
      app.get(path, () =>
        new Response(bytes, {
          headers: { "content-type": type, "cache-control": "public, max-age=31536000, immutable" },
        }));
    }
    app.get("/sign-in", (c) => this.#showSignIn(c));
    app.post("/sign-in", (c) => this.#signIn(c));
    app.use(async (c, next) => await this.#admit(c) ?? await next());
    app.post("/sign-out", (c) => this.#signOut(c));
    app.post("/blur", (c) => blur(c));
    app.get(LIVE_PATH, (c) => this.#watch(c));
    app.get("/", (c) => this.#overview(c));
    app.post("/pause", (c) => {
      pauseWork(this.parts);
      return done(c, "/", "paused", 1);
    });
    app.post("/resume", (c) => {
      resumeWork(this.parts);
      this.parts.worker.wake();
      return done(c, "/", "resumed", 1);
    });
    deadLetterRoutes(app, this.parts);
    const looks = new ItemLooks();
    sceneRoutes(app, this.parts, this.#askers, looks);
    pictureRoutes(app, this.parts, looks);
    undoRoutes(app, this.parts, this.#askers);
    queueRoutes(app, this.parts);
    reconcileRoutes(app, this.parts, this.#reconciling);
    logRoutes(app, this.parts);
    settingsRoutes(app, this.parts, this.#askers);
    pathRoutes(app, this.parts);
    app.notFound((c) => this.#problem(c, noSuchPage()));
    app.onError((thrown, c) =>
      this.#problem(c, refusalOfUser(thrown) ?? this.parts.refuse(thrown, c.env.asked))
    );
  }

  /** Who asks, and what every screen needs. */
  #look(c: PageContext): void {
    const person = this.parts.proxy.personOf(c.env.asked);
    const given = getCookie(c, COOKIE) ?? "";
    const session = person !== null
      ? this.#sessions.ofPerson(person)
      : given !== "" && this.#sessions.isOpen(given)
      ? given
      : "";
    c.set("session", session);
    c.set("view", {
      base: this.#base,
      person,
      assets: this.#assets,
      now: this.parts.runtime.now(),
      csrf: session === "" ? "" : csrfOf(session),
      path: c.req.path,
      here: c.req.method === "GET" ? pathOf(c) : "/",
      isBlurred: isBlurred(c, this.parts.config),
      isPatch: c.env.isPatch ?? false,
      did: c.req.query("did") ?? null,
    });
  }

  /** Lets nobody through who has not signed in, and no form that no page of the session sent. */
  async #admit(c: PageContext): Promise<Response | null> {
    const { session, view } = c.var;
    const reads = ["GET", "HEAD"].includes(c.req.method);
    if (session === "") {
      this.#sayForged(c);
      // What no person asked for is led nowhere.
      if (!reads || c.req.path === LIVE_PATH) {
        throw new Refusal(401, "You are not signed in any more", "Sign in, and try again");
      }
      return c.redirect(`${view.base}/sign-in?next=${encodeURIComponent(pathOf(c))}`, 303);
    }
    if (reads) return null;
    const form = await this.#form(c);
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

  /** Once: whoever does it can do it often, and an owner who set it up wrongly needs to be told. */
  #sayForged(c: PageContext): void {
    const { peer } = c.env.asked;
    if (this.#saidForged || !this.parts.proxy.isForged(c.env.asked)) return;
    this.#saidForged = true;
    this.parts.log.warning(`${peer} named somebody as signed in, which trusted_proxy lets it not`, {
      event: "page_refused",
      hint: "If it is your reverse proxy, add its address to trusted_proxy",
    });
  }

  async #form(c: PageContext): Promise<URLSearchParams> {
    return await readForm(c.env.asked, this.parts.runtime, c.env.closing);
  }

  #showSignIn(c: PageContext): Response | Promise<Response> {
    const { runtime, log } = this.parts;
    const next = ownPath(c.req.query("next"));
    const key = c.req.query("key");
    if (key !== undefined && c.req.method === "GET") {
      if (this.#links.use(key, runtime.now())) return this.#begin(c, this.#sessions.begin(), next);
      log.warning("A sign-in to the page was refused: the link is no good", {
        event: "page_refused",
      });
      const problem = "This link was used already, is too old, or was made before the daemon " +
        "listened: plexsync page prints a new one";
      return c.html(<SignInPage view={c.var.view} next={next} problem={problem} />, 401);
    }
    if (c.var.session !== "") return c.redirect(c.var.view.base + next, 303);
    return c.html(<SignInPage view={c.var.view} next={next} problem={null} />);
  }

  async #signIn(c: PageContext): Promise<Response> {
    const { runtime, log } = this.parts;
    const { view } = c.var;
    const form = await this.#form(c);
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
    setCookie(c, COOKIE, session, cookieOptions(c, 30));
    return c.redirect(c.var.view.base + next, 303);
  }

  #signOut(c: PageContext): Response {
    const { session, view } = c.var;
    this.#sessions.end(session);
    this.#live.end(session);
    deleteCookie(c, COOKIE, { path: `${view.base}/` });
    return c.redirect(`${view.base}/sign-in`, 303);
  }

  /** A page that is open asks what it shows by now, and goes on being told. */
  #watch(c: PageContext): Response {
    const path = ownPath(c.req.query("page"));
    if (!isLivePage(new URL(path, "http://page").pathname)) throw noSuchPage();
    const { asked, closing } = c.env;
    const draw = () => this.#draw(path, asked, closing);
    return eventsAnswer(this.#live.open(c.var.session, draw, closing));
  }

  /** A page as it is now, for whoever asked for `asked`. */
  async #draw(path: string, asked: Asked, closing: AbortSignal): Promise<string | "gone" | null> {
    const url = new URL(path, "http://page");
    const shown = await this.#app.fetch(new Request(url, { headers: asked.headers }), {
      asked: { ...asked, path: url.pathname, query: url.searchParams },
      closing,
      isPatch: true,
    });
    if (shown.status === 303) return "gone";
    return shown.status === 200 ? await shown.text() : null;
  }

  #overview(c: PageContext): Response | Promise<Response> {
    const redact = redactorOf(this.parts);
    const { report, problems } = redact(statusReport(this.parts));
    const rows = report.outcomes.map(({ scene_id }) => ({ scene_id, target: "", path: null }));
    const names = redact(nameScenes(this.parts, rows));
    const range = readRange(c.req.query("over"));
    return c.html(
      <Overview
        {...{ view: c.var.view, status: report, problems, names, range }}
        coverage={matchCoverage(this.parts)}
        steps={this.#timeline.of(range)}
      />,
    );
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

function noSuchPage(): Refusal {
  return new Refusal(404, "There is no such page", "The navigation above leads to all there are");
}
