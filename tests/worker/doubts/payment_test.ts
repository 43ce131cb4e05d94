import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { TARGET } from "../../one_target.ts";
import { Rig, type RigOptions } from "../rig.ts";

const MINUTE_MS = 60_000;

/** Something that all jobs meet for half an hour: it costs none of them an attempt. */
interface Outage {
  when: string;
  begin(rig: Rig): void;
  end?(rig: Rig): void;
  /** The events of the lines that somebody is to act on, and of their end. */
  said: readonly string[];
  /** The texts are written all the same while it lasts. */
  texts?: boolean;
  /** It is met by a new library alone. */
  isOfNew?: boolean;
}

const OUTAGE = ["outage_start", "outage_end"] as const;
const IMAGES = ["images_rest", "images_back"] as const;

const OUTAGES: readonly Outage[] = [
  {
    when: "Plex is deaf",
    begin: (rig) => void (rig.plex.switches.deaf = true),
    end: (rig) => void (rig.plex.switches.deaf = false),
    said: OUTAGE,
  },
  {
    when: "the token may not write",
    begin: (rig) => rig.plex.setFaults([{ route: "edit", status: 403 }]),
    said: ["needs_attention", "attention_end"],
  },
  ...[{ status: 503 }, { close: true }, { answer: "garbage" }].map((effect): Outage => ({
    when: `no item can be read: ${JSON.stringify(effect)}`,
    begin: (rig) => rig.plex.setFaults([{ route: "item", ...effect }]),
    said: OUTAGE,
  })),
  ...[{ status: 500 }, { status: 503 }, { close: true }].map((effect): Outage => ({
    when: `no image can be sent: ${JSON.stringify(effect)}`,
    begin: (rig) => rig.plex.setFaults([{ route: "upload", ...effect }]),
    said: IMAGES,
    texts: true,
  })),
  ...[{ status: 502 }, { close: true }, { location: "/login" }].map((effect): Outage => ({
    when: `no cover can be read: ${JSON.stringify(effect)}`,
    begin: (rig) => rig.stash.setFaults([{ route: "cover", ...effect }]),
    said: IMAGES,
    texts: true,
  })),
  {
    when: "no scene can be read of a Stash that says it is well",
    begin(rig) {
      const { stash } = rig.context;
      rig.context.stash = {
        ...stash,
        scenes: () =>
          Promise.reject(new PlexsyncError("StashUnavailable", "no scene", { status: 200 })),
      };
      rig.runtime.after(30 * MINUTE_MS, () => void (rig.context.stash = stash));
    },
    said: OUTAGE,
  },
  {
    when: "the listing holds what nobody foresaw",
    begin(rig) {
      const { target } = rig.context;
      const { listing } = target;
      let isOver = false;
      target.listing = (...asked) => {
        if (isOver) return listing(...asked);
        throw new TypeError("Cannot convert 1e30 to a BigInt");
      };
      rig.runtime.after(30 * MINUTE_MS, () => void (isOver = true));
    },
    said: OUTAGE,
    isOfNew: true,
  },
];

function open(options: RigOptions = {}): Promise<Rig> {
  return Rig.open({ settings: { maxRetries: 2 }, ...options });
}

/** Events of warnings and errors, and of what ends them. */
function said(rig: Rig, from = 0): unknown[] {
  const events = rig.lines.slice(from).filter(({ level, fields }) =>
    level === "warning" || level === "error" ||
    level === "info" && /_(end|back)$/.test(String(fields.event))
  ).map(({ fields }) => fields.event);
  return events.filter((event) => event !== "slow_step" && event !== "image_not_shown");
}

for (const { when, begin, end, said: want, texts = false, isOfNew = false } of OUTAGES) {
  for (const already of isOfNew ? [false] : [false, true]) {
    Deno.test(`no job pays while ${when}${already ? ", in a library that was in sync" : ""}`, async () => {
      await using rig = await open();
      if (already) {
        await rig.syncThenChange((id) => ({
          title: `Anew ${id}`,
          cover: btoa(`\x89PNG\r\n\x1a\n${id}`),
        }));
      }
      rig.enqueue();
      const before = rig.lines.length;
      begin(rig);
      let titles = 0;
      rig.runtime.after(29 * MINUTE_MS, () => {
        const wanted = new Set(rig.stash.scenes().map(({ title }) => title));
        titles = rig.plex.items().filter(({ title }) => wanted.has(title ?? "")).length;
      });
      rig.runtime.after(30 * MINUTE_MS, () => {
        rig.plex.setFaults([]);
        rig.stash.setFaults([]);
        end?.(rig);
      });
      await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
      assertEquals(rig.outcomes(), { written: already ? 40 : 20 });
      assertEquals(said(rig, before), [...want]);
      assertEquals(titles === 20, texts, `${titles} titles stood there meanwhile`);
    });
  }
}

const DEAF_TO_ONE = { route: "edit", status: 200 };

for (const others of ["in the same batch", "long ago"]) {
  Deno.test(`one item that hears nothing is given up by itself, others being written ${others}`, async () => {
    await using rig = await open();
    if (others === "long ago") {
      rig.enqueue();
      await rig.once();
      rig.stash.upsert([{ id: "1", title: "Anew" }]);
      rig.runtime.jump(60 * MINUTE_MS);
      rig.start();
    }
    // Plex's stamps are whole seconds of the true clock: it has to be another one.
    const second = Math.floor(Date.now() / 1000);
    while (Math.floor(Date.now() / 1000) === second) await rig.runtime.sleep(0);
    rig.plex.setFaults([{ ...DEAF_TO_ONE, item: rig.itemOf("1").ratingKey }]);
    rig.enqueue(others === "long ago" ? ["1"] : undefined);
    await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
    assertEquals(rig.store.deadLetters.byType(), { PlexPermanentError: 1 });
    assertEquals(rig.store.deadLetters.recent(1)[0]?.scene_id, "1");
    assertEquals(said(rig), ["job_dead"]);
  });
}

