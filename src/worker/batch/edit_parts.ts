import type { FieldName } from "../../core/sync/fields.ts";
import { type Edit, editedFields } from "../../core/sync/item.ts";

/** The edit without some of its fields; null when nothing is left of it. */
export function withoutFields(edit: Edit, fields: readonly FieldName[]): Edit | null {
  if (fields.length === 0) return edit;
  const isKept = (name: string) => !fields.includes(name as FieldName);
  const kept = <T extends object>(of: T) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => isKept(name)));
  const { rating, unlock, ...rest } = edit;
  const left: Edit = {
    ...rest,
    text: kept(edit.text),
    names: kept(edit.names),
    lock: edit.lock.filter(isKept),
    ...(unlock === undefined ? {} : { unlock: unlock.filter(isKept) }),
    ...(rating === undefined || !isKept("rating") ? {} : { rating }),
  };
  const isEmpty = Object.keys(left.text).length + Object.keys(left.names).length === 0 &&
    left.rating === undefined && left.lock.length + (left.unlock?.length ?? 0) === 0;
  return isEmpty ? null : left;
}

/**
 * What an edit is about of which nothing was taken: each of its fields was refused by itself. None where
 * that was so of the locks beside them too.
 */
export function refusedFields(edit: Edit): FieldName[] {
  const fields = editedFields(edit);
  return withoutFields(edit, fields) === null ? fields : [];
}

/** What of an edit can be sent by itself: each field, and the locks of others. */
export function partsOf(edit: Edit): Edit[] {
  const fields = editedFields(edit);
  const locks = withoutFields(edit, fields);
  return [...locks === null ? [] : [locks], ...fields.map((name) => only(edit, name))];
}

function only(edit: Edit, name: FieldName): Edit {
  const others = editedFields(edit).filter((each) => each !== name);
  const isIts = (field: FieldName) => field === name;
  return {
    ...withoutFields(edit, others)!,
    lock: edit.lock.filter(isIts),
    ...(edit.unlock === undefined ? {} : { unlock: edit.unlock.filter(isIts) }),
  };
}
