import type { ItemEdit } from "./edit.ts";
import type { PlexItem, TagKind, TextField } from "./item.ts";
import { tagsOf } from "./plan.ts";
import { tagKey, textKey } from "./sanitize.ts";

/** What a write did not achieve, told by reading the item again. */
export interface Shortfall {
  /** The rest of the edit: what has to be sent again. */
  edit: ItemEdit;
  /** Names of a kind that should be gone and are not. */
  surplus: Partial<Record<TagKind, string[]>>;
  fields: string[];
}

/**
 * What of `edit` is missing in the item after the write, or null when all took.
 * A 200 proves nothing (plex-api 1), so this comparison is the proof.
 * A value that Plex took in its own form (trimmed, cut, folded) counts as taken.
 */
export function shortfall(edit: ItemEdit, before: PlexItem, after: PlexItem): Shortfall | null {
  const rest: ItemEdit = { text: {}, tags: {}, lock: [] };
  const surplus: Shortfall["surplus"] = {};
  const fields: string[] = [];
  for (const [field, value] of Object.entries(edit.text) as [TextField, string][]) {
    if (textKey(after[field]) === textKey(value)) continue;
    const moved = textKey(after[field]) !== textKey(before[field]);
    if (moved && value !== "" && after[field] !== "") continue;
    rest.text[field] = value;
    fields.push(field);
  }
  for (const kind of Object.keys(edit.tags) as TagKind[]) {
    const { want, remove } = edit.tags[kind]!;
    const now = tagsOf(after, kind).map((tag) => tag.name);
    const keys = new Set(now.map(tagKey));
    const unwanted = new Set(remove.map(tagKey));
    const left = now.filter((name) => unwanted.has(tagKey(name)));
    const missing = want.filter((tag) => !keys.has(tagKey(tag.name)));
    // As many names as asked for, and none that had to go: Plex holds its own spelling of them.
    if (
      left.length === 0 &&
      (missing.length === 0 || keys.size === want.length && gained(kind, before, after))
    ) {
      continue;
    }
    rest.tags[kind] = { want, remove: left };
    if (left.length > 0) surplus[kind] = left;
    fields.push(kind);
  }
  return fields.length === 0 ? null : { edit: { ...rest, lock: edit.lock }, surplus, fields };
}

/** Whether the write brought any name of this kind that was not there before. */
function gained(kind: TagKind, before: PlexItem, after: PlexItem): boolean {
  const old = new Set(tagsOf(before, kind).map((tag) => tagKey(tag.name)));
  return tagsOf(after, kind).some((tag) => !old.has(tagKey(tag.name)));
}
