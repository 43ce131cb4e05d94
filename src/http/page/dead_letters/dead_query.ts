import { ERROR_TYPES, type ErrorType } from "../../../core/failures/error_types.ts";
import type { DeadLetter } from "../../../core/jobs/job.ts";
import { DAY_MS, HOUR_MS } from "../../../core/time/duration.ts";
import type { DeadFilter } from "../../../store/queue/dead_filter.ts";

/** Since when, by what stands in the address. */
export const SINCE: Readonly<Record<string, { name: string; ms: number }>> = {
  "1h": { name: "the last hour", ms: HOUR_MS },
  "24h": { name: "the last 24 hours", ms: DAY_MS },
  "7d": { name: "the last 7 days", ms: 7 * DAY_MS },
};

const MAX_TEXT = 200;

/** Which dead letters are asked for, as it stands in the address of the screen. */
export interface DeadQuery {
  /** null for all. */
  type: ErrorType | null;
  /** "" for any. */
  text: string;
  /** One of `SINCE`, or "" for all. */
  since: string;
  /** What the page before ended with; null for the first one. */
  behind: { failedAt: number; id: number } | null;
}

/** Reads it from an address or a form; what makes no sense is passed over. */
export function readDeadQuery(params: URLSearchParams): DeadQuery {
  const [, failedAt, id] = /^(\d{1,15})-(\d{1,15})$/.exec(params.get("behind") ?? "") ?? [];
  const since = params.get("since") ?? "";
  return {
    type: ERROR_TYPES.find((type) => type === params.get("type")) ?? null,
    text: (params.get("text") ?? "").trim().slice(0, MAX_TEXT),
    since: Object.hasOwn(SINCE, since) ? since : "",
    behind: failedAt === undefined ? null : { failedAt: Number(failedAt), id: Number(id) },
  };
}

/** Whether any filter is set. */
export function isFiltered({ type, text, since }: DeadQuery): boolean {
  return type !== null || text !== "" || since !== "";
}

/** All that fit, on whatever page of the list. */
export function deadFilterOf({ type, text, since }: DeadQuery, now: number): DeadFilter {
  return {
    types: type === null ? undefined : [type],
    text: text === "" ? undefined : text,
    sinceAt: since === "" ? undefined : now - SINCE[since]!.ms,
  };
}

/** The address of the screen that shows them, from its path on. */
export function deadPath(query: DeadQuery): string {
  const params = deadParams(query);
  return params.size === 0 ? "/dead-letters" : `/dead-letters?${params}`;
}

/** What `readDeadQuery` reads it from; without what is not set. */
export function deadParams({ type, text, since, behind }: DeadQuery): URLSearchParams {
  const params = new URLSearchParams();
  if (type !== null) params.set("type", type);
  if (text !== "") params.set("text", text);
  if (since !== "") params.set("since", since);
  if (behind !== null) params.set("behind", `${behind.failedAt}-${behind.id}`);
  return params;
}

/** What stands behind the last of a page. */
export function nextQuery(query: DeadQuery, { failed_at, id }: DeadLetter): DeadQuery {
  return { ...query, behind: { failedAt: failed_at, id } };
}
