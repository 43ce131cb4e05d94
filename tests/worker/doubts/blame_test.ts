import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loopEnd, Rig, type RigOptions } from "../rig.ts";
import { TARGET } from "../../one_target.ts";

const MINUTE_MS = 60_000;

async function open(options: RigOptions = {}): Promise<{ rig: Rig; item: string }> {
  const rig = await Rig.open({ settings: { maxRetries: 2 }, ...options });
  return { rig, item: rig.itemOf("1").ratingKey };
}

const SPOILED = ["1", "2", "3", "4"];

for (
  const effect of [
    { answer: "garbage" },
    { answer: "wrong_id" },
    { status: 500 },
    { status: 502 },
    { close: true },
    { close: "body" },
    { answer: "large" },
  ]
) {
  Deno.test(`four scenes that Stash always spoils by ${JSON.stringify(effect)} are no outage`, async () => {
    const { rig } = await open();
    await using _ = rig;
    rig.stash.setFaults(SPOILED.map((scene) => ({ route: "graphql", scene, ...effect })));
    rig.enqueue();
    await rig.once();
    assertEquals(rig.outcomes().written, 16);
    await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
    const dead = rig.store.deadLetters.recent(9).map(({ scene_id }) => scene_id);
    assertEquals(dead.sort(), SPOILED);
    assertEquals(rig.lines.filter(({ fields }) => fields.event === "outage_start"), []);
  });
}

Deno.test("one item that alone is left to fail is given up by itself, in any process", async () => {
  const { rig, item } = await open();
  await using _ = rig;
  rig.enqueue();
  await rig.once();
  rig.plex.setFaults([{ route: "edit", item, status: 503 }]);
  rig.stash.upsert([{ id: "1", title: "Another title" }]);
  rig.start();
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.byType(), { PlexTemporaryError: 1 });
});

for (const writesFail of ["database_locked", "disk_full"] as const) {
  for (const changed of [["1"], undefined]) {
    Deno.test(`a Plex that reads and cannot write (${writesFail}) is an outage for ${changed?.length ?? "all"}`, async () => {
      const { rig } = await open();
      await using _ = rig;
      rig.enqueue();
      await rig.once();
      const ids = changed ?? rig.stash.scenes().map(({ id }) => id);
      rig.stash.upsert(ids.map((id) => ({ id, title: `Anew ${id}` })));
      rig.enqueue(ids);
      rig.plex.switches.writesFail = writesFail;
      const before = rig.lines.length;
      rig.runtime.after(30 * MINUTE_MS, () => void (rig.plex.switches.writesFail = "no"));
      await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
      assertEquals(rig.store.deadLetters.count(), 0);
      assertEquals(rig.outcomes(), { written: 20 + ids.length });
      const said = rig.lines.slice(before).filter(({ fields }) =>
        String(fields.event).startsWith("outage_")
      );
      assertEquals(said.map(({ fields }) => fields.event), ["outage_start", "outage_end"]);
    });
  }
}

/** A thousand at 90 % take minutes: `SCENES=1000 deno task test tests/worker/doubts/blame_test.ts`. */
const MANY_AT_90 = Number(Deno.env.get("SCENES") ?? 60);
/** Where nine of ten writes fail a thousand scenes take days, of which the breaker rests most. */
const DAYS_MS = 5 * 24 * 60 * MINUTE_MS;

for (const percent of [30, 60, 90]) {
  for (const scenes of [1, percent === 90 ? MANY_AT_90 : 1000]) {
    Deno.test(`while ${percent} % of the writes fail, none of ${scenes} is given up`, async () => {
      const { rig } = await open({ library: { scenes }, settings: { maxRetries: 5 } });
      await using _ = rig;
      rig.plex.setFaults([{ path: ".", method: "PUT", percent, status: 500 }]);
      rig.enqueue();
      await rig.until(() => rig.store.jobs.count() === 0, DAYS_MS, 1_000 * scenes + 60_000);
      assertEquals([rig.store.deadLetters.count(), rig.outcomes().written], [0, scenes]);
    });
  }
}

