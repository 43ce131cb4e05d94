import { openStore, type Store } from "../store/store.ts";
import type { Invocation } from "./command.ts";
import { existingStoreOf, type Session } from "./session.ts";

/**
 * The session's store, or an empty one in memory when there is none yet: a question makes no
 * files, and nothing done so far is an answer too.
 */
export async function storeToAsk(
  session: Session,
  invocation: Invocation,
): Promise<{ store: Store; empty: boolean }> {
  const store = await existingStoreOf(session, invocation);
  if (store !== null) return { store, empty: false };
  const { runtime } = invocation.world;
  return {
    store: await openStore(":memory:", { driver: "builtin", sleep: (ms) => runtime.sleep(ms) }),
    empty: true,
  };
}
