import { assert, assertEquals } from "@std/assert";
import { planFor, type ScenePlan } from "../../../src/app/scenes/scene_plans.ts";
import type { BulkScope } from "../../../src/intake/bulk.ts";
import { planText } from "../../../src/cli/sync/plan_text.ts";
import { Rig } from "../../worker/rig.ts";
import { TARGET } from "../../one_target.ts";

const ALL: BulkScope = { kind: "all" };

async function plans(rig: Rig, scope: BulkScope = ALL): Promise<ScenePlan[]> {
  const { context } = rig;
  const parts = {
    contexts: [context],
    stash: context.stash,
    config: context.settings,
    runtime: rig.runtime,
  };
  const all: ScenePlan[] = [];
  for await (const page of planFor(scope, parts)) all.push(...page.plans);
  return all;
}

function requests(rig: Rig): { covers: number; images: number; plex: number } {
  const asked = rig.plex.requests();
  return {
    covers: rig.stash.requests().filter(({ path }) => path.endsWith("/screenshot")).length,
    images: asked.filter(({ path }) => /\/(posters|arts)$/.test(path)).length,
    plex: asked.length,
  };
}

Deno.test("a plan of all scenes asks for no image, and for items batch by batch", async () => {
  await using rig = await Rig.open({ library: { scenes: 120 } });
  const found = await plans(rig);
  assertEquals(found.filter(({ outcome }) => outcome === "change").length, 120);
  assert(found.every(({ changes }) => changes.some(({ field }) => field === "poster")));
  const { covers, images, plex } = requests(rig);
  assertEquals([covers, images, rig.writes()], [0, 0, []]);
  assert(plex < 20, `${plex} requests`);
});

Deno.test("a plan of named scenes looks at their covers", async () => {
  await using rig = await Rig.open({ library: { scenes: 3 } });
  await plans(rig, { kind: "scenes", ids: ["1"] });
  assertEquals(requests(rig).covers, 1);
});

Deno.test("after a sync a plan of all scenes is equal, and still asks for no image", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  await rig.once();
  const before = requests(rig);
  const found = await plans(rig);
  assertEquals(found.filter(({ outcome }) => outcome !== "equal"), []);
  const after = requests(rig);
  assertEquals(after.images, before.images);
});

for (const preservePlexEdits of [false, true]) {
  const what = preservePlexEdits ? "kept with preserve_plex_edits" : "overwritten";
  Deno.test(`a plan says of a poster that a person chose before the first sync: ${what}`, async () => {
    await using rig = await Rig.open({
      library: { scenes: 1 },
      plex: { switches: { imageLocks: true } },
      settings: { preservePlexEdits },
    });
    const [item] = rig.plex.items();
    await rig.context.target.show({ id: item!.ratingKey }, "poster", {
      digest: "0",
      bytes: () => Promise.resolve({ bytes: new Uint8Array([1]), contentType: "image/png" }),
    });
    for (const scope of [ALL, { kind: "scenes", ids: ["1"] } as const]) {
      const [plan] = await plans(rig, scope);
      assertEquals(
        [plan!.overwritten, plan!.kept],
        preservePlexEdits ? [[], ["poster"]] : [["poster"], []],
        scope.kind,
      );
    }
  });
}

Deno.test("a plan names what its scene is pinned to, also where that is nothing", async () => {
  await using rig = await Rig.open({ library: { scenes: 3 } });
  const pin = (sceneId: string, item: string | null) => {
    const files = rig.stash.scenes().find(({ id }) => id === sceneId)!.files
      .map(({ path, size, duration }) => ({ path, size, durationMs: duration * 1000 }));
    rig.store.of(TARGET).pins.put({ scene_id: sceneId, item, paths: [], files, made_at: 1 });
  };
  pin("1", null);
  pin("2", rig.plex.items()[0]!.ratingKey);
  const found = await plans(rig);
  const first = found.find(({ scene_id }) => scene_id === "1")!;
  assertEquals([first.outcome, first.pinned_to], ["skipped", "none"]);
  assertEquals(planText(first), "Scene 1 (pinned to none): skipped: pinned to no item\n");
  assertEquals(found.find(({ scene_id }) => scene_id === "3")!.pinned_to, null);
});
