/** The completions as the real shells take them; a shell that is not here is skipped by name. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { COMMANDS } from "../../src/cli/frame/commands.ts";
import { DataDir } from "./data_dir.ts";

/** Asks a shell for what it offers behind a line, whose last word may be empty. */
const ASKED: Readonly<Record<string, (script: string, words: readonly string[]) => string>> = {
  bash: (script, words) =>
    `source '${script}'; COMP_WORDS=(${words.map(quoted).join(" ")}); ` +
    `COMP_CWORD=${words.length - 1}; _plexsync; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // What shows the offers on a terminal prints them here.
  zsh: (script, words) =>
    `compdef() { }; _describe() { print -l -- "\${(@P)2}" }; _files() { print -- FILES "$@" }; ` +
    `compadd() { shift; print -l -- "$@" }; _message() { }; source '${script}'; ` +
    `words=(${words.map(quoted).join(" ")}); CURRENT=${words.length}; _plexsync`,
  fish: (script, words) => `source '${script}'; complete -C '${words.join(" ")}'`,
};

function quoted(word: string): string {
  return `'${word}'`;
}

const CASES: readonly { words: string[]; has: string[]; hasNot: string[] }[] = [
  { words: ["plexsync", ""], has: Object.keys(COMMANDS), hasNot: ["list"] },
  { words: ["plexsync", "queue", ""], has: ["list", "clear"], hasNot: ["run"] },
  { words: ["plexsync", "--data-dir", "/x", "queue", "--l"], has: ["--limit"], hasNot: ["run"] },
  { words: ["plexsync", "queue", "list", "--st"], has: ["--state"], hasNot: ["list"] },
  { words: ["plexsync", "run", "--poll"], has: ["--poll-interval"], hasNot: [] },
  { words: ["plexsync", "status", "--log-level", ""], has: ["debug"], hasNot: ["list"] },
  { words: ["plexsync", "help", ""], has: ["queue", "troubleshooting"], hasNot: [] },
  { words: ["plexsync", "completions", ""], has: ["bash", "zsh", "fish"], hasNot: ["queue"] },
];

for (const [shell, ask] of Object.entries(ASKED)) {
  const ignore = !isThere(shell);
  Deno.test({
    name: `completions work in ${shell}${ignore ? " (it is not here)" : ""}`,
    ignore,
    async fn() {
      using dir = new DataDir();
      const { code, stdout } = await dir.call("completions", shell);
      assertEquals(code, 0);
      const script = join(dir.path, "script");
      await Deno.writeTextFile(script, stdout);
      for (const { words, has, hasNot } of CASES) {
        const offers = offersOf(shell, ask(script, words));
        const said = `${shell}: ${words.join(" ")}\n${offers.join("\n")}`;
        assertEquals(has.filter((word) => !offers.includes(word)), [], said);
        assertEquals(hasNot.filter((word) => offers.includes(word)), [], said);
      }
    },
  });
}

function isThere(shell: string): boolean {
  try {
    return new Deno.Command(shell, { args: ["-c", "true"], stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** The words alone: zsh puts the meaning behind a colon, fish behind a tab. */
function offersOf(shell: string, command: string): string[] {
  const args = shell === "zsh" ? ["-f", "-c", command] : ["-c", command];
  const env = { HOME: "/nonexistent", TERM: "dumb" };
  const { stdout, stderr } = new Deno.Command(shell, { args, env }).outputSync();
  assertEquals(new TextDecoder().decode(stderr), "", shell);
  return new TextDecoder().decode(stdout).split("\n")
    .map((line) => line.split(shell === "fish" ? "\t" : ":")[0]!);
}

Deno.test("completions in a shell that is not known say which there are", async () => {
  using dir = new DataDir();
  const { code, stderr } = await dir.call("completions", "powershell");
  assertEquals(code, 2);
  assert(stderr.includes("It must be one of bash, zsh, fish"), stderr);
});
