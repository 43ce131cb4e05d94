import type { Hono } from "hono";
import { LEVEL_NAMES } from "../../log/levels.ts";
import { LogScreen } from "./log.tsx";
import type { PageEnv, PageParts } from "./page_env.ts";

const SHOWN = 200;
const MAX_TEXT = 200;

/** What the daemon said last. */
export function logRoutes(app: Hono<PageEnv>, { recent, config }: PageParts): void {
  app.get("/log", (c) => {
    const filter = {
      level: LEVEL_NAMES.find((each) => each === c.req.query("level")) ?? "trace",
      text: (c.req.query("text") ?? "").trim().slice(0, MAX_TEXT),
    };
    const lines = recent.list(filter, SHOWN);
    return c.html(
      <LogScreen view={c.var.view} filter={filter} lines={lines} logged={config.logLevel} />,
    );
  });
}
