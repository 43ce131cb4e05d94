/** The real program as a plugin of the simulated Stash, installed as a person installs it. */
import { join } from "node:path";
import { denoDir, programCommand } from "../program.ts";
import { World, type WorldOptions } from "../e2e/world.ts";
import { assertCareful } from "../e2e/care.ts";

/** Where Debian puts what Stash's Alpine image has: the `--remote` flavour needs it. */
const BUSYBOX = "/bin/busybox";

export const hasBusybox = await Deno.stat(BUSYBOX).then(() => true, () => false);

export class PluginRig {
  private constructor(readonly world: World, readonly plugins: string, readonly path: string) {}

  /** Both servers, and an empty plugins folder. */
  static async open(options: WorldOptions): Promise<PluginRig> {
    const plugins = await Deno.makeTempDir({ prefix: "plexsync-plugins-" });
    const env = {
      HOME: plugins,
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: await denoDir(),
      DENO_NO_UPDATE_CHECK: "1",
    };
    const pluginHost = { env, ...options.stash?.pluginHost };
    const world = await World.open({ ...options, stash: { ...options.stash, pluginHost } });
    const path = join(plugins, "plexsync-under-test");
    // An executable of its own, as Stash wants one: the program may run from the source here.
    const command = programCommand().map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ");
    await Deno.writeTextFile(path, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    return new PluginRig(world, plugins, path);
  }

  /** Installs it in a folder of its own, and has Stash load it. */
  async install(...flags: string[]): Promise<void> {
    const folder = join(this.plugins, "plugins");
    await Deno.mkdir(folder, { recursive: true });
    await this.world.expect(0, "install", "stash-plugin", "--plugins-dir", folder, ...flags);
    this.world.stash.loadPlugins(folder);
  }

  async close(): Promise<void> {
    await this.world.close();
    await Deno.remove(this.plugins, { recursive: true });
  }
}

/** Runs `use` with the plugin installed as the executable that Stash starts. */
export async function withPlugin(
  options: WorldOptions,
  use: (world: World, rig: PluginRig) => Promise<void>,
): Promise<void> {
  const rig = await PluginRig.open(options);
  try {
    await rig.install("--exec", rig.path);
    await use(rig.world, rig);
    assertCareful(rig.world.plex);
  } finally {
    await rig.close();
  }
}
