import { assertEquals } from "@std/assert";
import { transaction } from "../../../src/store/database/database.ts";
import { SHOWN_WITHIN_MS } from "../../../src/worker/images/image_plan.ts";
import { LateLooks } from "../../../src/worker/images/late_looks.ts";
import { Rig } from "../rig.ts";
import { TARGET } from "../../one_target.ts";

const never = new AbortController().signal;

/** A scene whose poster Plex stores and does not show any more. */
async function openUnshown() {
  const rig = await Rig.open({ library: { scenes: 1 } });
  rig.enqueue();
  await rig.once();
  const [item] = rig.plex.items();
  const sent = {
    sceneId: rig.stash.scenes()[0]!.id,
    item: item!.ratingKey,
    field: "poster",
  } as const;
  const { digest } = rig.store.of(TARGET).written.ofScene(sent.sceneId)[0]!.covers.poster!;
  const answer = await fetch(`${rig.plex.url}/library/metadata/${sent.item}/posters`, {
    method: "POST",
    headers: { "X-Plex-Token": "sim-plex-token" },
    body: new Uint8Array([1, 2, 3]),
  });
  await answer.body?.cancel();
  const looks = new LateLooks(rig.context);
  looks.add([{ ...sent, digest }]);
  rig.runtime.jump(SHOWN_WITHIN_MS);
  const before = rig.writes().length;
  return { rig, looks, sent, chosen: () => rig.writes().length - before };
}

Deno.test("an image that is stored and not shown is chosen", async () => {
  const { rig, looks, chosen } = await openUnshown();
  await using _ = rig;
  await looks.round(never, new Set());
  assertEquals(chosen(), 1);
});

Deno.test("nobody waits for an image because the clock was set back by hours", async () => {
  const { rig, looks, chosen } = await openUnshown();
  await using _ = rig;
  rig.runtime.jump(-3 * 3_600_000);
  const began = rig.runtime.now();
  await looks.finish(never);
  assertEquals([chosen(), rig.runtime.now() - began < 10_000], [1, true]);
});

Deno.test("an item that another scene took over is not given the old image back", async () => {
  const { rig, looks, sent, chosen } = await openUnshown();
  await using _ = rig;
  const { store } = rig;
  const [memory] = store.of(TARGET).written.ofScene(sent.sceneId);
  transaction(store.database, () => store.of(TARGET).written.put({ ...memory!, sceneId: "other" }));
  await looks.round(never, new Set());
  assertEquals(chosen(), 0);
});

Deno.test("a scene that is worked on is not looked at meanwhile", async () => {
  const { rig, looks, sent, chosen } = await openUnshown();
  await using _ = rig;
  await looks.round(never, new Set([sent.sceneId]));
  assertEquals(chosen(), 0);
  await looks.round(never, new Set());
  assertEquals(chosen(), 1);
});
