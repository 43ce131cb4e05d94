import { MINUTE_MS } from "../../core/time/duration.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { Edit } from "../../core/sync/item.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";

/** All else is written meanwhile. */
const REST_MS = 10 * MINUTE_MS;

/**
 * Fields that a target refuses to take of any item, while it takes others: a proxy's rule against
 * what their names look like, say. They are left out of edits, and tried again now and then.
 */
export class FieldRest {
  readonly #fields = new Set<FieldName>();
  #until = 0;
  #why = "";

  /** Whether all of these are known to be refused. */
  knows(fields: readonly FieldName[]): boolean {
    return fields.length > 0 && fields.every((field) => this.#fields.has(field));
  }

  /** None of these was taken of any item. @returns until when they rest, epoch ms */
  begin(fields: readonly FieldName[], now: number, why: string): number {
    for (const field of fields) this.#fields.add(field);
    this.#why = why;
    this.#until = now + REST_MS;
    return this.#until;
  }

  /** They were taken. @returns those of them that rested */
  end(fields: readonly FieldName[]): FieldName[] {
    return fields.filter((field) => this.#fields.delete(field));
  }

  /** Fields of an edit that are not to be sent now. */
  of(fields: readonly FieldName[], now: number): FieldName[] {
    // A clock that was set back makes no rest longer.
    const rests = now < this.#until && this.#until - now <= REST_MS;
    return rests ? fields.filter((field) => this.#fields.has(field)) : [];
  }

  get until(): number {
    return this.#until;
  }

  /** Why they are not sent. */
  get reason(): PlexsyncError {
    const names = [...this.#fields].join(", ");
    return new PlexsyncError("TransientError", `Its ${names} must wait: ${this.#why}`);
  }
}

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
