import { assertEquals, assertStringIncludes } from "@std/assert";
import { partOf, withPart } from "../readme_parts.ts";
import { EFFECTS, MATCHERS, ODD_ANSWERS, REST } from "./faults.ts";
import { readLibrary } from "./library_document.ts";
import { PLEX_ROUTES } from "./plex/route_names.ts";
import { describeSwitches } from "./plex/switches.ts";
import { FaultRules } from "./faults.ts";
import { STASH_ROUTES } from "./stash/route_names.ts";

const PATH = new URL("./README.md", import.meta.url);

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n") + "\n";
}

function pairs(heads: string[], meanings: Readonly<Record<string, string>>): string {
  return table(heads, Object.entries(meanings).map(([name, text]) => [`\`${name}\``, text]));
}

function parts(): Record<string, string> {
  const routes = [["Plex", PLEX_ROUTES], ["Stash", STASH_ROUTES]] as const;
  return {
    faults: [
      pairs(["which requests (all that are given)", ""], { ...MATCHERS, method: REST.method }),
      pairs(["what happens (at least one)", ""], EFFECTS),
      pairs(["`answer`", ""], ODD_ANSWERS),
      pairs(
        ["more", ""],
        Object.fromEntries(Object.entries(REST).filter(([name]) => name !== "method")),
      ),
      table(
        ["routes of", ""],
        routes.map(([server, names]) => [server, names.map((name) => `\`${name}\``).join(", ")]),
      ),
    ].join("\n"),
    switches: table(
      ["switch", "values", "meaning"],
      describeSwitches().map(({ name, values, meaning }) => [`\`${name}\``, values, meaning]),
    ),
  };
}

Deno.test("the tables of faults and switches are those of the code", async () => {
  let readme = await Deno.readTextFile(PATH);
  if (Deno.env.get("UPDATE_README") === "1") {
    for (const [name, text] of Object.entries(parts())) readme = withPart(readme, name, text);
    await Deno.writeTextFile(PATH, readme);
  }
  for (const [name, text] of Object.entries(parts())) {
    const hint = `${name}: UPDATE_README=1 deno task test tests/sim/readme_test.ts writes it anew`;
    assertEquals(partOf(readme, name), text, hint);
  }
});

Deno.test("every control is in the README", async () => {
  const readme = await Deno.readTextFile(PATH);
  for (const server of ["plex", "stash"]) {
    const code = await Deno.readTextFile(new URL(`./${server}/control.ts`, import.meta.url));
    for (const [, name = ""] of code.matchAll(/"(?:GET|POST|DELETE) \/__sim__\/(\w+)"/g)) {
      assertStringIncludes(readme, name);
    }
  }
});

Deno.test("the library and the rules that the README shows are good ones", async () => {
  const readme = await Deno.readTextFile(PATH);
  const [library, rules] = [...readme.matchAll(/```json\n([^]*?)```/g)].map(([, text]) =>
    JSON.parse(text ?? "")
  );
  assertEquals(readLibrary(library).items.length, 1);
  new FaultRules().replace(rules);
});
