/** What begins to fail while a batch is worked on. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 20;
const BAD = "13";

/** Ids of scenes whose item has neither its title nor an image of ours, as the case may be. */
function without(rig: Rig, what: "title" | "poster"): string[] {
  return rig.stash.scenes().filter((scene) => {
    const item = rig.itemOf(scene.id!);
    return what === "title" ? item.title !== scene.title : item.poster === null;
  }).map(({ id }) => id!);
}

function assertNobodyPaid(rig: Rig): void {
  const paid = rig.store.outcomes.recent(1_000)
    .filter(({ outcome }) => outcome === "retry" || outcome === "dead");
  assertEquals(paid, []);
}

Deno.test("a token that is revoked amid a batch costs no attempt, and is said once", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES } });
  const { target } = rig.context;
  let writes = 0;
  rig.context.target = {
    ...target,
    write: (item, edit) => {
      if (++writes === 5) rig.plex.setFaults([{ path: ".", status: 401 }]);
      return target.write(item, edit);
    },
  };
  rig.enqueue();
  rig.runtime.after(30 * MINUTE_MS, () => rig.plex.setFaults([]));
  await rig.until(() => rig.store.jobs.count() === 0);
  assertNobodyPaid(rig);
  assertEquals([without(rig, "title"), without(rig, "poster")], [[], []]);
  assertEquals(rig.errors().length, 1, rig.errors().join("\n"));
  assertStringIncludes(rig.errors()[0]!, "401");
});

Deno.test("covers that all hang keep no text from being written, and follow by themselves", async () => {
  await using rig = await Rig.open({
    library: { scenes: SCENES },
    timeOuts: { connectTimeoutMs: 50, readTimeoutMs: 250 },
  });
  rig.stash.setFaults([{ route: "cover", hang: true }]);
  rig.enqueue();
  let untitled: string[] | null = null;
  rig.runtime.after(30 * MINUTE_MS, () => {
    untitled = without(rig, "title");
    rig.stash.setFaults([]);
  });
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(untitled, []);
  assertNobodyPaid(rig);
  assertEquals(without(rig, "poster"), []);
  assert(!rig.gates.stash.isDown && !rig.gates.target.isDown);
});

Deno.test("one item that takes no edit pays for it alone while no image at all is taken", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES }, settings: { maxRetries: 2 } });
  const bad = { route: "edit", item: rig.itemOf(BAD).ratingKey, status: 503 };
  rig.plex.setFaults([bad, { route: "upload", status: 503 }]);
  rig.enqueue();
  let untitled: string[] | null = null;
  rig.runtime.after(30 * MINUTE_MS, () => {
    untitled = without(rig, "title");
    rig.plex.setFaults([bad]);
  });
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(untitled, [BAD]);
  assertEquals([without(rig, "title"), without(rig, "poster")], [[BAD], [BAD]]);
  const letters = rig.store.deadLetters.recent(9).map(({ scene_id, error_type }) =>
    `${scene_id} ${error_type}`
  );
  assertEquals(letters, [`${BAD} PlexTemporaryError`]);
  const paid = rig.store.outcomes.recent(1_000)
    .filter(({ outcome }) => outcome === "retry" || outcome === "dead");
  assertEquals([...new Set(paid.map(({ scene_id }) => scene_id))], [BAD]);
});

Deno.test("a scene waits for Plex when its item went away before the edit, and only then", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES }, settings: { maxRetries: 1 } });
  const { target } = rig.context;
  const bad = rig.itemOf(BAD).ratingKey;
  const gone = [{ route: "edit", item: bad, status: 404 }, {
    route: "item",
    item: bad,
    status: 404,
  }];
  rig.context.target = {
    ...target,
    write: (item, edit) => {
      if (item.id === bad) rig.plex.setFaults(gone);
      return target.write(item, edit);
    },
  };
  rig.enqueue();
  await rig.once();
  assertEquals([rig.outcomes().written, rig.store.deadLetters.count()], [SCENES - 1, 0]);
  assertEquals(rig.store.queue.list(9).map(({ scene_id, state }) => [scene_id, state]), [
    [BAD, "waiting"],
  ]);

  // One is there, and it alone is answered 404: nothing is the better for a wait.
  rig.plex.setFaults([{ route: "edit", item: rig.itemOf("7").ratingKey, status: 404 }]);
  rig.stash.upsert([{ id: "7", title: "Another" }]);
  rig.enqueue(["7"]);
  await rig.once();
  assertEquals(rig.store.deadLetters.byType(), { PlexPermanentError: 1 });
  assertStringIncludes(rig.store.deadLetters.recent(1)[0]!.error_message, "and shows the item");
});

Deno.test("images that are refused for a while are not left out for good, one alone is told of", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES }, settings: { maxRetries: 1 } });
  rig.plex.setFaults([{ route: "upload", status: 302, location: "/login" }]);
  rig.runtime.after(30 * MINUTE_MS, () => rig.plex.setFaults([]));
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
  assertNobodyPaid(rig);
  assertEquals(without(rig, "poster"), []);
  const said = rig.lines.filter(({ level }) => level === "warning" || level === "error")
    .map(({ fields }) => fields.event);
  assertEquals(said, ["images_rest"]);

  // Images that are seen to be shown can be sent once more.
  await rig.once();
  const bad = rig.itemOf(BAD).ratingKey;
  rig.stash.upsert([{ id: BAD, cover: btoa("\x89PNG\r\n\x1a\n another") }]);
  rig.plex.setFaults([{ route: "upload", item: bad, status: 405 }]);
  rig.enqueue([BAD]);
  await rig.once();
  assertEquals([rig.store.jobs.count(), rig.store.deadLetters.count()], [0, 0]);
  const last = rig.store.outcomes.recent(1)[0]!;
  assertEquals([last.scene_id, last.outcome], [BAD, "unchanged"]);
  assertStringIncludes(last.left_out, "Plex answered 405; not tried again until the cover changes");
});
