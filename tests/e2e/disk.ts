/** A small disk of its own for a data directory: to be filled up, or made read-only. Linux, root. */
import { join } from "node:path";
import type { World } from "./world.ts";

/** Whether this machine lets the tests mount one. */
export const canMount = await tryMount();

/** Registers a test with a small disk; it is skipped, by name, where none can be mounted. */
export function diskTest(promise: string, fn: () => Promise<void>): void {
  const name = canMount ? promise : `${promise} (no disk can be mounted here)`;
  Deno.test({ name, ignore: !canMount, fn });
}

/** Mounts a disk of so many KiB as the world's data directory, for as long as `use` takes. */
export async function withDisk(
  world: World,
  kib: number,
  use: (disk: Disk) => Promise<void>,
): Promise<void> {
  await mount("-t", "tmpfs", "-o", `size=${kib}k,mode=700`, "tmpfs", world.dataDir);
  try {
    await world.configure();
    await use(new Disk(world.dataDir));
  } finally {
    await sh("umount", "--lazy", world.dataDir);
  }
}

export class Disk {
  constructor(private readonly folder: string) {}

  /** Takes all the room that is left. */
  fill(): void {
    using file = Deno.openSync(join(this.folder, "filler"), { create: true, append: true });
    for (let size = 65_536; size >= 512;) {
      try {
        if (file.writeSync(new Uint8Array(size)) < size) size /= 2;
      } catch {
        size /= 2;
      }
    }
  }

  free(): void {
    Deno.removeSync(join(this.folder, "filler"));
  }

  makeReadOnly(): Promise<void> {
    return mount("-o", "remount,ro", this.folder);
  }
}

function mount(...args: string[]): Promise<void> {
  return sh("mount", ...args);
}

async function sh(command: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(command, { args }).output();
  if (code !== 0) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

async function tryMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const folder = await Deno.makeTempDir({ prefix: "plexsync-disk-" });
  try {
    await mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
    await sh("umount", folder);
    return true;
  } catch {
    return false;
  } finally {
    await Deno.remove(folder);
  }
}
