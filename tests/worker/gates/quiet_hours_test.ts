import { assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";

/** The rig's clock stands at an hour of its own: hours around it, and after it. */
function around(now: number, fromMinutes: number, toMinutes: number) {
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const at = (offset: number) => (minute + offset + 1440) % 1440;
  return { from: at(fromMinutes), to: at(toMinutes) };
}

Deno.test("in quiet hours single changes are synced and bulk work waits for their end", async () => {
  await using rig = await Rig.open();
  const now = rig.runtime.now();
  rig.context.settings = { ...rig.context.settings, quietHours: around(now, -60, 60) };
  const ids = Array.from({ length: 20 }, (_, n) => String(n + 1));
  rig.store.jobs.enqueue(ids, "bulk", now);
  rig.store.jobs.enqueue(["3", "7"], "hook", now);
  await rig.once();
  assertEquals(rig.outcomes(), { written: 2 });
  assertEquals(rig.store.jobs.count(), 18);

  rig.runtime.jump(61 * 60_000);
  await rig.once();
  assertEquals(rig.outcomes(), { written: 20 });
  const said = rig.lines.map(({ fields }) => fields.event)
    .filter((event) => String(event).startsWith("quiet_hours"));
  assertEquals(said, ["quiet_hours", "quiet_hours_end"]);
});
