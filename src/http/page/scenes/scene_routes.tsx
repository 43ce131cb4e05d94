import type { Hono } from "hono";
import { pathRulesReport, pathRulesText } from "../../../app/checks/path_rules_report.ts";
import { enqueuePoke } from "../../../app/queue/enqueue.ts";
import { redactorOf } from "../../../app/redactor.ts";
import { explainScene } from "../../../app/scenes/explain.ts";
import { pinScene, unpinScene } from "../../../app/scenes/pins.ts";
import type { ItemLooks } from "../../../app/scenes/item_looks.ts";
import type { LocalMatch } from "../../../app/scenes/local_match.ts";
import { itemLink } from "../../../app/scenes/item_link.ts";
import { sceneFields } from "../../../app/scenes/scene_fields.ts";
import { nameScenes } from "../../../app/scenes/scene_names.ts";
import { sceneRecord } from "../../../app/scenes/scene_record.ts";
import {
  countUnmatched,
  givenUpScenes,
  type Unmatched,
  waitingScenes,
} from "../../../app/scenes/unmatched.ts";
import { pathAdvice } from "../../../app/settings/path_advice.ts";
import { targetNamed } from "../../../app/targets.ts";
import { Refusal } from "../../refusal.ts";
import { type Askers, unanswered } from "../askers.ts";
import { done, type PageContext, type PageEnv, type PageParts, pathOf } from "../page_env.ts";
import { ScenePage } from "./scene.tsx";
import { itemKey } from "./near_files.tsx";
import { type UnmatchedKind, UnmatchedScreen } from "./unmatched.tsx";

const PAGE = 20;
/** Nobody waits longer for titles: all else is of use without them. */
const TITLES_MS = 1_000;
/** The list is kept up to date while it is open: titles that come later find their place by that. */
const LIST_TITLES_MS = 50;
/** The path of a scene's screen. */
export const SCENE = "/scenes/:id{[1-9][0-9]{0,17}}";

/** The screens of single scenes and of those without an item, and what can be done there. */
export function sceneRoutes(
  app: Hono<PageEnv>,
  parts: PageParts,
  askers: Askers,
  looks: ItemLooks,
): void {
  const redact = redactorOf(parts);
  const linkOf = (target: string, item: string) => itemLink(target, item, parts);

  /** Titles of what may be the items of these scenes. */
  async function titlesOf(c: PageContext, matches: readonly LocalMatch[], waitMs = TITLES_MS) {
    const asking = { ...parts, stop: c.env.closing };
    const byTarget = Map.groupBy(matches, ({ target }) => target);
    const all = await Promise.all([...byTarget].map(async ([target, of]) => {
      const items = of.flatMap(({ candidates }) => candidates.map(({ item }) => item));
      // While a page is open nobody is asked again and again.
      const titles = c.var.view.isPatch
        ? looks.titlesSoFar(target, items)
        : await looks.titles(target, items, waitMs, asking);
      return [...titles].map(([item, title]) => [itemKey(target, item), title] as const);
    }));
    return new Map(redact(all.flat()));
  }

  app.get("/unmatched", async (c) => {
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
    const titles = await titlesOf(c, scenes.map(({ match }) => match), LIST_TITLES_MS);
    return c.html(
      <UnmatchedScreen
        {...{ view, kind, counts, paths, scenes, names, here, next, linkOf, titles }}
        advice={view.did?.startsWith("mapped-") ? null : redact(pathAdvice(parts))}
      />,
    );
  });

  app.get(SCENE, async (c) => {
    const { view } = c.var;
    const id = c.req.param("id");
    const record = redact(sceneRecord(id, parts));
    const rows = record.matches.map(({ target }) => ({ scene_id: id, target, path: null }));
    const [name] = redact(nameScenes(parts, rows));
    const titles = await titlesOf(c, record.matches);
    const asked = c.req.query("ask") === undefined ? null : redact(
      await askers.ask(c, async (asking) => ({
        explanations: await explainScene(id, asking),
        items: await sceneFields(id, asking),
      })).catch(unanswered),
    );
    return c.html(<ScenePage {...{ view, record, name, asked, linkOf, titles }} />);
  });

  app.post(`${SCENE}/sync`, (c) => {
    const id = c.req.param("id");
    enqueuePoke([id], parts);
    parts.worker.wake();
    return done(c, c.var.form.get("back") ?? `/scenes/${id}`, "queued", id);
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
    return done(c, form.get("back") ?? `/scenes/${id}`, item === null ? "ignored" : "pinned", id);
  });

  app.post(`${SCENE}/unpin`, (c) => {
    const id = c.req.param("id");
    unpinScene(id, parts);
    parts.worker.wake();
    return done(c, `/scenes/${id}`, "unpinned", id);
  });
}

function readBehind(text: string | undefined): { at: number; id: number } | undefined {
  const [, at, id] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? "") ?? [];
  return at === undefined ? undefined : { at: Number(at), id: Number(id) };
}

function listPath(kind: UnmatchedKind, { at, id }: Unmatched): string {
  return `/unmatched?list=${kind}&behind=${at}-${id}`;
}
