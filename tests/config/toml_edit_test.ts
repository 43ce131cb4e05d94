import { assertEquals } from "@std/assert";
import { parse } from "smol-toml";
import { type TomlValue, withSettings } from "../../src/config/toml_edit.ts";

const cases: {
  when: string;
  text: string;
  settings: Record<string, TomlValue>;
  want: string;
}[] = [
  { when: "there is none", text: "", settings: { a: "x" }, want: 'a = "x"\n' },
  {
    when: "it is set",
    text: '# top\na = 1 # old\n"b" = 2\n',
    settings: { a: "x", b: true },
    want: '# top\na = "x"\nb = true\n',
  },
  {
    when: "its value goes over several lines",
    text: 'a = [\n  "x", # one\n  "y",\n]\nb = 2\n',
    settings: { a: ["z"] },
    want: 'a = ["z"]\nb = 2\n',
  },
  {
    when: "the last line has no end",
    text: "a = 1",
    settings: { b: 2 },
    want: "a = 1\nb = 2\n",
  },
  {
    when: "tables follow",
    text: 'a = 1\n\n[[path_map]]\nstash = "/x"\n',
    settings: { b: 2 },
    want: 'a = 1\n\nb = 2\n[[path_map]]\nstash = "/x"\n',
  },
  {
    when: "a list stands at the beginning of a line",
    text: 'a = [\n["x"],\n]\n',
    settings: { b: 2 },
    want: 'a = [\n["x"],\n]\nb = 2\n',
  },
  {
    when: "the value has quotes, backslashes and line ends",
    text: "",
    settings: { a: 'C:\\x "y"\n\x7f' },
    want: 'a = "C:\\\\x \\"y\\"\\n\\u007f"\n',
  },
  {
    when: "the value is a list of tables",
    text: "",
    settings: { path_map: [{ stash: "/data", plex: "/media" }] },
    want: 'path_map = [{ stash = "/data", plex = "/media" }]\n',
  },
];

for (const { when, text, settings, want } of cases) {
  Deno.test(`withSettings() changes a setting, and nothing else, when ${when}`, () => {
    const edited = withSettings(text, settings);
    assertEquals(edited, want);
    assertEquals(parse(edited), { ...parse(text), ...settings });
  });
}

Deno.test("withSettings() keeps the values where it cannot keep the form", () => {
  const text = "text = '''\na = 1\n'''\n";
  assertEquals(parse(withSettings(text, { a: 2 })), { text: "a = 1\n", a: 2 });
  const table = '[[path_map]]\nstash = "/x"\nplex = "/y"\n';
  const path_map = [{ stash: "/a", plex: "/b" }];
  assertEquals(parse(withSettings(table, { path_map })), { path_map });
});
