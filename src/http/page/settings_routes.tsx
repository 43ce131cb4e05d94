import type { Hono } from "hono";
import { checkStash, checkTarget } from "../../app/checks/config_check.ts";
import { pathRulesReport } from "../../app/checks/path_rules_report.ts";
import { redactorOf } from "../../app/redactor.ts";
import { STASH } from "../../core/jobs/course.ts";
import { describeConfig } from "../../config/show.ts";
import { type Askers, unanswered } from "./askers.ts";
import type { PageEnv, PageParts } from "./page_env.ts";
import { SettingsScreen } from "./settings.tsx";

/** The screen of the settings, and the tests of the servers that they name. */
export function settingsRoutes(app: Hono<PageEnv>, parts: PageParts, askers: Askers): void {
  const redact = redactorOf(parts);
  const tests = [
    ...parts.targets.map((target) => ({
      key: target.key,
      title: target.title,
      url: target.url,
      run: (asking: PageParts) => checkTarget(target, asking),
    })),
    {
      key: STASH,
      title: "Stash",
      url: parts.config.stashUrl,
      run: async (asking: PageParts) => [await checkStash(asking)],
    },
  ];

  app.get("/settings", async (c) => {
    const wanted = tests.find(({ key }) => key === c.req.query("test"));
    const findings = wanted === undefined
      ? null
      : redact(await askers.ask(c, wanted.run, [wanted]).catch(unanswered));
    return c.html(
      <SettingsScreen
        view={c.var.view}
        rows={redact(describeConfig(parts.loaded))}
        file={parts.loaded.file}
        dataDir={parts.files.folder}
        paths={redact(pathRulesReport(parts.store.meta, parts.store.targets, parts.config))}
        tests={tests}
        findings={findings}
      />,
    );
  });
}
