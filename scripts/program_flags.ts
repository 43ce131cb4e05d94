/**
 * How the program is run and compiled, and what its tests start from: exactly the permission set
 * `default` of `deno.json`, or `native`, which is the same with FFI: only SQLite's native library
 * needs that. A daemon has nobody to ask, so what is not in it fails at once.
 * @param native Whether a library is there to be loaded
 */
export function programFlags(native = Boolean(Deno.env.get("DENO_SQLITE_PATH"))): string[] {
  return [native ? "-P=native" : "-P", "--no-prompt"];
}

/**
 * How V8 keeps the program's memory. By default it lets garbage pile up to a multiple of what is in
 * use before it collects it, young objects up to 48 MiB: a sync of 10,000 scenes took 240 MiB. With
 * these one of 20,000 takes 131, for some 12 % more processor time. No limit is set, so that nothing
 * ends for want of memory. Closer ones (4 and 25) gave 125 MiB for 10,000, but stopped the event loop
 * for more than 50 ms of work seven times as often; `--optimize-for-size` gave 118 for 26 % more time.
 *
 * All that runs the program has to give the same: what V8 keeps compiled for one set of flags is of
 * no use to another, and each would throw away what the other kept.
 */
export const MEMORY_FLAGS: readonly string[] = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=100",
];

/** The flags of Deno that the program itself runs with, and is compiled with. */
export function runFlags(native?: boolean): string[] {
  return [...programFlags(native), `--v8-flags=${MEMORY_FLAGS.join(",")}`];
}
