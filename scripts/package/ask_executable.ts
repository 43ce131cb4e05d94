/**
 * What an executable prints.
 * @param bin Absolute path of one that starts on this machine
 * @throws {Error} it does not start, or ends with anything but 0
 */
export async function askExecutable(bin: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(bin, { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  if (code === 0) return decoder.decode(stdout);
  throw new Error(`${bin} ${args.join(" ")} ended with ${code}: ${decoder.decode(stderr).trim()}`);
}
