/** Child processes that work on the parent's database file. */
import { join } from "node:path";
import { sourceCommand } from "../program.ts";

/** A child that runs the script `name` of this folder with the program's own permissions. */
export function storeChild(name: string, args: readonly string[]): Deno.Command {
  const [deno, run, ...rest] = sourceCommand(join(import.meta.dirname!, name));
  return new Deno.Command(deno, {
    // To kill itself a child needs the permission to run programs.
    args: [run!, "--allow-run", ...rest, ...args],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** How a child ended, its standard input closed at once. */
export async function runChild(name: string, args: readonly string[]): Promise<{
  /** "killed", or its exit code. */
  end: "killed" | number;
  stdout: string;
  stderr: string;
}> {
  const child = storeChild(name, args).spawn();
  await child.stdin.close();
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    end: signal === "SIGKILL" ? "killed" : code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}
