/** The table of faults that belong to one item, scene or cover of a batch. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Rig } from "../rig.ts";

/** Two retries, with their pauses, are over within a minute; the rest is for what nobody pays. */
const ITS_TIME_MS = 10 * 60_000;
const SCENES = 20;
const RETRIES = 2;
/** In the midst of the batch: whoever looks for it from an end is found out. */
const BAD = "13";
/** Until all but one are written, however the one is looked for. */
const MOST_TIME_OUTS = Math.floor(2 + Math.log2(SCENES));
/** What no limit of a request makes shorter, an image, gets no more than this either. */
const LIMIT_MS = 900;

type Effect = Readonly<Record<string, unknown>>;

/** Of 20 scenes in one batch, one meets the fault. */
interface Single {
  what: string;
  spoil(rig: Rig, item: string): void;
  /** What the dead letter says. */
  type: string;
  says: string;
  /** It is given up at once: nothing is the better for another try. */
  isFinal?: true;
  /** Its title is written all the same: the fault is that of another request. */
  isTitled?: true;
}

type Row = Pick<Single, "type" | "says" | "isFinal" | "isTitled">;

const ONE_TEMPORARY: readonly Effect[] = [502, 503, 504].map((status) => ({ status }));
const RESET: Effect = { close: true };
const SILENCE: Effect = { hang: true };

function plex(what: string, route: string, effects: readonly Effect[], row: Row): Single[] {
  return effects.map((effect) => ({
    what: `Plex meets ${what} of one item with ${JSON.stringify(effect)}`,
    spoil: (rig, item) => rig.plex.setFaults([{ route, item, ...effect }]),
    ...row,
  }));
}

function stash(what: string, route: string, effects: readonly Effect[], row: Row): Single[] {
  return effects.map((effect) => ({
    what: `Stash spoils ${what} of one scene by ${JSON.stringify(effect)}`,
    spoil: (rig) => rig.stash.setFaults([{ route, scene: BAD, ...effect }]),
    ...row,
  }));
}

const answered = (effect: Effect) => `answered ${effect.status}`;

const SINGLES: readonly Single[] = [
  {
    what: "whatever stands before Plex drops the one request line that is too long",
    spoil(rig) {
      const performers = Array.from({ length: 3_000 }, (_, n) => `Performer ${n}`);
      rig.stash.upsert([{ id: BAD, performers }]);
      rig.plex.setFaults([{ longer_than: 2_000, close: true }]);
    },
    type: "PlexTemporaryError",
    says: "Cannot edit item",
    isTitled: true,
  },
  ...ONE_TEMPORARY.flatMap((effect) =>
    plex("edits", "edit", [effect], { type: "PlexTemporaryError", says: answered(effect) })
  ),
  ...plex("edits", "edit", [RESET], { type: "PlexTemporaryError", says: "Cannot edit item" }),
  ...plex("edits", "edit", [SILENCE], { type: "TransientError", says: "gave no answer" }),
  ...plex("reads", "item", [...ONE_TEMPORARY, RESET, SILENCE], {
    type: "PlexTemporaryError",
    says: "Cannot read item",
  }),
  ...[401, 400, 403, 405, 410, 413, 418, 451].flatMap((status) =>
    plex("reads", "item", [{ status }], {
      type: "PlexPermanentError",
      says: `answered ${status}`,
      isFinal: true,
    })
  ),
  ...[401, 400, 403].flatMap((status) =>
    plex("edits", "edit", [{ status }], {
      type: "PlexPermanentError",
      says: `answered ${status}`,
      isFinal: true,
    })
  ),
  ...plex("uploads", "upload", [...ONE_TEMPORARY, RESET, SILENCE], {
    type: "PlexTemporaryError",
    says: "poster",
    isTitled: true,
  }),
  ...stash(
    "every answer",
    "graphql",
    [{ status: 500 }, { status: 503 }, RESET, SILENCE, { answer: "large" }, { answer: "wrong_id" }],
    { type: "TransientError", says: `Cannot read scene ${BAD}` },
  ),
  ...stash("the cover", "cover", [
    { status: 502 },
    { location: "https://example.invalid/login" },
    RESET,
    SILENCE,
  ], {
    type: "TransientError",
    says: `Cannot read the cover of scene ${BAD}`,
    isTitled: true,
  }),
];

/** Counts the requests that came to nothing because their time was over. */
class TimeOuts {
  count = 0;
  readonly fetch: typeof fetch = async (input, init) => {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    try {
      return await fetch(input, { ...init, signal });
    } catch (error) {
      if (signal.aborted) this.count++;
      throw error;
    }
  };
}

/** Lines of the log that somebody is to act on. */
function alarms(rig: Rig): string[] {
  return rig.lines.filter(({ level, fields }) =>
    (level === "warning" || level === "error") && fields.event !== "slow_step"
  ).map(({ fields }) => String(fields.event));
}

/** How each attempt of the bad one ended, the first one first. */
function endsOfOne(rig: Rig): string[] {
  return rig.store.outcomes.recent(1_000).filter(({ scene_id }) => scene_id === BAD)
    .map(({ outcome }) => outcome).reverse();
}

for (const { what, spoil, type, says, isFinal, isTitled } of SINGLES) {
  Deno.test(`the other 19 are written at once, and one is given up alone, while ${what}`, async () => {
    const timeOuts = new TimeOuts();
    await using rig = await Rig.open({
      library: { scenes: SCENES },
      settings: { maxRetries: RETRIES },
      timeOuts: { connectTimeoutMs: 100, readTimeoutMs: 500 },
      fetch: timeOuts.fetch,
    });
    const scene = rig.stash.scenes().find(({ id }) => id === BAD)!;
    const item = () => rig.plex.items().find(({ files }) => files.includes(scene.files[0]!.path))!;
    spoil(rig, item().ratingKey);
    rig.enqueue();
    await rig.once();
    assertEquals(rig.outcomes().written, SCENES - 1);
    assert(timeOuts.count <= MOST_TIME_OUTS, `${timeOuts.count} time-outs`);

    await rig.until(() => rig.store.jobs.count() === 0, ITS_TIME_MS);
    // It pays each of its own attempts, and nobody else pays any.
    const paid = isFinal ? ["dead"] : [...Array(RETRIES).fill("retry"), "dead"];
    assertEquals(endsOfOne(rig), paid);
    assertEquals(rig.outcomes().written, SCENES - 1);
    const [dead, ...others] = rig.store.deadLetters.recent(9);
    assertEquals([dead?.scene_id, dead?.error_type, others.length], [BAD, type, 0]);
    assertStringIncludes(dead!.error_message, says);
    assertEquals(item().title === scene.title, isTitled === true, "its title");
    // One word to those who look after it, when all its attempts are over.
    assertEquals(alarms(rig), ["job_dead"]);
    for (const gate of [rig.gates.stash, rig.gates.target]) assert(!gate.isDown);
    assertEquals(rig.store.outages.recent(9), []);
  });
}
