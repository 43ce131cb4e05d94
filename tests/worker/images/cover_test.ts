import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Rig } from "../rig.ts";
import { undo } from "../undo/undo_rig.ts";
import { TARGET } from "../../one_target.ts";

function uploads(rig: Rig): number {
  return rig.writes().filter((request) => request.startsWith("POST ")).length;
}

async function sync(rig: Rig): Promise<void> {
  rig.enqueue();
  await rig.once();
}

Deno.test("scenes synced ten times send each image once", async () => {
  await using rig = await Rig.open({ library: { scenes: 10 } });
  for (let time = 0; time < 10; time++) await sync(rig);
  assertEquals(uploads(rig), 20);
  assertEquals(rig.outcomes(), { written: 10, unchanged: 90 });
});

Deno.test("images that Plex shows late are seen to be shown, and hold up nobody", async () => {
  const clock = { now: () => 1 };
  const plex = { now: () => clock.now() };
  await using rig = await Rig.open({ library: { scenes: 10 }, plex });
  clock.now = rig.runtime.now;
  rig.enqueue();
  rig.plex.switches.imageLagMs = 2_500;
  await rig.once();
  assertEquals(uploads(rig), 20);
  assert(rig.plex.items().every((item) => item.poster !== null));
  assertEquals(rig.store.of(TARGET).written.unseenImages(), []);
  rig.plex.clearRequests();
  await sync(rig);
  const asked = rig.plex.requests().map(({ path }) => path);
  assertEquals(asked.filter((path) => /posters|arts/.test(path)), [], "they are known by now");
});

/** Pixels of three colours, as PNG, in base64. */
const [RED, GREEN] = [
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwH/bF5pZQAAAABJRU5ErkJggg==",
] as const;

/** Gives the scene another cover, and syncs it. @returns the lists of images that were asked for */
async function syncCover(rig: Rig, cover: string): Promise<number> {
  rig.stash.upsert([{ id: "1", cover }]);
  rig.plex.clearRequests();
  await sync(rig);
  return rig.plex.requests().filter(({ method, path }) =>
    method === "GET" && /\/(posters|arts)$/.test(path)
  ).length;
}

/** Keys of what the only item shows. */
function shown(rig: Rig): (string | null)[] {
  return rig.plex.items().map(({ poster }) => poster);
}

Deno.test("another cover is sent without asking what it replaces, when that was seen", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  await sync(rig);
  const before = shown(rig);
  rig.runtime.jump(1_000);
  const at = rig.runtime.now();
  assertEquals(await syncCover(rig, RED), 2, "one look at each image, after it was sent");
  assertEquals(uploads(rig), 2);
  assert(shown(rig)[0] !== before[0]);
  await undo(rig, { kind: "since", at });
  assertEquals(shown(rig), before);
});

Deno.test("a cover that comes back is shown again", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  await syncCover(rig, RED);
  const red = shown(rig);
  await syncCover(rig, GREEN);
  assert(shown(rig)[0] !== red[0]);
  await syncCover(rig, RED);
  assertEquals(shown(rig), red);
  assertEquals(rig.store.of(TARGET).written.unseenImages(), []);
});

Deno.test("an image that somebody chose is asked for before another cover replaces it", async () => {
  await using rig = await Rig.open({
    library: { scenes: 1 },
    settings: { preservePlexEdits: true },
  });
  await syncCover(rig, RED);
  const { ratingKey } = rig.plex.items()[0]!;
  const post = await fetch(`${rig.plex.url}/library/metadata/${ratingKey}/posters`, {
    method: "POST",
    headers: { "X-Plex-Token": "sim-plex-token" },
    body: new Uint8Array([1, 2, 3]),
  });
  await post.body?.cancel();
  const theirs = shown(rig);
  await syncCover(rig, GREEN);
  assertEquals(shown(rig), theirs);
});

Deno.test("after a lost database known images are chosen, not sent again", async () => {
  await using rig = await Rig.open({ library: { scenes: 5 } });
  await sync(rig);
  rig.store.of(TARGET).written.clear();
  await sync(rig);
  assertEquals(uploads(rig), 10);
});

Deno.test("a background that somebody chose away is chosen again by the key that Plex lists", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  await sync(rig);
  const [item] = rig.plex.items();
  const headers = { "X-Plex-Token": "sim-plex-token" };
  const post = await fetch(`${rig.plex.url}/library/metadata/${item!.ratingKey}/arts`, {
    method: "POST",
    headers,
    body: new Uint8Array([1, 2, 3]),
  });
  await post.body?.cancel();
  const sent = uploads(rig);
  await sync(rig);
  assertEquals(uploads(rig), sent);
  assertEquals(rig.store.deadLetters.count(), 0);
  assert(rig.writes().some((request) => request.endsWith("/art")));
});

Deno.test("a cover that is too large is told of and not tried again until it changes", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  const small = rig.context.target;
  rig.context.target = { ...small, maxImageBytes: 10 };
  await sync(rig);
  assertEquals(rig.outcomes(), { written: 1 });
  const [outcome] = rig.store.outcomes.recent(1);
  assertStringIncludes(outcome!.left_out, "poster: The cover of scene 1 has");
  // Even where it would fit now, the same bytes are not tried again.
  rig.context.target = small;
  await sync(rig);
  assertEquals(uploads(rig), 0);
});

Deno.test("a cover that Plex refuses for good is told of, the texts are written", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  rig.plex.setFaults([{ path: "/posters$", method: "POST", status: 400 }]);
  await sync(rig);
  assertEquals(rig.outcomes(), { written: 1 });
  const tries = uploads(rig);
  await sync(rig);
  assertEquals(uploads(rig), tries);
});

Deno.test("a cover that fails for now is tried again alone, the texts being settled", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  rig.plex.setFaults([{ path: "/posters$", method: "POST", status: 500, times: 2 }]);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  // One job alone proves nothing against its cover: no attempt is spent.
  assertEquals(rig.outcomes(), { written: 1 });
  const edits = rig.writes().filter((request) => /^PUT \/library\/sections/.test(request));
  assert(edits.length <= 3, edits.join("\n"));
  assertEquals(rig.store.deadLetters.count(), 0);
});

Deno.test("images that were sent and not looked at are looked at by the next process", async () => {
  await using rig = await Rig.open({ library: { scenes: 3 } });
  rig.enqueue();
  // It stops before the second after the upload is over.
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.of(TARGET).written.unseenImages().length, 6);
  rig.start();
  await rig.once();
  assertEquals(rig.store.of(TARGET).written.unseenImages(), []);
  assertEquals(uploads(rig), 6);
});

Deno.test("with preserve_plex_edits the lock of an upload that failed is not taken for a choice", async () => {
  await using rig = await Rig.open({
    library: { scenes: 6 },
    settings: { preservePlexEdits: true },
  });
  const { ratingKey } = rig.plex.items()[0]!;
  const stands = () => rig.plex.items().find((item) => item.ratingKey === ratingKey)!;
  rig.plex.setFaults([{ route: "upload", item: ratingKey, status: 503 }]);
  await sync(rig);
  assertEquals(stands().poster, null);
  assert(stands().locked.includes("thumb"), "the texts were written with the lock");
  rig.plex.setFaults([]);
  await rig.until(() => rig.store.jobs.count() === 0);
  assert(rig.plex.items().every((item) => item.poster !== null));
});
