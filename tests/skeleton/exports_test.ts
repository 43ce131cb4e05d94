import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { ROOT } from "../program.ts";
import { findUnusedExports } from "./exports.ts";
import { sourceFiles } from "./project.ts";

const A = "src/core/a.ts";
const cases: { name: string; sources: [path: string, text: string][]; want: string[] }[] = [
  {
    name: "what nothing imports",
    sources: [[A, "export function f() {}\nexport const b = 1;\nexport class C {}"]],
    want: [`${A}: C`, `${A}: b`, `${A}: f`],
  },
  {
    name: "a name that only a comment says again",
    sources: [[A, "/** As `f()` says. */\nexport function f() {} // f\n"]],
    want: [`${A}: f`],
  },
  {
    name: "an import of the same name from another file",
    sources: [
      [A, "export interface F {}"],
      ["src/core/b.ts", 'import type { F } from "./c.ts";'],
    ],
    want: [`${A}: F`],
  },
  {
    name: "a name that is passed on to nobody",
    sources: [[A, "export const f = 1;"], ["src/b.ts", 'export { f } from "./core/a.ts";']],
    want: ["src/b.ts: f"],
  },
  {
    name: "nothing that is imported, by whatever name",
    sources: [
      [A, "export type T = string;\nexport const f = 1;"],
      ["scripts/b.ts", 'import {\n  f as g,\n  type T,\n} from "../src/core/a.ts";'],
    ],
    want: [],
  },
  {
    name: "nothing that is used where it stands",
    sources: [[A, "export interface Parts {}\nexport function f(parts: Parts) {}\nf({});"]],
    want: [],
  },
  {
    name: "nothing of a file that is loaded when it is called",
    sources: [[A, "export const command = 1;"], ["main.ts", 'await import("./src/core/a.ts");']],
    want: [],
  },
];

for (const { name, sources, want } of cases) {
  Deno.test(`findUnusedExports() reports ${name}`, () => {
    assertEquals(findUnusedExports(new Map(sources)), want);
  });
}

Deno.test("the product uses what the source exports", async () => {
  const sources = new Map<string, string>();
  for (const path of await sourceFiles(["main.ts", "src", "scripts"])) {
    sources.set(path, await Deno.readTextFile(join(ROOT, path)));
  }
  assertEquals(findUnusedExports(sources), []);
});
