import { assertEquals, assertMatch } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import { Rig } from "../rig.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface OddClock {
  /** Completes "a new file is found at the next look, …". */
  when: string;
  spoil(rig: Rig): unknown;
  /** The lines about it; none when nothing has to be said. */
  says?: RegExp;
}

const CASES: readonly OddClock[] = [
  { when: "all clocks being right", spoil: () => {} },
  {
    when: "Plex's clock having been set back by days",
    spoil: ({ plex }) => plex.jumpClock(-3 * DAY_MS),
    says: /^Plex's clock is behind what was seen of "/,
  },
  {
    when: "Plex's clock having been ahead for a while",
    async spoil(rig) {
      rig.plex.jumpClock(2 * DAY_MS);
      await rig.plex.addFiles([{ path: beside(rig, "other.mp4"), size: 5 }]);
      await rig.context.keeper.refresh(0);
      rig.plex.jumpClock(-2 * DAY_MS);
    },
    says: /^(Plex's clock is behind what was seen of "|Item \d+ was added or changed at a time)/,
  },
  {
    when: "a place that lies in the future having been stored",
    spoil({ store }) {
      const { index } = store.of(TARGET);
      for (const section of index.sections()) {
        index.putSection({ ...section, cursor: 4_102_444_800 });
      }
    },
    says: /^Plex's clock is behind what was seen of "/,
  },
  {
    when: "an item having been added days ahead",
    spoil: (rig) =>
      rig.plex.addFiles([{
        path: beside(rig, "ahead.mp4"),
        size: 9,
        addedAt: Math.floor((Date.now() + 3 * DAY_MS) / 1000),
      }]),
    says: /^Item \d+ was added or changed at a time that lies ahead of Plex's clock/,
  },
];

/** A path in the folder of the first scene's file. */
function beside({ stash }: Rig, name: string): string {
  return stash.scenes()[0]!.files[0]!.path.replace(/[^/]*$/, name);
}

for (const { when, spoil, says } of CASES) {
  Deno.test(`a new file is found at the next look, ${when}`, async () => {
    await using rig = await Rig.open({ library: { scenes: 3 } });
    rig.enqueue();
    await rig.once();
    const before = rig.lines.length;
    await spoil(rig);
    // A process that starts now goes on from what is stored.
    rig.start();
    const path = beside(rig, "late.mp4");
    const file = { path, size: 7_000_001, duration: 61.5 };
    const [id] = rig.stash.upsert([{ title: "Late", details: "Of late.", files: [file] }]);
    rig.enqueue([id!]);
    await rig.once();
    assertEquals(rig.store.jobs.get(id!, TARGET)?.state, "waiting");
    await rig.plex.addFiles([{ path, size: file.size, durationMs: 61_500 }]);
    rig.runtime.jump(1_000);
    await rig.context.keeper.refresh(0);
    await rig.once();
    assertEquals(rig.plex.items().filter(({ title }) => title === "Late").length, 1);
    for (let n = 0; n < 3; n++) await rig.context.keeper.refresh(0);
    const said = rig.lines.slice(before).filter(({ level }) => level === "warning")
      .map(({ message }) => message);
    assertEquals([...new Set(said)], said, "nothing is said twice");
    assertEquals(said.length === 0, says === undefined, said.join("\n"));
    if (says !== undefined) assertMatch(said[0]!, says);
  });
}
