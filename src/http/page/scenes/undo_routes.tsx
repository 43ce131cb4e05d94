import type { Hono } from "hono";
import { redactorOf } from "../../../app/redactor.ts";
import {
  previewUndo,
  requestUndo,
  undoMark,
  undoTasks,
  type UndoWish,
} from "../../../app/scenes/undo.ts";
import { targetNamed } from "../../../app/targets.ts";
import { Refusal } from "../../refusal.ts";
import { type Askers, unanswered } from "../askers.ts";
import { done, type PageEnv, type PageParts } from "../page_env.ts";
import { SCENE } from "./scene_routes.tsx";
import { SEEN_WRITES, UndoConfirmation } from "./undo_confirmation.tsx";

/** What was written for a scene is shown before it is taken back, all of it or the last write. */
export function undoRoutes(app: Hono<PageEnv>, parts: PageParts, askers: Askers): void {
  const redact = redactorOf(parts);

  app.get(`${SCENE}/undo`, async (c) => {
    const id = c.req.param("id");
    const isLast = c.req.query("last") !== undefined;
    // Before the servers are asked: what is written meanwhile is not what is shown.
    const seen = undoMark(id, parts);
    const tasks = undoTasks(wishOf(id, isLast), parts).filter(({ items }) => items.length > 0);
    const previews = await askers.ask(
      c,
      async (asking) =>
        (await Promise.all(tasks.map((task) => Array.fromAsync(previewUndo(task, asking))))).flat(),
      tasks.map(({ target }) => targetNamed(parts.targets, target)),
    ).catch(unanswered);
    return c.html(
      <UndoConfirmation {...{ view: c.var.view, id, isLast, seen }} previews={redact(previews)} />,
    );
  });

  app.post(`${SCENE}/undo`, async (c) => {
    const id = c.req.param("id");
    const isLast = c.var.form.has("last");
    const wish = wishOf(id, isLast);
    const tasks = undoTasks(wish, parts);
    const count = tasks.reduce((sum, { items }) => sum + items.length, 0);
    if (count === 0) {
      throw new Refusal(
        409,
        "There is nothing to take back",
        "It was undone already, or forgotten",
      );
    }
    // A form that is sent twice must not take back the write before as well.
    if (undoMark(id, parts) !== c.var.form.get(SEEN_WRITES)) {
      throw new Refusal(
        409,
        "What would be taken back is not what was shown",
        "Something was written or taken back since: go back, reload the page, and look again",
      );
    }
    await requestUndo(wish, tasks, `undo --scene ${id}${isLast ? " --last" : ""}`, parts);
    parts.worker.wake();
    return done(c, `/scenes/${id}`, "undone", count);
  });
}

function wishOf(scene: string, isLast: boolean): UndoWish {
  return { kind: isLast ? "last" : "scene", scene };
}
