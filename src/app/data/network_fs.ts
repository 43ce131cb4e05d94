import { statfsSync } from "node:fs";
import { UserError } from "../../core/failures/errors.ts";
import type { Log } from "../../log/logger.ts";

/** File systems by the number that statfs(2) gives in `f_type`; those of a network. */
const NETWORK: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xff534d42: "CIFS",
  0xfe534d42: "SMB",
  0x01021997: "9P",
  0x00c36400: "Ceph",
  0x5346414f: "AFS",
  0x6b414653: "AFS",
  0x73757245: "Coda",
  0x564c: "NCP",
  0x0bd00bd0: "Lustre",
  0x19830326: "BeeGFS",
  0x47504653: "GPFS",
  0x7461636f: "OCFS2",
  0x01161970: "GFS2",
};
/** sshfs and rclone, but also mergerfs, Unraid's shares and NTFS: it does not tell which. */
const FUSE = 0x65735546;

export type FolderKind = { kind: "local" } | { kind: "network"; name: string } | { kind: "fuse" };

/** What a file system is by its `f_type`, which 32-bit code may have made negative. */
export function kindOf(type: number): FolderKind {
  const unsigned = type >>> 0;
  if (unsigned === FUSE) return { kind: "fuse" };
  const name = NETWORK[unsigned];
  return name === undefined ? { kind: "local" } : { kind: "network", name };
}

/**
 * Refuses a data directory on a network file system: the locks and the shared memory that SQLite
 * relies on do not work there, and the database is damaged sooner or later. Linux only.
 * @param forced Only warns
 * @param typeOf The `f_type` under a path, undefined where it cannot be told
 * @throws {UserError}
 */
export function refuseNetworkFolder(
  folder: string,
  forced: boolean,
  log: Pick<Log, "warning">,
  typeOf: (path: string) => number | undefined = fileSystemType,
): void {
  const type = typeOf(folder);
  if (type === undefined) return;
  const found = kindOf(type);
  if (found.kind === "local") return;
  if (found.kind === "fuse") {
    log.warning(`The data directory ${folder} is on a FUSE file system`, {
      event: "fuse",
      hint: "If it is a network drive, move the data directory to a local disk",
    });
    return;
  }
  const what = `The data directory ${folder} is on a network file system (${found.name})`;
  const why = "where SQLite cannot keep its database whole";
  if (!forced) {
    throw new UserError(
      `${what}, ${why}`,
      "failed",
      "Name a folder on a local disk with --data-dir; --force-network-fs takes the risk",
    );
  }
  log.warning(`${what}, ${why}: --force-network-fs was given`, { event: "network_fs" });
}

/** The `f_type` under a path, undefined where it cannot be told. Linux only. */
export function fileSystemType(path: string): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return statfsSync(path).type;
  } catch {
    // Not told, or not permitted: no reason to stop.
    return undefined;
  }
}
