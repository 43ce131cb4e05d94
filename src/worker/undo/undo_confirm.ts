import { isAnother } from "../../core/journal/item_files.ts";
import { isReordered } from "../../core/journal/name_order.ts";
import { type FieldName, isImageField, LIST_FIELDS } from "../../core/sync/fields.ts";
import { NO_EDIT } from "../../core/sync/item.ts";
import { leftEarlier, seenFields } from "../../core/journal/journal.ts";
import type { Left } from "../../core/journal/undo_field.ts";
import { restoredBy } from "../../core/journal/undo.ts";
import { shortfall } from "../../core/sync/verify.ts";
import type { WorkContext } from "../context.ts";
import { SHOWN_WITHIN_MS } from "../images/image_plan.ts";
import { readItems } from "../batch/shared_read.ts";
import type { UndoEnd } from "./undo_settle.ts";
import type { Undoing } from "./undo_write.ts";

/** A list that stays as it is after so many ways to change it stays for good. */
const MAX_ROUNDS = 8;

/** Reads what was written again, and mends it in another way each round. */
export async function confirmUndos(
  undoings: readonly Undoing[],
  context: WorkContext,
): Promise<void> {
  const { target } = context;
  const judgement = { ways: target, memory: null };
  let open = undoings.filter(({ plan }) => plan.edit !== null);
  for (let round = 0; open.length > 0; round++) {
    const { found, failed } = await readItems(open.map(({ item }) => item.id), context);
    const short: Undoing[] = [];
    for (const undoing of open) {
      const { item, plan } = undoing;
      const error = failed.get(item.id);
      if (error !== undefined) throw error;
      undoing.after = found.get(item.id) ?? item;
      undoing.isAnother = isAnother(item.files, undoing.after.files);
      if (undoing.isAnother) continue;
      const rest = shortfall(plan.edit!, item, undoing.after, judgement);
      const locked = (plan.edit!.unlock ?? []).filter((name) =>
        undoing.after.locked.includes(name)
      );
      undoing.failed = rest?.fields ?? [];
      if (rest === null && round > 0) target.repaired(item);
      if (round >= MAX_ROUNDS) continue;
      if (rest !== null && await target.repair(item, rest, round)) short.push(undoing);
      else if (locked.length > 0 && round < 2) {
        await target.write(item, { ...NO_EDIT, text: {}, names: {}, lock: [], unlock: locked });
        short.push(undoing);
      }
    }
    open = short;
  }
  await confirmImages(
    undoings.filter((each) => !each.isAnother && each.plan.images.length > 0),
    context,
  );
}

/** A chosen image may take a moment to show: looked at once more, all together. */
async function confirmImages(undoings: readonly Undoing[], context: WorkContext): Promise<void> {
  const { target, runtime } = context;
  let open = undoings.flatMap((undoing) =>
    undoing.plan.images.filter(({ field }) => !isRefused(undoing, field))
      .map((image) => ({ undoing, image }))
  );
  for (let look = 0; open.length > 0 && look < 3; look++) {
    if (look > 0) await runtime.sleep(SHOWN_WITHIN_MS);
    const unseen: typeof open = [];
    for (const each of open) {
      const { shownKey } = await target.images(each.undoing.item, each.image.field);
      if (shownKey !== each.image.key) unseen.push(each);
    }
    open = unseen;
  }
  for (const { undoing, image } of open) undoing.failed = [...undoing.failed, image.field];
  for (const undoing of undoings) {
    undoing.failed = [...undoing.failed, ...undoing.refused.map(({ field }) => field)];
  }
}

function isRefused({ refused }: Undoing, field: FieldName): boolean {
  return refused.some((each) => each.field === field);
}

/** Lists that are back as they were but for the order of their names. */
function reordered({ plan, failed, after }: Undoing): Left[] {
  return LIST_FIELDS.filter((field) => {
    const names = plan.edit?.names[field];
    return names !== undefined && !failed.includes(field) &&
      isReordered(names.want.map(({ name }) => name), after.values[field]);
  }).map((field) => ({ field, why: "its names stand in another order" }));
}

/** How a request ends with what is known of its item. */
export function endOf(undoing: Undoing, { store, target }: WorkContext): UndoEnd {
  const { request, rows, plan, failed, refused, begun, after, item } = undoing;
  const left = [
    ...failed.filter((field) => !isRefused(undoing, field))
      .map((field): Left => ({ field, why: "not taken" })),
    ...refused,
    ...reordered(undoing),
  ];
  const earlier = store.of(target.id).journal.unseenOf(item.id, begun?.write ?? null);
  // Also those that an earlier attempt at this very undo began: else a person's next edit is theirs.
  const told = leftEarlier(earlier, item, target);
  const seen = begun === null ? told : [
    ...told,
    ...seenFields(begun.write, begun.fields, after, failed, target),
    ...begun.fields.filter(({ field }) => isImageField(field) && !failed.includes(field))
      .map(({ field, sent }) => ({
        write: begun.write,
        field,
        stood: sent,
        locked: after.locked.includes(field),
      })),
  ];
  return {
    kind: "ended",
    undoing,
    seen,
    result: {
      ...restoredBy(plan, rows, request.run_id, failed),
      left: [...plan.left, ...left],
      error: null,
    },
  };
}
