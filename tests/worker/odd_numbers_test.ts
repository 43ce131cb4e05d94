import { assertEquals, assertMatch } from "@std/assert";
import { Rig } from "./rig.ts";

for (
  const { what, spoil, says } of [
    {
      what: "a row of Plex's listing",
      spoil: (rig: Rig) =>
        rig.plex.setFaults([{ route: "listing", item: "1", answer: "big_number" }]),
      says: [/^Item 1 was added or changed at a time that lies ahead of Plex's clock.*1\.2345/],
    },
    {
      what: "an item of Plex",
      spoil: (rig: Rig) => rig.plex.setFaults([{ route: "item", item: "1", answer: "big_number" }]),
      // The item is written: nothing of it is left out.
      says: [],
    },
    {
      what: "a scene of Stash",
      spoil: (rig: Rig) =>
        rig.stash.setFaults([{ route: "graphql", scene: "1", answer: "big_number" }]),
      says: [],
    },
  ]
) {
  Deno.test(`numbers that nobody can count in ${what} cost no attempt, and what they leave out is said`, async () => {
    await using rig = await Rig.open({ settings: { syncPoster: false, syncBackground: false } });
    spoil(rig);
    rig.enqueue();
    await rig.once();
    const { written = 0, waiting = 0, ...paid } = rig.outcomes();
    assertEquals([written, paid], [waiting > 0 ? 19 : 20, {}]);
    const said = rig.lines.filter(({ level }) => level === "warning" || level === "error");
    assertEquals(said.length, says.length, said.map(({ message }) => message).join("\n"));
    says.forEach((want, at) => assertMatch(said[at]!.message, want));
    rig.plex.setFaults([]);
    rig.stash.setFaults([]);
    // What waits meanwhile is found as soon as the listing can be read.
    rig.start();
    await rig.context.keeper.listed([]);
    await rig.until(() => rig.store.jobs.count() === 0, 60 * 60_000);
    assertEquals(rig.outcomes().written, 20);
  });
}

/** Plex with an item under another key, as a number or as text. */
function keyed(key: string, as: "number" | "text"): typeof fetch {
  const [from, to] = ['"ratingKey":"1"', `"ratingKey":${as === "number" ? key : `"${key}"`}`];
  return async (input, init) => {
    const url = String(input).replace(new RegExp(`(metadata/|[,=])${key}(?=[?&,/]|$)`, "g"), "$11");
    const answer = await fetch(url, init);
    if (!answer.headers.get("content-type")?.includes("json")) return answer;
    const { status, headers } = answer;
    return new Response((await answer.text()).replaceAll(from, to), { status, headers });
  };
}

const NO_IMAGES = { syncPoster: false, syncBackground: false };

Deno.test("an item whose key has 64 bits is written like any other", async () => {
  for (const key of ["9223372036854775807", "18446744073709551615"]) {
    await using rig = await Rig.open({ settings: NO_IMAGES, fetch: keyed(key, "text") });
    rig.enqueue();
    await rig.once();
    assertEquals(rig.outcomes(), { written: 20 });
  }
});

Deno.test("an item whose key lost its last digits is left out, and that is said", async () => {
  const fetch = keyed("9223372036854775807", "number");
  await using rig = await Rig.open({ settings: NO_IMAGES, fetch });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: 19, waiting: 1 });
  const said = rig.lines.filter(({ level }) => level === "warning").map(({ message }) => message);
  assertEquals(said.length, 1, said.join("\n"));
  assertMatch(said[0]!, /listing of .* counts 20 items and gives 19/);
});
