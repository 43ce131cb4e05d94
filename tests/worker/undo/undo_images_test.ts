import { assertEquals } from "@std/assert";
import { coverPng } from "../../sim/stash/png.ts";
import { TARGET } from "../../one_target.ts";
import type { Rig } from "../rig.ts";
import { ask, edit, request, resultOf, state, sync, undo, withOne } from "./undo_rig.ts";

type Cut = "none" | "before the upload" | "after the upload";

/** A rig on which the next upload goes wrong, as a daemon's does that ends at it. */
async function withCuts() {
  const cut = { next: "none" as Cut };
  const rig = await withOne({
    settings: { syncBackground: false },
    async fetch(input, init) {
      const { next } = cut;
      if (next === "none" || init?.method !== "POST" || !String(input).includes("/posters")) {
        return await fetch(input, init);
      }
      cut.next = "none";
      if (next === "after the upload") await (await fetch(input, init)).body?.cancel();
      throw new DOMException("cut off", "NetworkError");
    },
  });
  return { rig, cut };
}

/** Syncs another cover. */
async function recover(rig: Rig, cover: number): Promise<void> {
  rig.stash.setCover("1", coverPng(cover));
  rig.enqueue(["1"]);
  for (let round = 0; round < 3; round++) {
    await rig.once();
    rig.runtime.jump(15 * 60_000);
    rig.start();
  }
  assertEquals(rig.store.jobs.count(), 0);
}

function prune(rig: Rig): void {
  const { pruning } = rig.store.of(TARGET);
  while (pruning.step(rig.runtime.now(), 10));
}

for (const next of ["before the upload", "after the upload"] as const) {
  for (const isPruned of [false, true]) {
    const when = `cut off ${next}${isPruned ? ", the journal pruned" : ""}`;
    Deno.test(`an undo goes back to the first image over a write that was ${when}`, async () => {
      const { rig, cut } = await withCuts();
      await using _ = rig;
      const before = state(rig);
      cut.next = next;
      rig.stash.setCover("1", coverPng(8));
      rig.enqueue(["1"]);
      await rig.once();
      rig.start();
      rig.store.jobs.rescueAll(rig.runtime.now());
      await recover(rig, 9);
      if (isPruned) prune(rig);
      const { left } = await undo(rig);
      assertEquals([left, state(rig)], [[], before]);
    });
  }
}

/** A write of another poster is cut off, and a person chooses the one before it again. */
async function chosenAgain(next: Cut) {
  const { rig, cut } = await withCuts();
  await sync(rig);
  const { ratingKey, poster } = state(rig);
  cut.next = next;
  await recover(rig, 9);
  const url = encodeURIComponent(`upload://posters/${poster}`);
  await ask(rig, "PUT", `/library/metadata/${ratingKey}/thumb?url=${url}`);
  await recover(rig, 9);
  return { rig, poster };
}

Deno.test("an image that a person chose again, one of ours, is theirs after a write whose end was unseen", async () => {
  const { rig, poster } = await chosenAgain("after the upload");
  await using _ = rig;
  await undo(rig);
  assertEquals(state(rig).poster, poster);
});

Deno.test("a second undo chooses no image anew for an upload that never came there", async () => {
  const { rig, poster } = await chosenAgain("before the upload");
  await using _ = rig;
  await undo(rig);
  assertEquals(state(rig).poster, poster);
  const writes = rig.writes().length;
  await undo(rig);
  assertEquals(rig.writes().slice(writes), []);
});

Deno.test("an image is held by the cover that Stash had last, written or not", async () => {
  const { rig } = await withCuts();
  await using _ = rig;
  await recover(rig, 8);
  await recover(rig, 9);
  await undo(rig, { kind: "write", write: newest(rig) });
  // What Stash has again stands there already.
  await recover(rig, 8);
  await undo(rig);
  const undone = state(rig).poster;
  await sync(rig, { title: "Other" });
  assertEquals([state(rig).title, state(rig).poster], ["Other", undone]);
});

