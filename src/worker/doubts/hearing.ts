import { asPlexsyncError } from "../../core/failures/errors.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { Edit, Item } from "../../core/sync/item.ts";
import type { WorkContext } from "../context.ts";
import { alike, harmless, others } from "./controls.ts";
import { readItems } from "../batch/shared_read.ts";

/** So many others that tell anything are enough. */
const WITNESSES = 3;

/** Whether others hear edits of a field: all that were asked, none, some of them, or nobody can be asked. */
export type Heard = "all" | "none" | "some" | "unknown";

/**
 * Asks whether edits of a field are heard of other items: each is set to what stands there. An item
 * that shows no change of it is a witness only if it shows one of another edit just then.
 * @param concerned Items that are in doubt themselves
 */
export async function isHeard(
  field: FieldName,
  concerned: ReadonlySet<string>,
  context: WorkContext,
): Promise<Heard> {
  try {
    const memories = others(concerned, context);
    const { found } = await readItems([...memories.keys()], context);
    // A stamp has whole seconds: what was written last may not show another write.
    const items = [...found.values()].filter(({ stamp }) => stamp !== undefined)
      .sort((a, b) => a.stamp! - b.stamp!);
    const heard: boolean[] = [];
    for (const item of items) {
      if (heard.length === WITNESSES) break;
      const edit = alike(item, [field]);
      const other = harmless(item, memories.get(item.id) ?? [], [field]);
      if (edit === null) continue;
      if (await shows(item, edit, context)) heard.push(true);
      else if (other !== null && await shows(item, other, context)) heard.push(false);
    }
    if (heard.length === 0) return "unknown";
    return heard.every(Boolean) ? "all" : heard.includes(true) ? "some" : "none";
  } catch (thrown) {
    const { message } = asPlexsyncError(thrown);
    context.log.debug(`Others fare no better: ${message}`, {
      event: "probe",
      server: context.target.id,
    });
    return "unknown";
  }
}

async function shows(item: Item, edit: Edit, { target }: WorkContext): Promise<boolean> {
  await target.write(item, edit);
  const after = (await target.read([item.id])).get(item.id);
  return after !== undefined && after.stamp !== item.stamp;
}
