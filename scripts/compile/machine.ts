/** What machine a file is for: executables and libraries say it in their first bytes. */

/** A system and a processor, as in `Deno.build`. */
export interface Machine {
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "x86_64" | "aarch64";
}

/** The machine of a triple such as `x86_64-pc-windows-msvc`; undefined for one without releases. */
export function machineOfTriple(triple: string): Machine | undefined {
  const arch = (["x86_64", "aarch64"] as const).find((name) => triple.startsWith(`${name}-`));
  const os = (["linux", "darwin", "windows"] as const).find((name) => triple.includes(`-${name}`));
  return arch === undefined || os === undefined ? undefined : { os, arch };
}

/** The machine that an ELF, Mach-O or PE file is for; undefined for any other file. */
export function machineOfFile(bytes: Uint8Array): Machine | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 0x40) return undefined;
  if (view.getUint32(0) === 0x7f454c46) {
    return machine("linux", { 0x3e: "x86_64", 0xb7: "aarch64" }, view.getUint16(0x12, true));
  }
  if (view.getUint32(0, true) === 0xfeedfacf) {
    const archs = { 0x01000007: "x86_64", 0x0100000c: "aarch64" } as const;
    return machine("darwin", archs, view.getUint32(4, true));
  }
  const header = view.getUint32(0x3c, true);
  if (view.getUint16(0) !== 0x4d5a || header + 6 > bytes.length) return undefined;
  if (view.getUint32(header) !== 0x50450000) return undefined;
  const archs = { 0x8664: "x86_64", 0xaa64: "aarch64" } as const;
  return machine("windows", archs, view.getUint16(header + 4, true));
}

function machine(
  os: Machine["os"],
  archs: Readonly<Record<number, Machine["arch"]>>,
  code: number,
): Machine | undefined {
  const arch = archs[code];
  return arch === undefined ? undefined : { os, arch };
}

export function isSame(a: Machine | undefined, b: Machine | undefined): boolean {
  return a !== undefined && a.os === b?.os && a.arch === b.arch;
}

/** For people. */
export function nameOf(machine: Machine | undefined): string {
  return machine === undefined ? "no known machine" : `${machine.os} ${machine.arch}`;
}
