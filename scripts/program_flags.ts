/**
 * How the program is run and compiled, and what its tests start from: exactly the permission set
 * `default` of `deno.json`. A daemon has nobody to ask, so what is not in it fails at once.
 */
export const PROGRAM_FLAGS: readonly string[] = ["-P", "--no-prompt"];
