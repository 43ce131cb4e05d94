import type { Hono } from "hono";
import { payloadOf } from "../../../app/queue/letter_json.ts";
import {
  countLetters,
  countLettersByType,
  discardLetters,
  listLetters,
  retryLetters,
  selectLetters,
  showLetter,
} from "../../../app/queue/letters.ts";
import { retryProgress } from "../../../app/queue/retry_progress.ts";
import { redactorOf } from "../../../app/redactor.ts";
import { nameScenes } from "../../../app/scenes/scene_names.ts";
import type { DeadFilter } from "../../../store/queue/dead_filter.ts";
import { Refusal } from "../../refusal.ts";
import { DeadConfirmation, type DeadVerb, MEANT_IDS } from "./dead_confirmation.tsx";
import { DeadLetterPage } from "./dead_letter.tsx";
import { DeadLetters } from "./dead_letters.tsx";
import { deadFilterOf, deadPath, isFiltered, readDeadQuery } from "./dead_query.ts";
import { done, type PageContext, type PageEnv, type PageParts } from "../page_env.ts";

const PAGE = 50;
const DONE: Readonly<Record<DeadVerb, string>> = { retry: "retried", discard: "discarded" };

/** The screen of dead letters, and what can be done there. */
export function deadLetterRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  const redact = redactorOf(parts);
  app.get("/dead-letters", (c) => {
    const query = readDeadQuery(new URL(c.req.url).searchParams);
    const filter = deadFilterOf(query, c.var.view.now);
    const types = countLettersByType(parts);
    // What is counted by type already needs no second look at each.
    const fit = isFiltered(query)
      ? countLetters(parts, filter)
      : Object.values(types).reduce((sum, n) => sum + n, 0);
    const found = listLetters(parts, { ...filter, behind: query.behind ?? undefined }, PAGE + 1);
    const letters = redact(found.slice(0, PAGE));
    return c.html(
      <DeadLetters
        view={c.var.view}
        query={query}
        types={types}
        fit={fit}
        letters={letters}
        names={redact(nameScenes(parts, letters))}
        more={found.length > PAGE}
        progress={retryProgress(parts)}
      />,
    );
  });
  app.get("/dead-letters/:id{[0-9]{1,15}}", (c) => {
    const shown = showLetter(parts, Number(c.req.param("id")));
    if (shown === undefined) {
      throw new Refusal(
        404,
        `There is no dead letter ${c.req.param("id")}`,
        "It was retried or discarded, or its scene failed anew under another number",
      );
    }
    const { letter, attempts } = redact(shown);
    const [name] = redact(nameScenes(parts, [letter]));
    const payload = payloadOf(letter);
    return c.html(
      <DeadLetterPage {...{ view: c.var.view, letter, attempts, payload, name }} />,
    );
  });
  for (const verb of ["retry", "discard"] as const) {
    app.post(`/dead-letters/${verb}`, (c) => act(c, verb, parts));
  }
}

/**
 * Retries or discards one, the marked ones, or all that fit. All of them, and whatever is lost by
 * it, only when the number was agreed to.
 */
function act(c: PageContext, verb: DeadVerb, parts: PageParts): Response | Promise<Response> {
  const { form, view } = c.var;
  const query = readDeadQuery(form);
  const isAll = form.has("all");
  const ids = idsOf(form);
  if (!isAll && ids.length === 0) return done(c, deadPath(query), "unmarked", 0);
  const wanted = isAll ? deadFilterOf(query, view.now) : { ids };
  if (!form.has("upTo") && (isAll || verb === "discard")) {
    const { count, filter } = selectLetters(parts, wanted);
    if (count === 0) return done(c, deadPath(query), DONE[verb], 0);
    return c.html(
      <DeadConfirmation {...{ view, verb, query, count, filter, isAll }} />,
    );
  }
  const change = verb === "retry" ? retryLetters : discardLetters;
  const changed = change(parts, { ...wanted, ...agreedBounds(form) });
  if (verb === "retry") parts.worker.wake();
  return done(c, deadPath(query), DONE[verb], changed.ids.length);
}

function idsOf(form: URLSearchParams): number[] {
  const one = form.get("one");
  const named = one !== null ? [one] : [
    ...form.getAll("id"),
    ...(form.get(MEANT_IDS) ?? "").split(","),
  ];
  return named.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
}

/** What was counted on the confirmation page, and nothing that failed after it. */
function agreedBounds(form: URLSearchParams): DeadFilter {
  const number = (name: string) => {
    const text = form.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  };
  const [upToId, sinceAt] = [number("upTo"), number("sinceAt")];
  return {
    ...(upToId === undefined ? {} : { upToId }),
    ...(sinceAt === undefined ? {} : { sinceAt }),
  };
}
