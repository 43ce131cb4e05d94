import { type FieldName, fieldOf, sameValues } from "../../core/sync/fields.ts";
import { type Edit, editedFields, type Item } from "../../core/sync/item.ts";
import type { Shortfall } from "../../core/sync/verify.ts";
import type { WorkContext } from "../context.ts";
import { partsOf, withoutFields } from "./edit_parts.ts";
import type { Writing } from "./write.ts";

/** Fields that stand as they stood before the write. */
export function asBefore(
  fields: readonly FieldName[],
  after: Item,
  { ready: { item } }: Pick<Writing, "ready">,
): FieldName[] {
  return fields.filter((name) =>
    sameValues(fieldOf(name).kind, after.values[name], item.values[name])
  );
}

/**
 * Whether nothing at all stands there of what was sent, as if nobody had heard it.
 * @param failed What does not stand there
 */
export function isUnheard(
  { sent, ready }: Pick<Writing, "sent" | "ready">,
  failed: readonly FieldName[],
  after: Item,
): boolean {
  if (sent === null || failed.length === 0) return false;
  // A rating is sent by itself.
  const edited = editedFields(sent).filter((name) => name !== "rating");
  return edited.length > 0 && edited.every((name) => failed.includes(name)) &&
    asBefore(failed, after, { ready }).length === failed.length &&
    sent.lock.every((name) => after.locked.includes(name) === ready.item.locked.includes(name));
}

/**
 * Sends again what did not take. Of an edit of which nothing was heard the parts are sent: one field
 * that is not heard keeps no other from being written. Once it is known which field that is, the other
 * edits are sent without it.
 */
export class Resending {
  readonly #unheard = new Set<FieldName>();

  constructor(private readonly context: Pick<WorkContext, "target" | "unpaid">) {}

  /** What is not worth being sent another time. */
  get unheard(): readonly FieldName[] {
    return [...this.#unheard];
  }

  /** What several items did not hear, twice, or none before, no other way will make heard. */
  note(short: readonly { writing: Writing; rest: Shortfall }[]): void {
    const once = new Set<FieldName>();
    for (const { writing, rest } of short) {
      for (const name of asBefore(rest.fields, writing.after, writing)) {
        const { fieldRest } = this.context.unpaid;
        if (once.has(name) || fieldRest.knows([name])) this.#unheard.add(name);
        once.add(name);
      }
    }
  }

  /** @returns false when there is no other way left, and nothing was sent */
  async again(writing: Writing, rest: Shortfall, round: number): Promise<boolean> {
    const { target } = this.context;
    const { item } = writing.ready;
    const isWhole = round === 0 && isUnheard(writing, rest.fields, writing.after);
    if (!isWhole) return await target.repair(item, rest, round);
    const parts = partsOf(rest.edit);
    if (parts.length === 1) return await target.repair(item, rest, round);
    const isAnyKnown = editedFields(rest.edit).some((name) => this.#unheard.has(name));
    const others = isAnyKnown ? withoutFields(rest.edit, this.unheard) : null;
    if (others !== null) await this.#send(item, others);
    else await this.#inParts(writing, rest, parts);
    return true;
  }

  async #inParts(writing: Writing, rest: Shortfall, parts: readonly Edit[]): Promise<void> {
    const { item } = writing.ready;
    const silence = this.context.unpaid.turnOf(writing.job.id, "silence");
    const [first, ...others] = silence.order(parts);
    await this.#send(item, first!);
    if (silence.isVain) {
      if (isUnheard(writing, rest.fields, await this.#read(writing))) {
        writing.isUntried = true;
        return;
      }
      silence.taken();
    }
    for (const part of others) await this.#send(item, part);
    const after = await this.#read(writing);
    if (isUnheard(writing, rest.fields, after)) return silence.refused();
    for (const name of asBefore(rest.fields, after, writing)) this.#unheard.add(name);
  }

  async #send(item: Item, edit: Edit): Promise<void> {
    const fields = editedFields(edit);
    const part = { edit, surplus: {}, fields, foreign: [], isHeard: false };
    await this.context.target.repair(item, part, 0);
  }

  /** The item as it stands; one that went away is found out with all others. */
  async #read({ ready: { item } }: Writing): Promise<Item> {
    return (await this.context.target.read([item.id])).get(item.id) ?? item;
  }
}
