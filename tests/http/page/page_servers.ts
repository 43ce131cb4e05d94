import type { Library } from "../../sim/library.ts";
import { startSimPlex } from "../../sim/plex/server.ts";
import { startSimStash } from "../../sim/stash/server.ts";
import { HttpRig } from "../http_rig.ts";

type SimPlex = Awaited<ReturnType<typeof startSimPlex>>;
type SimStash = Awaited<ReturnType<typeof startSimStash>>;

/** A page between simulated servers that hold a library. */
export class PageServers implements AsyncDisposable {
  private constructor(
    readonly rig: HttpRig,
    readonly plex: SimPlex,
    readonly stash: SimStash,
    private readonly open: AsyncDisposable,
  ) {}

  static async start({ plexItems, scenes }: Pick<Library, "plexItems" | "scenes">) {
    await using open = new AsyncDisposableStack();
    const plex = await startSimPlex({ items: plexItems });
    open.defer(() => plex.close());
    const stash = await startSimStash({ scenes });
    open.defer(() => stash.close());
    const addresses = { plexUrl: plex.url, stashUrl: stash.url, stashApiKey: stash.apiKey };
    const rig = open.use(await HttpRig.open({ ...addresses, plexToken: plex.token }));
    return new PageServers(rig, plex, stash, open.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open[Symbol.asyncDispose]();
  }
}
