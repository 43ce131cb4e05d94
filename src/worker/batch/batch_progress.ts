import { SECOND_MS } from "../../core/time/duration.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import { writtenInBatchOf } from "../../core/meta_keys.ts";
import type { WorkContext } from "../context.ts";

/** So often at most: each time costs a commit. */
const TOLD_EVERY_MS = SECOND_MS;

/**
 * Tells other processes how far the batches are that are not settled yet: one of a hundred scenes on
 * a slow server takes minutes, in which the queue shows nothing.
 */
export class BatchProgress {
  /** By batch: items that were dealt with so far. */
  readonly #written = new Map<object, number>();
  #isTold = false;
  #toldAt: number;

  constructor(private readonly context: Pick<WorkContext, "store" | "target" | "runtime">) {
    this.#toldAt = context.runtime.now();
  }

  /** One more item of the batch was dealt with. */
  advanced(batch: object): void {
    this.#written.set(batch, (this.#written.get(batch) ?? 0) + 1);
    const now = this.context.runtime.now();
    if (Math.abs(now - this.#toldAt) < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    this.#tell();
  }

  /** To be called before the batch is settled: nothing must count twice. */
  end(batch: object): void {
    this.#written.delete(batch);
    if (this.#isTold) this.#tell();
  }

  #tell(): void {
    const { store, target } = this.context;
    const written = [...this.#written.values()].reduce((all, some) => all + some, 0);
    unlessFaulty(() => {
      if (written > 0) store.meta.set(writtenInBatchOf(target.id), written);
      else store.meta.remove(writtenInBatchOf(target.id));
      this.#isTold = written > 0;
    });
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
