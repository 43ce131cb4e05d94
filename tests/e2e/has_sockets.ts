import { isOlder, OLDEST_DENO } from "../../scripts/oldest_deno.ts";
import { runProgram } from "../program.ts";

/**
 * Whether the program can listen on a Unix socket: an executable may have been made with an older
 * runtime, which has no HTTP there.
 */
export async function hasSockets(): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  const { deno } = JSON.parse((await runProgram(["version", "--json"])).stdout);
  return !isOlder(deno, OLDEST_DENO);
}
