import { assertEquals } from "@std/assert";
import type { ScenePlan } from "../../../src/app/scenes/scene_plans.ts";
import { planText } from "../../../src/cli/sync/plan_text.ts";

const PLAN: ScenePlan = {
  scene_id: "12",
  outcome: "equal",
  rating_key: "7",
  pinned_to: null,
  title: "A",
  confidence: "high",
  path: "/m/a.mp4",
  evidence: "path",
  changes: [],
  kept: [],
  overwritten: [],
  undone: ["title", "tags"],
  names_added: 0,
  names_removed: 0,
  left_out: [],
  error_type: null,
  reason: null,
  hint: null,
};

Deno.test("what was undone is told of a scene that needs nothing else", () => {
  const said = "Scene 12: equal\n  title: undone by you\n  tags: undone by you\n";
  assertEquals(planText(PLAN), said);
});

Deno.test("what was undone is told beside what would change", () => {
  const changes = [{ field: "date" as const, from: "", to: "2020-01-02" }];
  assertEquals(
    planText({ ...PLAN, outcome: "change", changes, undone: ["title"] }),
    'Scene 12 → item 7 (high, path) /m/a.mp4\n  date: "" → "2020-01-02"\n  title: undone by you\n',
  );
});
