/** Length of a commit's name in what people read; it stays clear for millions of commits. */
const LENGTH = 12;

/**
 * The commit that is checked out in `root`, with `-changed` when files differ from it; null where
 * there is no repository, or no git.
 */
export async function readCommit(root: string): Promise<string | null> {
  const commit = await git(root, ["rev-parse", `--short=${LENGTH}`, "HEAD"]);
  const top = await git(root, ["rev-parse", "--show-prefix"]);
  // A folder above may be a repository of something else.
  if (commit === null || top !== "") return null;
  const changed = await git(root, ["status", "--porcelain"]);
  return changed === "" ? commit : `${commit}-changed`;
}

async function git(root: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", root, ...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    // No git here: an archive of the source compiles all the same.
    return null;
  }
}
