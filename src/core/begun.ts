import type { PlexItem, TagKind, TextField } from "./item.ts";
import { type Plan, tagsOf } from "./plan.ts";
import { tagKey } from "./sanitize.ts";
import type { Begun, Written } from "./written.ts";

/**
 * What to note before a write, so that a value whose write nobody saw end (killed, answer lost)
 * is known for ours when it stands in Plex, and can be changed or taken back.
 * @param item As read before the write
 * @returns all that may stand there by us, earlier begun writes included; null for no write
 */
export function beginWrite(plan: Plan, item: PlexItem, last: Written | null): Begun | null {
  if (plan.edit === null) return null;
  const known = last?.begun?.ratingKey === item.ratingKey ? last.begun : null;
  const begun: Begun = {
    ratingKey: item.ratingKey,
    text: { ...known?.text },
    tags: { ...known?.tags },
  };
  for (const [field, value] of Object.entries(plan.edit.text) as [TextField, string][]) {
    begun.text[field] = union(begun.text[field], value === "" ? [] : [value]);
  }
  for (const kind of Object.keys(plan.edit.tags) as TagKind[]) {
    const there = new Set(tagsOf(item, kind).map(({ name }) => tagKey(name)));
    const names = plan.edit.tags[kind]!.want.map(({ name }) => name);
    begun.tags[kind] = union(begun.tags[kind], names.filter((name) => !there.has(tagKey(name))));
  }
  return begun;
}

function union(left: readonly string[] | undefined, right: readonly string[]): string[] {
  return [...new Set([...left ?? [], ...right])];
}
