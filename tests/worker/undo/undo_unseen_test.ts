import { assertEquals } from "@std/assert";
import type { Rig, RigOptions } from "../rig.ts";
import { edit, NO_IMAGES, request, resultOf, state, sync, undo, withOne } from "./undo_rig.ts";

/** A rig on which the answer to the next write can be lost on its way. */
async function withLosses(options: RigOptions = NO_IMAGES) {
  const losses = { isNext: false };
  const rig = await withOne({
    ...options,
    async fetch(input, init) {
      const answer = await fetch(input, init);
      if (!losses.isNext || init?.method !== "PUT") return answer;
      losses.isNext = false;
      await answer.body?.cancel();
      throw new DOMException("cut off", "NetworkError");
    },
  });
  return { rig, losses };
}

/** Takes all back, the answer to the first write of that being lost. */
async function undoUnseen({ rig, losses }: { rig: Rig; losses: { isNext: boolean } }) {
  losses.isNext = true;
  const run = await request(rig);
  await rig.once();
  assertEquals(losses.isNext, false, "no answer was lost");
  rig.runtime.jump(15 * 60_000);
  await rig.once();
  return resultOf(rig, run);
}

Deno.test("an undo whose answer was lost is known for done, and what it took back stays so", async () => {
  const made = await withLosses();
  await using rig = made.rig;
  const before = state(rig);
  await sync(rig);
  await sync(rig, { title: "Ours again", tags: ["two", "three"] });
  const { restored, left, errors } = await undoUnseen(made);
  assertEquals([restored.length, left, errors, state(rig)], [7, [], [], before]);
  await sync(rig, { code: "Unrelated" });
  assertEquals(state(rig).title, before.title);
  assertEquals(state(rig).genres, before.genres);
});

Deno.test("what cannot be taken away is left open by an undo whose answer was lost", async () => {
  const { rig, losses } = await withLosses({});
  await using _ = rig;
  await sync(rig);
  losses.isNext = true;
  const run = await request(rig);
  await rig.once();
  rig.runtime.jump(15 * 60_000);
  await rig.once();
  assertEquals([losses.isNext, resultOf(rig, run).errors], [false, []]);
  await sync(rig, { code: "Unrelated" });
  assertEquals(state(rig).locked, ["tagline"]);
});

Deno.test("what a person sets after an undo whose answer was lost is theirs, also once the journal is pruned", async () => {
  const made = await withLosses();
  await using rig = made.rig;
  await sync(rig);
  await undoUnseen(made);
  await edit(rig, "genre[].tag=&genre[0].tag.tag=One&genre.locked=1");
  await sync(rig);
  rig.runtime.jump(60_000);
  const { pruning } = rig.store.of("plex");
  while (pruning.step(rig.runtime.now(), 10));
  await undo(rig);
  assertEquals(state(rig).genres, ["One"]);
});
