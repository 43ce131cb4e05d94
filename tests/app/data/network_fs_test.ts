import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../../src/core/failures/errors.ts";
import { kindOf, refuseNetworkFolder } from "../../../src/app/data/network_fs.ts";

const NETWORK: Readonly<Record<string, number>> = {
  NFS: 0x6969,
  CIFS: 0xff534d42,
  SMB: 0xfe534d42,
  "9P": 0x01021997,
  Ceph: 0x00c36400,
  Lustre: 0x0bd00bd0,
};
const LOCAL: Readonly<Record<string, number>> = {
  ext4: 0xef53,
  tmpfs: 0x01021994,
  btrfs: 0x9123683e,
  xfs: 0x58465342,
  zfs: 0x2fc12fc1,
  overlay: 0x794c7630,
  f2fs: 0xf2f52010,
};

/** @returns what was warned of */
function refuse(type: number | undefined, forced = false): string[] {
  const warnings: string[] = [];
  const log = { warning: (message: string) => void warnings.push(message) };
  refuseNetworkFolder("/data", forced, log, () => type);
  return warnings;
}

for (const [name, type] of Object.entries(NETWORK)) {
  Deno.test(`refuseNetworkFolder() refuses ${name}, and only warns when forced`, () => {
    const error = assertThrows(() => refuse(type), UserError, `(${name})`);
    assertEquals(error.kind, "failed");
    assertStringIncludes(error.hint ?? "", "--force-network-fs");
    assertEquals(refuse(type, true).length, 1);
    // As a 32-bit int the number is negative.
    assertEquals(kindOf(type | 0), kindOf(type));
  });
}

for (const [name, type] of Object.entries(LOCAL)) {
  Deno.test(`refuseNetworkFolder() says nothing of ${name}`, () => {
    assertEquals(refuse(type), []);
  });
}

Deno.test("refuseNetworkFolder() warns of FUSE, which may be a network drive or not", () => {
  assertEquals(refuse(0x65735546), ["The data directory /data is on a FUSE file system"]);
});

Deno.test("refuseNetworkFolder() lets a folder pass whose file system cannot be told", () => {
  assertEquals(refuse(undefined), []);
});
