import type { TagKind, TextField } from "./item.ts";
import { tagKey, textKey } from "./sanitize.ts";
import type { Written } from "./written.ts";

/** Whether `value`, which stands in Plex now, may be what we began to write. */
export function isBegunText(written: Written | null, field: TextField, value: string): boolean {
  return (written?.begun?.text[field] ?? []).some((text) => textKey(text) === textKey(value));
}

/** Keys of the names that we noted as added, and of those that we began to add. */
export function ownTagKeys(written: Written | null, kind: TagKind): Set<string> {
  const names = [...written?.tags[kind]?.ours ?? [], ...written?.begun?.tags[kind] ?? []];
  return new Set(names.map(tagKey));
}
