/** Cuts a page out of a list, by headers or query. */
import { plexParam, type SimCall } from "./answer.ts";
import type { SimPlexSwitches } from "./switches.ts";

export interface Page<T> {
  rows: T[];
  /** Members of the container; empty when the answer is not paged. */
  attributes: { totalSize?: number; offset?: number };
  headers: Record<string, string>;
}

/** @returns undefined for a request that must be answered 400 */
export function pageOf<T>(
  call: SimCall,
  switches: SimPlexSwitches,
  all: readonly T[],
): Page<T> | undefined {
  const limit = count(call.query.get("limit"));
  const total = Math.min(limit ?? Infinity, all.length);
  const start = count(plexParam(call, "X-Plex-Container-Start"));
  const size = count(plexParam(call, "X-Plex-Container-Size"));
  if (size === undefined && switches.missingSize === "400") return undefined;
  const paged = size !== undefined &&
    (start !== undefined || switches.sizeWithoutStart === "honour");
  if (!paged) return { rows: all.slice(0, total), attributes: {}, headers: {} };
  const offset = start ?? 0;
  const capped = switches.pageCap === 0 ? size : Math.min(size, switches.pageCap);
  return {
    rows: all.slice(offset, Math.min(offset + capped, total)),
    attributes: { totalSize: total, offset },
    headers: {
      "X-Plex-Container-Start": String(offset),
      "X-Plex-Container-Total-Size": String(total),
    },
  };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
