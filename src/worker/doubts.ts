import { asItemsOwn, FEWEST_PROOFS, isProven } from "../core/doubt.ts";
import { asPlexsyncError, PlexsyncError } from "../core/errors.ts";
import { NO_EDIT } from "../core/item.ts";
import type { WorkContext } from "./context.ts";
import type { Doubt, Ledger } from "./ledger.ts";

/** How many known items are read to find some that can be written to without a change. */
const LOOKED_AT = 10;

/**
 * Decides whose fault the failed writes of a batch were. Where the target answers and takes the
 * writes of others, each pays for its own; where it does not, none does.
 */
export async function settleDoubts(ledger: Ledger, context: WorkContext): Promise<void> {
  const { target } = context;
  const refused = ledger.takeDoubts((error) => error.type === "PlexUnauthorized");
  if (refused.length > 0) {
    const sick = await failureOf(() => target.checkAccess());
    for (const doubt of refused) fail(ledger, doubt, sick ?? asItemsOwn(doubt.error));
  }
  const doubts = ledger.takeDoubts(() => true);
  if (doubts.length === 0) return;
  const sick = await failureOf(() => target.identity());
  if (sick !== null) {
    for (const doubt of doubts) fail(ledger, doubt, asOutage(doubt.error, sick));
  } else if (
    isProven(ledger.worked, doubts.length - 1) || await takesWrites(doubts, context)
  ) {
    for (const doubt of doubts) fail(ledger, doubt, asItemsOwn(doubt.error));
  } else {
    for (const { job, error, facts } of doubts) ledger.giveBack(job, error, facts);
  }
}

function fail(ledger: Ledger, { job, facts }: Doubt, error: PlexsyncError): void {
  ledger.fail(job, error, [], facts);
}

/** A write that got no answer in time looks like the item's own until the server is silent too. */
function asOutage(error: PlexsyncError, sick: PlexsyncError): PlexsyncError {
  return sick.type === "PlexUnauthorized"
    ? sick
    : new PlexsyncError("PlexServerDown", error.message, { cause: sick, status: error.status });
}

/**
 * Whether writes of others work just now: a lock that stands is set once more on items that were
 * written before, which changes nothing there. Without any such item nothing is proven.
 */
async function takesWrites(
  doubts: readonly Doubt[],
  { target, store, log }: WorkContext,
): Promise<boolean> {
  const concerned = new Set(doubts.flatMap(({ facts }) => facts.items ?? []));
  const known = store.of(target.id).written.latest(LOOKED_AT + concerned.size)
    .filter((item) => !concerned.has(item));
  if (known.length === 0) return false;
  try {
    const items = [...(await target.read(known)).values()];
    const locked = items.filter((item) => item.locked.length > 0);
    if (locked.length === 0) return false;
    for (let n = 0; n < FEWEST_PROOFS; n++) {
      const item = locked[n % locked.length]!;
      await target.write(item, { ...NO_EDIT, lock: [item.locked[0]!] });
    }
    return true;
  } catch (thrown) {
    log.debug(`Writes of others fail too: ${asPlexsyncError(thrown).message}`, {
      event: "probe",
      server: target.id,
    });
    return false;
  }
}

async function failureOf(ask: () => Promise<unknown>): Promise<PlexsyncError | null> {
  try {
    await ask();
    return null;
  } catch (thrown) {
    return asPlexsyncError(thrown);
  }
}
