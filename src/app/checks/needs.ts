import { STASH } from "../../core/jobs/course.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { attentionOf, unreadSectionsOf } from "../../core/meta_keys.ts";
import type { Needs } from "../../core/failures/notification.ts";
import { instant } from "../../core/text/wording.ts";
import type { Installation } from "../installation.ts";
import { redactorOf } from "../redactor.ts";

/** A server that is down, or a library that cannot be listed, for longer does not only start anew. */
const LONG_MS = 10 * MINUTE_MS;

/** What a person has to mend now, by what the daemon noted: one sentence each, without secrets. */
export function needsOf(
  { store, config, runtime }: Pick<Installation, "store" | "config" | "runtime">,
): Needs {
  const needs: Record<string, string> = {};
  const servers = [...store.targets, STASH];
  for (const server of servers) {
    const attention = store.meta.get(attentionOf(server));
    if (attention !== undefined) {
      needs[`attention:${server}`] = `${attention.message}. ${attention.hint}`;
    }
    const [outage] = store.outages.recent(1, server);
    if (outage === undefined || outage.ended_at !== null) continue;
    if (runtime.now() - outage.started_at >= LONG_MS) {
      needs[`down:${server}:${outage.started_at}`] = `${server} is down since ${
        instant(outage.started_at)
      }: ${outage.cause}`;
    }
  }
  for (const target of store.targets) {
    for (const { section, title, since, message, told } of unreadOf(target, store)) {
      if (!told || runtime.now() - since < LONG_MS) continue;
      needs[`library:${target}:${section}`] =
        `${target} cannot list library "${title}" since ${instant(since)}: ${message}. ` +
        "Scenes that are in no other library wait for it";
    }
  }
  return redactorOf({ config })(needs);
}

function unreadOf(target: string, { meta }: Installation["store"]) {
  return meta.get(unreadSectionsOf(target)) ?? [];
}
