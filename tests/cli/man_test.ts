import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadCommands } from "../../src/cli/frame/commands.ts";
import { DataDir } from "./data_dir.ts";

const COMMANDS = await loadCommands();

function isThere(): boolean {
  try {
    return new Deno.Command("groff", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** The page as it is read, with the formatter's warnings. */
async function formatted(page: string): Promise<{ text: string; warnings: string }> {
  const args = ["-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbu", "-rLL=78n"];
  const child = new Deno.Command("groff", {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(page));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { text: decoder.decode(stdout), warnings: decoder.decode(stderr) };
}

const ignore = !isThere();

Deno.test({
  name: `every manual page is whole${ignore ? " (no groff here)" : ""}`,
  ignore,
  async fn() {
    using dir = new DataDir();
    for (const name of ["", ...Object.keys(COMMANDS)]) {
      const { code, stdout } = await dir.call("man", ...(name === "" ? [] : [name]));
      assertEquals(code, 0);
      const { text, warnings } = await formatted(stdout);
      assertEquals(warnings, "", name);
      const flat = text.replace(/[\s‐-]+/g, " ");
      const command = COMMANDS[name];
      const wanted = command === undefined
        ? Object.keys(COMMANDS)
        : [command.summary, ...(command.flags ?? []).map((flag) => flag.meaning)];
      for (const each of wanted) {
        const sought = each.replace(/…/g, "...").replace(/[\s-]+/g, " ");
        assertStringIncludes(flat, sought, name);
      }
    }
  },
});

Deno.test("a manual page of a command that there is not names the nearest", async () => {
  using dir = new DataDir();
  const { code, stderr } = await dir.call("man", "queu");
  assertEquals(code, 2);
  assert(stderr.includes("The nearest is queue"), stderr);
});
