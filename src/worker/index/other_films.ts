import type { Item } from "../../core/sync/item.ts";
import { plural } from "../../core/text/wording.ts";
import type { WorkContext } from "../context.ts";

/**
 * Items that were other films by the time they were written to. What stood there is not known: where
 * a scene has such a film it is synced again, the others a person has to look at.
 * @param items As they are now
 */
export function meetOthers(
  items: readonly Item[],
  { keeper, target, log }: Pick<WorkContext, "keeper" | "target" | "log">,
): void {
  const [first] = items;
  if (first === undefined) return;
  keeper.takeUp(items);
  const what = plural(items.length, "item was another film", "items were other films");
  log.warning(
    `${what} in ${target.title} by the time of the write, such as item ${first.id} ` +
      `(${
        first.files[0]!.path
      }): they have a wrong film's values until their own scenes are synced`,
    {
      event: "wrote_to_other_item",
      count: items.length,
      rating_key: first.id,
      path: first.files[0]!.path,
      hint: `Those that Stash does not have stay so: look at them in ${target.title}`,
      said: ["count", "rating_key", "path"],
    },
  );
}
