import { FULL_SYNC_AGREED_AT } from "../../core/meta_keys.ts";
import type { Store } from "../../store/store.ts";
import type { Installation } from "../installation.ts";

// What was in a library before plexsync came is written only when its owner has agreed to that.
// Single changes are written at once, as they always are: they are asked for one by one.

/** What to do, where something waits for the first full sync. */
export const AGREE_HINT = "plexsync sync --all shows what it would change, and asks";

/** Whether all scenes may be written: that was agreed to once for this data directory. */
export function isFullSyncAgreed({ meta }: Pick<Store, "meta">): boolean {
  return meta.get(FULL_SYNC_AGREED_AT) !== undefined;
}

/** Remembers for good that it was agreed to. */
export function agreeToFullSync(
  { store: { meta }, runtime }: Pick<Installation, "store" | "runtime">,
): void {
  if (!isFullSyncAgreed({ meta })) meta.set(FULL_SYNC_AGREED_AT, runtime.now());
}
