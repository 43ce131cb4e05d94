import { PlexsyncError } from "../../core/errors.ts";
import type { Edit, ItemRef } from "../../core/item.ts";
import { editRequests, type RemovalEncoding, shortenedSummary } from "./edit_query.ts";
import type { PlexHttp } from "./http.ts";

/**
 * Writes an edit with one PUT. When Plex finds the URL too long (414) the edit goes out
 * in its smallest pieces; all of it may be repeated, since an edit says the wanted state.
 * A summary that is refused even alone is cut, its end marked with "…".
 */
export async function sendEdit(
  http: PlexHttp,
  item: ItemRef,
  edit: Edit,
  removalEncoding?: RemovalEncoding,
): Promise<void> {
  try {
    await putAll(http, item, editRequests(item, edit, { removalEncoding }));
  } catch (thrown) {
    if (!isTooLong(thrown)) throw thrown;
    const { summary, ...text } = edit.text;
    if (summary !== undefined) await sendSummary(http, item, summary);
    const rest = { ...edit, text, lock: edit.lock.filter((name) => name !== "summary") };
    await putAll(http, item, editRequests(item, rest, { removalEncoding, maxBytes: 0 }));
  }
}

/** PUTs in order, each an edit of the same item. */
export async function putAll(http: PlexHttp, item: ItemRef, paths: string[]): Promise<void> {
  const action = `edit item ${item.id}`;
  for (const path of paths) await http.send({ method: "PUT", path, action, subject: "item" });
}

async function sendSummary(http: PlexHttp, item: ItemRef, summary: string): Promise<void> {
  const put = (value: string) =>
    putAll(http, item, editRequests(item, { text: { summary: value }, names: {}, lock: [] }));
  try {
    await put(summary);
  } catch (thrown) {
    const shorter = shortenedSummary(item, summary);
    if (!isTooLong(thrown) || shorter === summary) throw thrown;
    await put(shorter);
  }
}

function isTooLong(thrown: unknown): boolean {
  return thrown instanceof PlexsyncError && thrown.status === 414;
}
