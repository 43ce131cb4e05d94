import { assertEquals, assertThrows } from "@std/assert";
import { TransportFailure } from "../../../src/core/http/bounded_fetch.ts";
import { MAX_VALUES, takeJson } from "../../../src/core/http/take_json.ts";

Deno.test("takeJson() reads a body and gives its memory back", () => {
  const bodies = ['{"a":1}', "no JSON"].map((text) => new TextEncoder().encode(text));
  assertEquals(takeJson(bodies[0]!), { a: 1 });
  assertThrows(() => takeJson(bodies[1]!), SyntaxError);
  assertEquals(bodies.map(({ byteLength }) => byteLength), [0, 0]);
});

/** Values that a body of JSON may not have, each with one too many. */
const CROWDED: Readonly<Record<string, string>> = {
  objects: `[${"{},".repeat(MAX_VALUES / 2)}0]`,
  lists: `[${"[],".repeat(MAX_VALUES / 2)}0]`,
  numbers: `[${"0,".repeat(MAX_VALUES)}0]`,
  "names of one object": `{${Array.from({ length: MAX_VALUES }, (_, n) => `"${n}":0`)},"x":0}`,
  "lists within lists": "[".repeat(MAX_VALUES + 1),
};

for (const [what, json] of Object.entries(CROWDED)) {
  Deno.test(`takeJson() reads no more than so many ${what}`, () => {
    const body = new TextEncoder().encode(json);
    const failure = assertThrows(() => takeJson(body), TransportFailure);
    assertEquals(
      [failure.kind, failure.message, body.byteLength],
      ["body-too-large", "answered with more than 1,000,000 values", 0],
    );
  });
}

Deno.test("takeJson() counts no value within a text", () => {
  const text = `\\" [{,`.repeat(MAX_VALUES / 2);
  const body = new TextEncoder().encode(JSON.stringify([text, 1]));
  assertEquals(takeJson(body), [text, 1]);
});

Deno.test("takeJson() reads as many values as there may be", () => {
  const json = `[${"0,".repeat(MAX_VALUES - 1)}0]`;
  assertEquals((takeJson(new TextEncoder().encode(json)) as unknown[]).length, MAX_VALUES);
});
