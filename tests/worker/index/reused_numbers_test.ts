/** Plex was put back from a copy while the daemon runs: its items have each other's numbers. */
import { assertEquals, assertMatch } from "@std/assert";
import { generateLibrary } from "../../sim/library.ts";
import { Rig } from "../rig.ts";
import { undo } from "../undo/undo_rig.ts";

const SCENES = 12;
const LIBRARY = { scenes: SCENES, seed: 4 };
const SECTIONS = [{
  key: "1",
  title: "Scenes",
  type: "movie" as const,
  locations: ["/data/scenes"],
}];
const MINUTE_MS = 60_000;
/** Epoch seconds, long before any question about changes. */
const OLD = 1_500_000_000;

/** Each item has the number of the next one, and nothing that was written. */
function putBack(rig: Rig): void {
  const numbers = rig.plex.items().map(({ ratingKey }) => ratingKey);
  const { plexItems } = generateLibrary(LIBRARY);
  const items = plexItems.map((item, n) => ({
    ...item,
    ratingKey: numbers[(n + 1) % numbers.length]!,
    addedAt: OLD,
    updatedAt: OLD,
  }));
  rig.plex.load(SECTIONS, items);
}

/** Ids of scenes whose item has another title. */
function untitled(rig: Rig): string[] {
  const items = new Map(rig.plex.items().map((item) => [item.files[0], item.title]));
  return rig.stash.scenes().filter(({ title, files }) => items.get(files[0]!.path) !== title)
    .map(({ id }) => id);
}

/** Puts Plex back before the nth edit is sent. */
function putBackAt(rig: Rig, nth: number): void {
  const { target } = rig.context;
  let writes = 0;
  rig.context.target = {
    ...target,
    write: (item, edit) => {
      if (++writes === nth) putBack(rig);
      return target.write(item, edit);
    },
  };
}

Deno.test("what was written to a number that is another film by then is not done, and both films get their own", async () => {
  await using rig = await Rig.open({ library: LIBRARY });
  putBackAt(rig, 3);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0, 30 * MINUTE_MS);
  assertEquals(untitled(rig), []);
  const paid = rig.store.outcomes.recent(1_000)
    .filter(({ outcome }) => outcome === "retry" || outcome === "dead");
  assertEquals(paid, []);
});

Deno.test("a film that got another's values in that moment gets its own back, though it had no job", async () => {
  await using rig = await Rig.open({ library: LIBRARY });
  rig.enqueue();
  await rig.once();
  rig.stash.upsert([{ id: "3", title: "Changed" }]);
  putBackAt(rig, 1);
  rig.enqueue(["3"]);
  await rig.until(() => rig.store.jobs.count() === 0 && untitled(rig).length === 0, 30 * MINUTE_MS);
  const said = rig.lines.filter(({ level }) => level === "warning").map(({ message }) => message);
  assertEquals(
    said.filter((line) => line.includes("by the time of the write")).length,
    1,
    said.join("\n"),
  );
});

Deno.test("a number that was not there and is another film a moment later is no refusal, and is not written to", async () => {
  await using rig = await Rig.open({ library: LIBRARY });
  rig.enqueue();
  await rig.once();
  const { target } = rig.context;
  let writes = 0;
  rig.context.target = {
    ...target,
    write: async (item, edit) => {
      if (++writes > 1) return await target.write(item, edit);
      rig.plex.setFaults([{ method: "PUT", path: "/library/", status: 404 }]);
      try {
        return await target.write(item, edit);
      } finally {
        rig.plex.setFaults([]);
        putBack(rig);
      }
    },
  };
  rig.stash.upsert([{ id: "3", title: "Changed", details: "Changed as well" }]);
  rig.enqueue(["3"]);
  await rig.until(() => rig.store.jobs.count() === 0 && untitled(rig).length === 0, 30 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.count(), 0);
  const said = rig.lines.filter(({ level }) => level === "warning").map(({ message }) => message);
  assertEquals(said.filter((line) => line.includes("by the time of the write")), []);
});

Deno.test("numbers that lead to other films have all listed again: a change arrives soon", async () => {
  await using rig = await Rig.open({ library: LIBRARY });
  rig.enqueue();
  await rig.once();
  putBack(rig);
  rig.stash.upsert([{ id: "3", title: "Changed" }]);
  rig.enqueue(["3"]);
  await rig.until(() => !untitled(rig).includes("3"), 5 * MINUTE_MS);
  assertEquals(rig.outcomes().dead, undefined);
  // The others lead elsewhere too, and heal without being asked.
  await rig.until(() => untitled(rig).length === 0, 5 * MINUTE_MS);
  const said = rig.lines.map(({ message }) => message).join("\n");
  assertMatch(said, /all of it is listed again/);
});

Deno.test("an undo that met another film by its item's number is not told as done", async () => {
  const settings = { syncPoster: false, syncBackground: false };
  await using rig = await Rig.open({ library: LIBRARY, settings });
  rig.enqueue();
  await rig.once();
  putBackAt(rig, 1);
  const { restored, errors } = await undo(rig, { kind: "scene", scene: "3" });
  assertEquals([restored, errors.length], [[], 1]);
  assertMatch(errors[0]!, /has other files now/);
});
