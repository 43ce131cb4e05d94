/** Orders of a listing. */
import type { SimItem, SimRecord } from "./model.ts";

type Key = string | number | undefined;

const KEYS: Record<string, (item: SimItem) => Key> = {
  titleSort: (item) => sortTitle(item).toLowerCase(),
  title: (item) => String(item.values.title ?? "").toLowerCase(),
  id: (item) => item.id,
  guid: (item) => item.guid,
  index: (item) => item.values.index,
  addedAt: (item) => item.values.addedAt,
  updatedAt: (item) => item.updatedAt,
  originallyAvailableAt: (item) => item.values.originallyAvailableAt,
  year: (item) => item.year,
  rating: (item) => item.values.rating,
  audienceRating: (item) => item.values.audienceRating,
  userRating: (item) => item.values.userRating,
  contentRating: (item) => item.values.contentRating,
  duration: (item) => item.media[0]?.parts[0]?.durationMs,
  lastViewedAt: (item) => item.lastViewedAt,
  viewCount: (item) => item.viewCount,
};

/** The title without its article, or what was set instead. */
export function sortTitle(record: SimRecord): string {
  const { titleSort, title } = record.values;
  return String(titleSort ?? String(title ?? "").replace(/^(the|an|a)\s+/i, ""));
}

/**
 * A sorted copy. Unknown fields are ignored; without a known one the order is
 * by sort title. Equal items keep the order of their ids.
 * @param spec `field[:desc][:nullsLast],field2`
 */
export function sortItems(items: SimItem[], spec: string | undefined): SimItem[] {
  const orders = (spec ?? "").split(",").flatMap((part) => {
    const [field = "", ...features] = part.split(":");
    const read = KEYS[field.replace(/^(movie|episode|show)\./, "")];
    const nullsLast = features.includes("nullsLast");
    return read ? [{ read, desc: features.includes("desc"), nullsLast }] : [];
  });
  if (orders.length === 0) {
    orders.push({ read: KEYS.titleSort as (i: SimItem) => Key, desc: false, nullsLast: false });
  }
  // Keys once per item, not once per comparison: a section has up to 100,000.
  const rows = items.map((item) => ({ item, keys: orders.map(({ read }) => read(item)) }));
  rows.sort((a, b) => {
    for (const [index, order] of orders.entries()) {
      const difference = compareKeys(a.keys[index], b.keys[index], order);
      if (difference !== 0) return difference;
    }
    return a.item.id - b.item.id;
  });
  return rows.map(({ item }) => item);
}

function compareKeys(a: Key, b: Key, order: { desc: boolean; nullsLast: boolean }): number {
  if (a === b) return 0;
  if (a === undefined) return order.nullsLast || order.desc ? 1 : -1;
  if (b === undefined) return order.nullsLast || order.desc ? -1 : 1;
  return (a < b ? -1 : 1) * (order.desc ? -1 : 1);
}
