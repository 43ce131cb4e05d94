import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { exposition, type MetricFamily } from "../../src/core/stats/prometheus.ts";
import { readExposition } from "./exposition.ts";

Deno.test("exposition() writes help, type and samples as Prometheus reads them", () => {
  const families: MetricFamily[] = [
    { name: "a_total", type: "counter", help: "How\nmany \\ in all", samples: [{ value: 3 }] },
    {
      name: "b",
      type: "gauge",
      help: "Each",
      samples: [
        { labels: { type: 'say "no"\\\n' }, value: 0.25 },
        { labels: { type: "x", state: "" }, value: -Infinity },
      ],
    },
  ];
  assertEquals(
    exposition(families),
    `# HELP a_total How\\nmany \\\\ in all
# TYPE a_total counter
a_total 3
# HELP b Each
# TYPE b gauge
b{type="say \\"no\\"\\\\\\n"} 0.25
b{type="x",state=""} -Inf
`,
  );
});

for (const name of ["", "1a", "a-b", "a b", "ä"]) {
  Deno.test(`exposition() refuses the metric name "${name}"`, () => {
    assertThrows(
      () => exposition([{ name, type: "gauge", help: "", samples: [{ value: 1 }] }]),
      RangeError,
    );
  });
}

Deno.test("exposition() refuses a label name that Prometheus does not take", () => {
  const samples = [{ labels: { "a-b": "" }, value: 1 }];
  assertThrows(() => exposition([{ name: "a", type: "gauge", help: "", samples }]), RangeError);
});

Deno.test("property: any help, label value and number makes text that a strict reader takes", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(text, text, fc.double(), (help, label, value) => {
    const samples = [{ labels: { label }, value }];
    const families = readExposition(exposition([{ name: "a", type: "gauge", help, samples }]));
    const [series] = families.get("a")!.series;
    assertEquals(series![1], Object.is(value, -0) ? 0 : value);
    const escapes: Record<string, string> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };
    const read = series![0].slice('label="'.length, -1).replace(/\\[\\"n]/g, (it) => escapes[it]!);
    assertEquals(read, label.toWellFormed());
  }));
});

const DAMAGED = [
  { what: "no end of line", text: "# HELP a b\n# TYPE a gauge\na 1" },
  { what: "a sample before its type", text: "a 1\n# TYPE a gauge\n" },
  { what: "a raw quote in a label", text: '# HELP a b\n# TYPE a gauge\na{b="c"d"} 1\n' },
  { what: "a raw backslash in a help", text: "# HELP a b\\c\n# TYPE a gauge\na 1\n" },
  { what: "a series twice", text: "# HELP a b\n# TYPE a gauge\na 1\na 2\n" },
  { what: "a falling counter name", text: "# HELP a b\n# TYPE a counter\na 1\n" },
  { what: "no value", text: "# HELP a b\n# TYPE a gauge\na \n" },
];
for (const { what, text } of DAMAGED) {
  Deno.test(`the strict reader refuses ${what}`, () => {
    assertThrows(() => readExposition(text));
  });
}