// If each paid for each failure, ten of them would be given up.
Deno.test("while 40 % of the edits fail, none of 1000 is given up", async () => {
  const settings = { maxRetries: 4, batchSize: 100, syncPoster: false, syncBackground: false };
  const { rig } = await open({ library: { scenes: 1000 }, settings });
  await using _ = rig;
  rig.plex.setFaults([{ route: "edit", percent: 40, status: 500 }]);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals([rig.store.deadLetters.count(), rig.outcomes().written], [0, 1000]);
});

for (
  const { what, spoil, mend, hint } of [
    {
      what: "needs a migration",
      spoil: (rig: Rig) => rig.stash.setSystemState("NEEDS_MIGRATION"),
      mend: (rig: Rig) => rig.stash.setSystemState("OK"),
      hint: "run the migration",
    },
    {
      what: "has locked its database",
      spoil: (rig: Rig) => rig.stash.setDatabase("locked"),
      mend: (rig: Rig) => rig.stash.setDatabase("ok"),
      hint: "holds its database",
    },
  ]
) {
  Deno.test(`a Stash that ${what} is an outage: two lines, no attempt spent`, async () => {
    const { rig } = await open();
    await using _ = rig;
    rig.enqueue();
    spoil(rig);
    rig.runtime.after(30 * MINUTE_MS, () => mend(rig));
    await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
    assertEquals(rig.outcomes(), { written: 20 });
    const said = rig.lines.filter(({ level }) => level !== "debug")
      .filter(({ fields }) => fields.event !== "job_written");
    assertEquals(said.map(({ fields }) => fields.event), ["outage_start", "outage_end"]);
    assertStringIncludes(String(said[0]!.fields.hint), hint);
  });
}

Deno.test("a database that another program holds while scenes are read costs no job an attempt", async () => {
  const { rig } = await open();
  await using _ = rig;
  rig.enqueue();
  const { database } = rig.store;
  const real = database.prepare.bind(database);
  let left = 3;
  const prepare: typeof real = (sql) => {
    if (sql.includes("fingerprint FROM scenes") && left-- > 0) {
      throw new Error("database is locked");
    }
    return real(sql);
  };
  Object.assign(database, { prepare });
  await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
  assertEquals(rig.outcomes(), { written: 20 });
  assert(left <= 0);
});

Deno.test("a job over which three processes died is given up, and the others are done", async () => {
  const { rig } = await open();
  await using _ = rig;
  rig.enqueue();
  /** A process that dies at the edit of one item, whatever else it has in hand. */
  const killer =
    rig.plex.items().find(({ files }) =>
      files.includes(rig.stash.scenes().find(({ id }) => id === "7")!.files[0]!.path)
    )!.ratingKey;
  const died: string[][] = [];
  for (let death = 1; death <= 3; death++) {
    const stop = new AbortController();
    const { context } = rig;
    const { target, store, settings } = context;
    context.settings = { ...settings, maxParallelWrites: 1 };
    const never = new Promise<never>(() => {});
    const deadly = new Promise<void>((dead) => {
      context.target = {
        ...target,
        write: (item, edit) => {
          if (item.id !== killer) return target.write(item, edit);
          dead();
          return never;
        },
      };
    });
    void rig.worker.run(stop.signal, loopEnd(true));
    await deadly;
    died.push(store.queue.list(99, { states: ["running"] }).map(({ scene_id }) => scene_id));
    rig.store.jobs.rescueAll(rig.runtime.now());
    rig.start();
  }
  await rig.once();
  assertEquals(died.map(({ length }) => length), [20, 1, 1], "taken alone after one death");
  const { dead: given, written = 0, unchanged = 0 } = rig.outcomes();
  assertEquals([given, written + unchanged], [1, 19]);
  const [dead] = rig.store.deadLetters.recent(1);
  assertEquals([dead?.scene_id, dead?.error_type], ["7", "PermanentError"]);
  assertStringIncludes(dead!.error_message, "died 3 times");
});

Deno.test("a scene that is in hand when a process is killed from outside is not given up for it", async () => {
  const { rig } = await open();
  await using _ = rig;
  rig.enqueue();
  // Each start gets so far, and no further, whatever it has in hand.
  for (let kill = 0; kill < 15; kill++) {
    rig.store.jobs.claim(`killed ${kill}`, rig.runtime.now(), 50, MINUTE_MS, TARGET);
    rig.store.jobs.rescueAll(rig.runtime.now());
  }
  rig.start();
  await rig.once();
  assertEquals(rig.outcomes(), { written: 20 });
});
