import { SECOND_MS } from "../core/time/duration.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import { writtenInBatchOf } from "../core/meta_keys.ts";
import type { WorkContext } from "./context.ts";

/** So often at most: each time costs a commit. */
const TOLD_EVERY_MS = SECOND_MS;

/**
 * Tells other processes how far a batch is that is not settled yet: one of a hundred scenes on a
 * slow server takes minutes, in which the queue shows nothing.
 */
export class BatchProgress {
  #isTold = false;

  constructor(
    private readonly context: Pick<WorkContext, "store" | "target">,
    /** Epoch ms. */
    private toldAt: number,
  ) {}

  /** @param written Items that were dealt with so far */
  tell(written: number, now: number): void {
    if (now - this.toldAt < TOLD_EVERY_MS) return;
    this.toldAt = now;
    this.#isTold = true;
    const { store, target } = this.context;
    unlessFaulty(() => store.meta.set(writtenInBatchOf(target.id), written));
  }

  /** To be called before the batch is settled: nothing must count twice. */
  end(): void {
    const { store, target } = this.context;
    if (this.#isTold) unlessFaulty(() => store.meta.remove(writtenInBatchOf(target.id)));
  }
}

/** A full disk is met, and told of, where the batch is settled. */
function unlessFaulty(tell: () => void): void {
  try {
    tell();
  } catch (thrown) {
    if (storeFault(thrown) === null) throw thrown;
  }
}
