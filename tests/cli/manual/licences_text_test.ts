import { assertEquals } from "@std/assert";
import { licencesText } from "../../../src/cli/manual/licences_text.ts";

Deno.test("licencesText() lists every part, and gives each text once", () => {
  const parts = [
    { name: "plexsync", version: "1.2.3", licence: "MIT", text: "Do what you want." },
    { name: "SQLite", version: null, licence: "blessing", text: "Do good." },
    { name: "@std/cli", version: "1.0.0", licence: "MIT", text: "Do what you want." },
  ];
  assertEquals(
    licencesText(parts),
    `plexsync 1.2.3  MIT
SQLite          blessing
@std/cli 1.0.0  MIT

== plexsync 1.2.3, @std/cli 1.0.0

Do what you want.

== SQLite

Do good.
`,
  );
});
