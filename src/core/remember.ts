import type { PlexItem, TagKind, TextField } from "./item.ts";
import { isBegunText, ownTagKeys } from "./own_values.ts";
import { type Plan, tagsOf, type Wanted } from "./plan.ts";
import { tagKey } from "./sanitize.ts";
import type { Written } from "./written.ts";

/**
 * What to remember after an attempt: the third side of the next three-way decision.
 * @param before The item as read before the write
 * @param after The item as read after it; the same object when nothing was written
 */
export function remember(
  base: Pick<Written, "sceneId" | "sceneHash" | "writtenAt">,
  wanted: Wanted,
  plan: Plan,
  before: PlexItem,
  after: PlexItem,
  last: Written | null,
): Written {
  const known = last?.ratingKey === after.ratingKey ? last : null;
  const text: Written["text"] = { ...known?.text };
  for (const field of Object.keys(known?.begun?.text ?? {}) as TextField[]) {
    const stands = after[field];
    if (isBegunText(known, field, stands)) text[field] = { sent: stands, stands };
  }
  for (const field of Object.keys(plan.edit?.text ?? {}) as TextField[]) {
    text[field] = { sent: plan.edit!.text[field]!, stands: after[field] };
  }
  const tags: Written["tags"] = { ...known?.tags };
  // What an unseen write left is settled now, even if nothing had to be written again.
  const kinds = new Set([
    ...Object.keys(plan.edit?.tags ?? {}),
    ...Object.keys(known?.begun?.tags ?? {}),
  ] as TagKind[]);
  for (const kind of kinds) {
    const names = wanted.tags[kind] ?? [];
    const old = new Set(tagsOf(before, kind).map((tag) => tagKey(tag.name)));
    const mine = ownTagKeys(known, kind);
    const isNew = (name: string) => plan.edit?.tags[kind] !== undefined && !old.has(tagKey(name));
    tags[kind] = {
      wanted: names,
      ours: names.filter((name) => mine.has(tagKey(name)) || isNew(name)),
      stands: tagsOf(after, kind).map((tag) => tag.name),
    };
  }
  const rating = plan.rating === undefined ? known?.rating ?? null : plan.rating;
  return { ...base, ratingKey: after.ratingKey, text, tags, images: known?.images ?? {}, rating };
}
