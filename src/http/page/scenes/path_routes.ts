import type { Hono } from "hono";
import { pathAdvice, usePathAdvice } from "../../../app/settings/path_advice.ts";
import { Refusal } from "../../refusal.ts";
import { done, type PageEnv, type PageParts } from "../page_env.ts";
import { MEANT_RULES } from "./path_advice.tsx";

/** Sets the rules for paths that the files speak for. */
export function pathRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  app.post("/paths", (c) => {
    const { form } = c.var;
    const advice = pathAdvice(parts);
    if (advice === null || JSON.stringify(advice.rules) !== form.get(MEANT_RULES)) {
      throw new Refusal(
        409,
        "These rules for paths are not what the files speak for any more",
        "Go back, reload the page, and look again",
      );
    }
    usePathAdvice(advice, parts);
    parts.log.info("The rules for paths were set on the page", { event: "path_map_set" });
    parts.settingsWatch?.ask();
    return done(c, form.get("back") ?? "/unmatched", "mapped", advice.rules.length);
  });
}
