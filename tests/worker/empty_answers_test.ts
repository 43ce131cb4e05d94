/** What a server leaves out of an answer is not gone for that. */
import { assertEquals, assertMatch } from "@std/assert";
import { Rig } from "./rig.ts";
import { TARGET } from "../one_target.ts";
import type { WorkContext } from "../../src/worker/context.ts";

const HOUR_MS = 3_600_000;
const SCENES = 6;

/** All is in the index, and each scene has changed since it was written. */
async function open(): Promise<Rig> {
  const rig = await Rig.open({ library: { scenes: SCENES } });
  rig.enqueue();
  await rig.once();
  await rig.runtime.sleep(HOUR_MS);
  rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, title: `Anew ${id}` })));
  return rig;
}

interface Emptiness {
  server: "plex" | "stash";
  what: string;
  rule: Record<string, unknown>;
}

const OF_ALL: Emptiness[] = [
  { server: "plex", what: "leaves all items out", rule: { route: "item", answer: "nothing" } },
  {
    server: "plex",
    what: "answers each read of items with an empty list",
    rule: {
      route: "item",
      body: '{"MediaContainer":{"size":0}}',
      content_type: "application/json",
    },
  },
  { server: "plex", what: "gives other items", rule: { route: "item", answer: "wrong_id" } },
  { server: "plex", what: "answers 404 for each item", rule: { route: "item", status: 404 } },
  {
    server: "stash",
    what: "answers null for each scene",
    rule: { route: "graphql", answer: "nothing" },
  },
  {
    server: "stash",
    what: "answers null for each scene that is asked for, and lists them",
    rule: { path: "#findScene\\b", answer: "nothing" },
  },
];

for (const { server, what, rule } of OF_ALL) {
  for (const ids of [undefined, ["1"]]) {
    Deno.test(`nothing is given up while a ${server} ${what} for hours, asked for ${ids ?? "all"}`, async () => {
      await using rig = await open();
      const before = rig.outcomes();
      const lines = rig.lines.length;
      rig[server].setFaults([rule]);
      rig.runtime.after(3 * HOUR_MS, () => rig[server].setFaults([]));
      rig.enqueue(ids);
      await rig.until(() => rig.store.jobs.count() === 0);
      const { written = 0, ...others } = rig.outcomes();
      assertEquals([written - before.written!, others], [ids?.length ?? SCENES, {}]);
      const said = rig.lines.slice(lines).filter(({ level }) => level !== "debug")
        .filter(({ fields }) => fields.event !== "job_written");
      assertEquals(said.map(({ fields }) => fields.event), ["outage_start", "outage_end"]);
    });
  }
}

Deno.test("an answer of Plex that holds a few of the items is asked again for the others", async () => {
  await using rig = await open();
  const left = ["2", "3", "4"].map((id) => rig.itemOf(id).ratingKey);
  rig.plex.setFaults(left.map((item) => ({ route: "item", item, path: ",", answer: "nothing" })));
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: 2 * SCENES });
});

Deno.test("what is gone from Plex and from Stash is known for gone where others are there", async () => {
  await using rig = await open();
  await rig.plex.removeFile(rig.stash.scenes()[0]!.files[0]!.path);
  const trash = `${rig.plex.url}/library/sections/1/emptyTrash?X-Plex-Token=${rig.plex.token}`;
  await (await fetch(trash, { method: "PUT" })).body?.cancel();
  rig.stash.destroy(["2"]);
  rig.enqueue(["1", "2"]);
  await rig.once();
  assertEquals(rig.outcomes(), { written: SCENES, waiting: 1, gone: 1 });
});

/** Listings of a library of six that do not say the truth. */
const SHORT_LISTINGS: { what: string; answer: (listing: Listing) => void }[] = [
  { what: "is empty, and says so", answer: (listing) => cut(listing, 0, 0) },
  { what: "ends after two, and says so", answer: (listing) => cut(listing, 2, 2) },
  { what: "ends after two", answer: (listing) => cut(listing, 2, SCENES) },
  { what: "counts fewer than it gives", answer: (listing) => cut(listing, 4, 1) },
  {
    what: "leaves one out in the middle",
    answer: (listing) => {
      listing.Metadata.splice(3, 1);
      listing.totalSize = listing.Metadata.length;
    },
  },
];

interface Listing {
  Metadata: unknown[];
  totalSize: number;
  offset?: number;
}

function cut(listing: Listing, rows: number, total: number): void {
  listing.Metadata.length = Math.max(0, rows - (listing.offset ?? 0));
  listing.totalSize = total;
}

for (const { what, answer } of SHORT_LISTINGS) {
  Deno.test(`nothing is forgotten for a listing of Plex that ${what}`, async () => {
    const lie = { lies: false };
    await using rig = await Rig.open({ library: { scenes: SCENES }, fetch: lying(lie, answer) });
    await rig.context.keeper.refresh(0);
    await rig.runtime.sleep(23 * HOUR_MS);
    lie.lies = true;
    await rig.context.keeper.refresh(0);
    assertEquals(filesOf(rig.context), SCENES);
    lie.lies = false;
    // It is not a day until the rest is looked for again.
    await rig.plex.removeFile(rig.stash.scenes()[0]!.files[0]!.path);
    const trash = `${rig.plex.url}/library/sections/1/emptyTrash?X-Plex-Token=${rig.plex.token}`;
    await (await fetch(trash, { method: "PUT" })).body?.cancel();
    await rig.runtime.sleep(HOUR_MS);
    await rig.context.keeper.refresh(0);
    assertEquals(filesOf(rig.context), SCENES - 1);
  });
}

Deno.test("a listing that leaves out what is there is told once, with the item", async () => {
  const lie = { lies: false };
  const fetch = lying(lie, (listing) => cut(listing, 0, 0));
  await using rig = await Rig.open({ library: { scenes: SCENES }, fetch, libraries: ["1"] });
  await rig.context.keeper.refresh(0);
  lie.lies = true;
  for (const hours of [25, 2, 2]) {
    await rig.runtime.sleep(hours * HOUR_MS);
    await rig.context.keeper.refresh(0);
  }
  const said = rig.lines.filter(({ level }) => level === "warning").map(({ message }) => message);
  assertEquals(said.length, 1);
  assertMatch(said[0]!, /^Plex's listing of ".+" leaves out item \d+, which is there: /);
});

function filesOf({ store }: WorkContext): number {
  return store.of(TARGET).index.count().files;
}

/** The way to a Plex whose listings are changed while it lies. */
function lying(lie: { lies: boolean }, change: (listing: Listing) => void): typeof fetch {
  return async (input, init) => {
    const answer = await fetch(input, init);
    if (!lie.lies || !/\/sections\/\d+\/all\?/.test(String(input))) return answer;
    const json = await answer.json() as { MediaContainer: Listing };
    change(json.MediaContainer);
    return Response.json(json);
  };
}