function newest(rig: Rig): number {
  return rig.store.of(TARGET).undos.lastOf("1")[0]!.write!;
}

/** What goes wrong with the images of an item while all of it is taken back. */
const MISSING: { when: string; why: string; goWrong(rig: Rig, id: string): void }[] = [
  {
    when: "is lost between the look and the choice",
    why: "the image is no longer there",
    goWrong(rig, id) {
      const { target } = rig.context;
      const { images } = target;
      target.images = async (item, field) => {
        const listed = await images(item, field);
        rig.plex.loseImage(id, "posters", `media://${id}/frame.jpg`);
        return listed;
      };
    },
  },
  {
    when: "is lost before",
    why: "the image is no longer there",
    goWrong: (rig, id) => rig.plex.loseImage(id, "posters", `media://${id}/frame.jpg`),
  },
  {
    when: "cannot be chosen however often it is tried",
    why: "not taken",
    goWrong: (rig) => rig.plex.setFaults([{ method: "PUT", path: "/poster[?]", status: 500 }]),
  },
  {
    when: "cannot be listed however often it is tried",
    why: "which image is shown could not be read",
    goWrong: (rig, id) =>
      rig.plex.setFaults([{ method: "GET", item: id, path: "/posters$", status: 500 }]),
  },
];
for (const { when, why, goWrong } of MISSING) {
  Deno.test(`an image that ${when} is left, and all else comes back and is held`, async () => {
    await using rig = await withOne({ settings: { syncBackground: false } });
    const before = state(rig);
    await sync(rig);
    const { poster } = state(rig);
    goWrong(rig, before.ratingKey);
    const run = await request(rig);
    for (let round = 0; round < 8; round++) {
      await rig.once();
      rig.runtime.jump(15 * 60_000);
    }
    const { restored, left, errors } = resultOf(rig, run);
    assertEquals([restored.length, left, errors], [7, [`poster: ${why}`], []]);
    const undone = { ...before, poster };
    assertEquals({ ...state(rig), locked: [] }, undone);
    rig.plex.setFaults([]);
    await sync(rig, { code: "Unrelated" });
    assertEquals({ ...state(rig), locked: [] }, { ...undone, tagline: "Unrelated" });
  });
}

for (const imageLocks of [false, true]) {
  const plex = imageLocks ? "Plex locks what is chosen" : "the choice locks nothing";
  Deno.test(`an image that a person has unlocked is left open by its undo, ${plex}`, async () => {
    await using rig = await withOne({
      settings: { syncBackground: false },
      plex: { switches: { imageLocks } },
    });
    const before = state(rig);
    await sync(rig);
    await edit(rig, "thumb.locked=0");
    const { restored } = await undo(rig);
    assertEquals([restored.includes("poster"), state(rig)], [true, before]);
  });
}

Deno.test("an undo goes back over an image of ours that Plex has lost to the one before", async () => {
  const { rig } = await withCuts();
  await using _ = rig;
  const before = state(rig);
  await recover(rig, 8);
  const { poster, ratingKey } = state(rig);
  await recover(rig, 9);
  rig.plex.loseImage(ratingKey, "posters", `upload://posters/${poster}`);
  const { left } = await undo(rig);
  assertEquals([left, state(rig)], [[], before]);
});

for (const covers of [[8], [8, 9]]) {
  const when = `the last of ${covers.length} of ours is lost`;
  Deno.test(`an image that stands as it was before us since ${when} is held by an undo`, async () => {
    const { rig } = await withCuts();
    await using _ = rig;
    const before = state(rig);
    for (const cover of covers) await recover(rig, cover);
    const { poster, ratingKey } = state(rig);
    rig.plex.loseImage(ratingKey, "posters", `upload://posters/${poster}`);
    const { left } = await undo(rig);
    assertEquals([left, state(rig)], [[], before]);
    await sync(rig, { code: "Unrelated" });
    assertEquals(state(rig).poster, before.poster);
  });
}
