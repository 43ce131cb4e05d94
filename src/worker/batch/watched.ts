/** What fails before anybody waits for it fails where it is waited for. */
export function watched<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}
