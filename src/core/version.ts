/** The program's version; `deno.json` says the same to the compiler. */
export const VERSION = "0.1.0";
