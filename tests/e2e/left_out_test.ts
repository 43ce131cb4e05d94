import { assertEquals, assertStringIncludes } from "@std/assert";
import { withWorld } from "./world.ts";

interface PlanDocument {
  scenes: { scene_id: string; outcome: string; left_out: string[] }[];
}

Deno.test("plan tells of every cut before it is made, and the outcome after it", async () => {
  await withWorld({ scenes: 1, seed: 51 }, async (world) => {
    world.stash.upsert([{
      id: 1,
      title: "t".repeat(300),
      date: "2024-02-30",
      tags: Array.from({ length: 120 }, (_, n) => `Tag ${n}`),
      details: "д".repeat(9_000),
    }]);
    const plan = async () => (await world.json<PlanDocument>("plan", "--all")).scenes[0];
    const before = await plan();
    assertEquals(before?.outcome, "change");
    const fields = before!.left_out.map((text) => text.split(":")[0]);
    assertEquals(fields.sort(), ["date", "summary", "tags", "title"]);
    const { stdout } = await world.expect(0, "plan", "--all");
    for (const text of before!.left_out) assertStringIncludes(stdout, text);
    await world.syncAll();
    const [row] = world.query<{ left_out: string }>("SELECT left_out FROM outcomes");
    assertEquals((JSON.parse(row!.left_out) as string[]).sort(), before!.left_out.sort());
    const after = await plan();
    assertEquals([after?.outcome, after?.left_out.sort()], ["equal", before!.left_out.sort()]);
  });
});
