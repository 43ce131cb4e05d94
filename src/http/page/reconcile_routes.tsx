import type { Hono } from "hono";
import type { ReconcileStart } from "../../app/reconcile/reconcile_start.ts";
import { reconcileHistory } from "../../app/reconcile/reconciliation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { QUEUED_CLASSES } from "../../core/reconcile/reconcile_classes.ts";
import { RECONCILE_SCOPES } from "../../core/reconcile/reconcile_report.ts";
import type { Askers } from "./askers.ts";
import { done, type PageEnv, type PageParts } from "./page_env.ts";
import { ReconcileScreen } from "./reconcile.tsx";

/** Runs of the comparison of all, and the button that starts one. */
export function reconcileRoutes(
  app: Hono<PageEnv>,
  parts: PageParts,
  starts: ReconcileStart,
  askers: Askers,
): void {
  app.get("/reconcile", (c) =>
    c.html(
      <ReconcileScreen
        view={c.var.view}
        runs={redactorOf(parts)(reconcileHistory(parts))}
        underWay={starts.underWay}
        scope={parts.config.reconcileScope}
      />,
    ));
  app.post("/reconcile", async (c) => {
    const { form } = c.var;
    const { config } = parts;
    askers.need();
    const scope = RECONCILE_SCOPES.find((each) => each === form.get("scope"));
    await starts.start({
      scope: scope ?? config.reconcileScope,
      only: QUEUED_CLASSES.find((each) => each === form.get("only")) ?? null,
      dryRun: form.has("dry"),
    }, c.env.closing);
    return done(c, "/reconcile", "started", 1);
  });
}
