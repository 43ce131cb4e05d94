import type { Hono } from "hono";
import { pathRulesReport, pathRulesText } from "../../app/checks/path_rules_report.ts";
import { enqueuePoke } from "../../app/queue/enqueue.ts";
import { redactorOf } from "../../app/redactor.ts";
import { explainScene } from "../../app/scenes/explain.ts";
import { pinScene, unpinScene } from "../../app/scenes/pins.ts";
import { nameScenes } from "../../app/scenes/scene_names.ts";
import { sceneRecord } from "../../app/scenes/scene_record.ts";
import {
  countUnmatched,
  givenUpScenes,
  type Unmatched,
  waitingScenes,
} from "../../app/scenes/unmatched.ts";
import { targetNamed } from "../../app/targets.ts";
import { Refusal } from "../refusal.ts";
import { done, type PageContext, type PageEnv, type PageParts, pathOf } from "./page_env.ts";
import { refusalOfUser } from "./refusals.ts";
import { ScenePage } from "./scene.tsx";
import { type UnmatchedKind, UnmatchedScreen } from "./unmatched.tsx";

const PAGE = 20;
/** A person waits for the answer; beyond it the servers' own limits would take minutes. */
const ASK_MS = 30_000;
/** Each may ask the servers as much as a worker does. */
const MAX_ASKING = 2;

const SCENE = "/scenes/:id{[1-9][0-9]{0,17}}";

/** The screens of single scenes and of those without an item, and what can be done there. */
export function sceneRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  const redact = redactorOf(parts);
  const askers = new Askers(parts);

  app.get("/unmatched", (c) => {
    const { view } = c.var;
    const kind: UnmatchedKind = c.req.query("list") === "waiting" ? "waiting" : "given-up";
    const behind = readBehind(c.req.query("behind"));
    const found = kind === "waiting"
      ? waitingScenes(parts, behind ? { next_retry_at: behind.at, id: behind.id } : null, PAGE + 1)
      : givenUpScenes(parts, behind && { failedAt: behind.at, id: behind.id }, PAGE + 1);
    const scenes = redact(found.slice(0, PAGE));
    const last = scenes.at(-1);
    const next = found.length > PAGE && last !== undefined ? listPath(kind, last) : null;
    const names = redact(nameScenes(parts, scenes));
    const rules = pathRulesReport(parts.store.meta, parts.store.targets, parts.config);
    const paths = redact(pathRulesText(rules));
    const here = pathOf(c);
    const counts = countUnmatched(parts);
    return c.html(
      <UnmatchedScreen {...{ view, kind, counts, paths, scenes, names, here, next }} />,
    );
  });

  app.get(SCENE, async (c) => {
    const { view } = c.var;
    const id = c.req.param("id");
    const record = redact(sceneRecord(id, parts));
    const rows = record.matches.map(({ target }) => ({ scene_id: id, target, path: null }));
    const [name] = redact(nameScenes(parts, rows));
    const asked = c.req.query("ask") === undefined
      ? null
      : redact(await askers.ask(c, (asking) => explainScene(id, asking)).catch(problemOf));
    return c.html(<ScenePage {...{ view, record, name, asked }} />);
  });

  app.post(`${SCENE}/sync`, (c) => {
    const id = c.req.param("id");
    enqueuePoke([id], parts);
    parts.worker.wake();
    return done(c, c.var.form.get("back") ?? `/scenes/${id}`, "queued", 1);
  });

  app.post(`${SCENE}/pin`, async (c) => {
    const { form } = c.var;
    const id = c.req.param("id");
    const item = form.has("none") ? null : form.get("item") ?? "";
    if (item !== null && !/^\d{1,15}$/.test(item)) {
      throw new Refusal(
        400,
        "Which item is meant?",
        "Its ratingKey is a number: it stands in its address in Plex",
      );
    }
    const target = targetNamed(parts.targets, form.get("target")).key;
    await askers.ask(c, (asking) => pinScene(id, item, target, asking));
    parts.worker.wake();
    return done(c, form.get("back") ?? `/scenes/${id}`, "pinned", 1);
  });

  app.post(`${SCENE}/unpin`, (c) => {
    const id = c.req.param("id");
    unpinScene(id, parts);
    parts.worker.wake();
    return done(c, `/scenes/${id}`, "unpinned", 1);
  });
}

/** Bounds how long and how often the servers are asked for a page. */
class Askers {
  #asking = 0;

  constructor(private readonly parts: PageParts) {}

  /** @throws {Refusal} too many ask at once */
  async ask<T>(c: PageContext, ask: (parts: PageParts) => Promise<T>): Promise<T> {
    if (this.#asking >= MAX_ASKING) {
      throw new Refusal(503, "Others ask Plex and Stash at this moment", "Try again", {
        "retry-after": "2",
      });
    }
    const over = new AbortController();
    const stop = AbortSignal.any([c.env.closing, over.signal]);
    const waited = new AbortController();
    void this.parts.runtime.sleep(ASK_MS, waited.signal).then(() => over.abort());
    this.#asking++;
    try {
      return await ask({ ...this.parts, stop });
    } finally {
      this.#asking--;
      waited.abort();
    }
  }
}

function problemOf(thrown: unknown): { message: string; hint: string } {
  const refusal = thrown instanceof Refusal ? thrown : refusalOfUser(thrown);
  if (refusal === null) throw thrown;
  return { message: refusal.message, hint: refusal.hint };
}

function readBehind(text: string | undefined): { at: number; id: number } | undefined {
  const [, at, id] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? "") ?? [];
  return at === undefined ? undefined : { at: Number(at), id: Number(id) };
}

function listPath(kind: UnmatchedKind, { at, id }: Unmatched): string {
  return `/unmatched?list=${kind}&behind=${at}-${id}`;
}
