/**
 * How the program is run and compiled, and what its tests start from: exactly the permission set
 * `default` of `deno.json`, or `native`, which is the same with FFI: only SQLite's native library
 * needs that. A daemon has nobody to ask, so what is not in it fails at once.
 * @param native Whether a library is there to be loaded
 */
export function programFlags(native = Boolean(Deno.env.get("DENO_SQLITE_PATH"))): string[] {
  return [native ? "-P=native" : "-P", "--no-prompt"];
}
