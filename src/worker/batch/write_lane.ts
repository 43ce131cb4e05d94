/** Lets those write who come, one after the other: what one batch has read no other must change. */
export class WriteLane {
  #free: Promise<unknown> = Promise.resolve();

  /** Does `work` as soon as all who came before are through. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#free.then(work);
    this.#free = result.catch(() => {});
    return result;
  }
}
