import { NeedsAttention } from "../../core/failures/errors.ts";
import { otherServer } from "../../core/failures/problems.ts";
import { machineOf } from "../../core/meta_keys.ts";
import type { Item } from "../../core/sync/item.ts";
import type { Meta } from "../../store/meta.ts";
import type { Target } from "../../target/target.ts";

/**
 * Ids of items mean nothing on another server, so nothing is written to one that took the place of
 * ours under the same address.
 */
export class SameServer {
  /** By section: the mark of its library when the server was last asked who it is. */
  readonly #libraries = new Map<string, string>();

  constructor(
    private readonly target: Pick<Target, "id" | "title" | "identity">,
    private readonly meta: Pick<Meta, "get" | "set">,
  ) {}

  /**
   * Asks the server who it is.
   * @throws {NeedsAttention} it is another one
   */
  async assert(): Promise<void> {
    const { server } = await this.target.identity();
    const key = machineOf(this.target.id);
    const known = this.meta.get(key);
    if (known === undefined) this.meta.set(key, server);
    else if (known !== server) throw new NeedsAttention(otherServer(this.target));
  }

  /**
   * The same by items that were read, which costs no request while their libraries are the known
   * ones: so it is known of each batch before it writes.
   * @throws {NeedsAttention} they are another server's
   */
  async assertOf(items: Iterable<Pick<Item, "section" | "library">>): Promise<void> {
    const seen = new Map<string, string>();
    for (const { section, library } of items) {
      if (library !== undefined && this.#libraries.get(section) !== library) {
        seen.set(section, library);
      }
    }
    if (seen.size === 0) return;
    await this.assert();
    for (const [section, library] of seen) this.#libraries.set(section, library);
  }
}
