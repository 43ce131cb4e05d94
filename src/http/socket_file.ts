/**
 * Takes a socket away that nobody listens on any more: the daemon that made it was killed.
 * @throws {Error} somebody listens, or it is no socket
 */
export async function clearSocket(path: string): Promise<void> {
  try {
    if (!Deno.lstatSync(path).isSocket) throw new Error("there is something else at its place");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const other = await Deno.connect({ transport: "unix", path }).catch(() => null);
  other?.close();
  if (other !== null) throw new Error("another program listens there");
  Deno.removeSync(path);
}