for (const effect of [{ status: 503 }, { close: true }, { status: 200 }]) {
  Deno.test(`the one item of a library that meets ${JSON.stringify(effect)} waits as an outage, told once`, async () => {
    await using rig = await open({ library: { scenes: 1 } });
    rig.enqueue();
    rig.plex.setFaults([{ route: "edit", ...effect }]);
    rig.runtime.after(60 * MINUTE_MS, () => rig.plex.setFaults([]));
    await rig.until(() => rig.store.jobs.count() === 0, 70 * MINUTE_MS);
    assertEquals(rig.outcomes(), { written: 1 });
    assertEquals(said(rig), ["outage_start", "outage_end"]);
    const hint = rig.lines.find(({ fields }) => fields.event === "outage_start")!.fields.hint;
    assertStringIncludes(String(hint), "answers and takes no writes");
  });
}

Deno.test("one item is given up also when no other item has a lock", async () => {
  await using rig = await open({ library: { scenes: 2 } });
  rig.enqueue();
  await rig.once();
  const other = rig.itemOf("2").ratingKey;
  const fields = ["title", "summary", "studio", "tagline", "originallyAvailableAt", "thumb", "art"];
  const unlocked = [...fields, "genre", "actor", "collection"].map((name) => `${name}.locked=0`);
  const answer = await fetch(
    `${rig.plex.url}/library/sections/1/all?type=1&id=${other}&${unlocked.join("&")}` +
      `&X-Plex-Token=${rig.plex.token}`,
    { method: "PUT" },
  );
  await answer.body?.cancel();
  rig.stash.upsert([{ id: "1", title: "Anew" }]);
  rig.plex.setFaults([{ route: "edit", item: rig.itemOf("1").ratingKey, status: 503 }]);
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.byType(), { PlexTemporaryError: 1 });
});

Deno.test("of covers that hang a few are asked for, four at a time, and the texts are settled", async () => {
  await using rig = await open({ library: { scenes: 40 }, settings: { maxParallelWrites: 1 } });
  const { stash } = rig.context;
  let asked = 0;
  let whenSettled = 0;
  rig.context.stash = {
    ...stash,
    screenshot(id) {
      asked++;
      const cause = new PlexsyncError("StashUnavailable", "gave no answer");
      return Promise.reject(new PlexsyncError("TransientError", `no cover of ${id}`, { cause }));
    },
  };
  rig.enqueue();
  await rig.until(() => {
    if (whenSettled === 0 && rig.store.of(TARGET).written.latest(99).length === 40) {
      whenSettled = asked;
    }
    return whenSettled > 0;
  }, 60 * MINUTE_MS);
  assert(whenSettled <= 8, `${whenSettled} covers were asked for`);
});

Deno.test("a plan that nobody can make fails its own scene, and the others are written", async () => {
  await using rig = await open();
  const { target } = rig.context;
  const odd = rig.itemOf("1").ratingKey;
  rig.context.target = {
    ...target,
    async read(ids) {
      const items = await target.read(ids);
      const item = items.get(odd);
      // As no server gives it: what reads it throws.
      if (item !== undefined) items.set(odd, { ...item, values: null! });
      return items;
    },
  };
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes().written, 19);
  await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.byType(), { Unknown: 1 });
});

Deno.test("a fault of our own database while the index is brought up to date is none of Plex's", async () => {
  await using rig = await open({ isWalked: false });
  await rig.plex.removeFile(rig.stash.scenes()[0]!.files[0]!.path);
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(rig.store.jobs.get("1", TARGET)?.state, "waiting");
  const { index } = rig.context.keeper;
  const { putSection } = index;
  let left = 20;
  index.putSection = (section) => {
    if (left-- > 0) throw new Error("database is locked");
    putSection.call(index, section);
  };
  await rig.until(() => left < 0, 60 * MINUTE_MS);
  assertEquals(said(rig), ["database_fault", "database_back"]);
  assertEquals(rig.store.jobs.get("1", TARGET)?.retry_count, 0);
});

Deno.test("an outage of writes is not over while reads go well", async () => {
  await using rig = await open();
  rig.enqueue();
  await rig.once();
  rig.plex.switches.writesFail = "database_locked";
  rig.stash.upsert([{ id: "1", title: "Anew" }]);
  rig.enqueue(["1"]);
  // Scenes that need no write are looked at all the time.
  for (let minute = 1; minute < 30; minute++) {
    rig.runtime.after(minute * MINUTE_MS, () => rig.enqueue(["2", "3"]));
  }
  rig.runtime.after(30 * MINUTE_MS, () => void (rig.plex.switches.writesFail = "no"));
  await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
  await rig.until(() => rig.plex.items().some(({ title }) => title === "Anew"), 120 * MINUTE_MS);
  assertEquals(said(rig), ["outage_start", "outage_end"]);
});

Deno.test("no job stops the rest: those that fail come after one that has not failed", async () => {
  await using rig = await open({ library: { scenes: 10 } });
  const bad = ["1", "2", "3", "4", "5", "6"];
  rig.plex.setFaults(
    bad.map((id) => ({ route: "edit", item: rig.itemOf(id).ratingKey, status: 503 })),
  );
  rig.store.jobs.enqueue(bad, "hook", rig.runtime.now());
  rig.enqueue(["7", "8", "9", "10"]);
  await rig.until(() => (rig.outcomes().written ?? 0) === 4, 10 * MINUTE_MS);
  await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.byType(), { PlexTemporaryError: 6 });
});
