import type { FC } from "hono/jsx";
import { counted } from "../../../core/text/wording.ts";
import type { DeadFilter } from "../../../store/queue/dead_filter.ts";
import { deadPath, type DeadQuery, SINCE } from "./dead_query.ts";
import { QueryFields } from "./dead_letters.tsx";
import { Action, Layout } from "../frame/layout.tsx";
import type { View } from "../frame/view.ts";

export type DeadVerb = "retry" | "discard";

/** The field that holds the ids which were marked, with commas between. */
export const MEANT_IDS = "ids";

interface DeadConfirmationProps {
  view: View;
  verb: DeadVerb;
  query: DeadQuery;
  /** How many there are. */
  count: number;
  /** What was counted. */
  filter: DeadFilter;
  isAll: boolean;
}

const MEANS: Readonly<Record<DeadVerb, string>> = {
  retry: "Their scenes go back into the queue, with fresh attempts.",
  discard:
    "They are forgotten for good. A scene that changes in Stash is synced again all the same.",
};

/** Asks before much is done, with the true number. */
export const DeadConfirmation: FC<DeadConfirmationProps> = (
  { view, verb, query, count, filter, isAll },
) => {
  const verbs = verb === "retry" ? "Retry" : "Discard";
  return (
    <Layout view={view} title={`${verbs} ${counted(count, "dead letter")}?`} screen="/dead-letters">
      <div class="card">
        {isAll && <p class="private">{describe(query)}</p>}
        <p>{MEANS[verb]}</p>
        <Action view={view} to={`/dead-letters/${verb}`}>
          <QueryFields query={query} />
          {isAll
            ? <input type="hidden" name="all" value="1" />
            : <input type="hidden" name={MEANT_IDS} value={(filter.ids ?? []).join()} />}
          <input type="hidden" name="upTo" value={filter.upToId ?? 0} />
          {filter.sinceAt !== undefined && (
            <input type="hidden" name="sinceAt" value={filter.sinceAt} />
          )}
          <div class="row">
            <button type="submit" class={verb === "retry" ? "" : "danger"}>
              {verbs} {counted(count, "dead letter")}
            </button>
            <a class="button quiet" href={view.base + deadPath(query)}>Back, without doing so</a>
          </div>
        </Action>
      </div>
    </Layout>
  );
};

function describe({ type, text, since }: DeadQuery): string {
  const parts = [
    ...(type === null ? [] : [`of type ${type}`]),
    ...(since === "" ? [] : [`that failed in ${SINCE[since]!.name}`]),
    ...(text === "" ? [] : [`with “${text}” in message or path`]),
  ];
  return parts.length === 0 ? "All dead letters are meant." : `Meant are all ${parts.join(", ")}.`;
}
