import { assert, assertEquals } from "@std/assert";
import { TARGET } from "../one_target.ts";
import { plexFacts } from "../sim/plex/route_names.ts";
import { Rig } from "./rig.ts";

/** What becomes of the work when one route of a server is of no use, for all or for one. */
const MINUTE_MS = 60_000;
/** One that is left out of each answer is waited for like one that is gone: about 2.5 hours. */
const LONGEST_WAIT_MS = 180 * MINUTE_MS;
const SCENES = 6;
const MEBIBYTE = 2 ** 20;
/** Deeper than anybody's stack. */
const LEVELS = 50_000;
/** Of these the simulated servers, which make the large bodies, take a part. */
const MOST_MEBIBYTES = 320;

type Effect = Readonly<Record<string, unknown>>;

/** How an answer can be of no use. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  "500": { status: 500 },
  "502": { status: 502 },
  "503": { status: 503 },
  "a reset": { close: true },
  "silence": { hang: true },
  "garbage": { answer: "garbage" },
  "more than fits": { answer: "endless" },
  "an empty answer": { answer: "nothing" },
  "an answer without bottom": {
    status: 200,
    body: `{"MediaContainer":${'{"Metadata":['.repeat(LEVELS)}${"]}".repeat(LEVELS)}}`,
    content_type: "application/json",
  },
  "a gzip bomb": { answer: "gzip_bomb", bytes: 70 * MEBIBYTE },
};

/** Answers to a rating that was not heard: what it is for does not tell them from the right one. */
const UNHEARD: Readonly<Record<string, Effect>> = {
  "an unheard 200": { status: 200 },
  "an unheard 204": { status: 204 },
  "a log-in page": { status: 200, body: "<html>Log in</html>", content_type: "text/html" },
};

export interface Route {
  server: "plex" | "stash";
  route: string;
  /** What belongs to one item or scene can be spoiled for it alone. */
  single: boolean;
  /** Only what is in sync already meets it. */
  isOfOld?: boolean;
  /** Refusals after which a scene cannot be done, not even in part. */
  refusals?: readonly number[];
  /** Those of one alone after which it is done with a note. */
  left?: readonly number[];
}

/** A proxy's redirect, and what servers and proxies say to whoever has no right. */
const REFUSALS = [301, 304, 400, 401, 403, 404, 405, 410, 422, 451];
/** After these an image is left out for good, where those of others are taken. */
const OF_AN_IMAGE = REFUSALS.filter((status) => status !== 404);

/** All that the work asks of the two servers. */
export const ROUTES: readonly Route[] = [
  { server: "plex", route: "identity", single: false },
  { server: "plex", route: "sections", single: false },
  { server: "plex", route: "listing", single: false },
  { server: "plex", route: "item", single: true },
  { server: "plex", route: "edit", single: true, refusals: REFUSALS },
  { server: "plex", route: "upload", single: true, refusals: REFUSALS, left: OF_AN_IMAGE },
  { server: "plex", route: "images", single: true, isOfOld: true, refusals: REFUSALS },
  {
    server: "plex",
    route: "select",
    single: true,
    isOfOld: true,
    refusals: REFUSALS,
    left: OF_AN_IMAGE,
  },
  { server: "plex", route: "rate", single: true, refusals: REFUSALS },
  { server: "stash", route: "graphql", single: true },
  { server: "stash", route: "cover", single: true },
];

/** Time-outs of a moment: how long one lasts makes no difference here. */
const SHORT = { connectTimeoutMs: 50, readTimeoutMs: 250 };
/** Where much is to be read and unpacked, beside other tests, a moment is not enough. */
const LONG = { connectTimeoutMs: 1_000, readTimeoutMs: 4_000 };

/** A moment is enough for an image too, and for a look whether anybody is there. */
const impatient: typeof fetch = async (input, init) => {
  const limit = AbortSignal.timeout(600);
  const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
  return await fetch(input, { ...init, signal });
};

async function open({ route, isOfOld = false }: Route, { answer }: Effect): Promise<Rig> {
  const rig = await Rig.open({
    library: { scenes: SCENES },
    settings: { maxRetries: 2, syncRating: true, maxParallelWrites: 4 },
    ...(answer === undefined ? { timeOuts: SHORT, fetch: impatient } : { timeOuts: LONG }),
  });
  if (route === "rate") {
    rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, rating100: 80 })));
  }
  if (!isOfOld) return rig;
  rig.enqueue();
  await rig.once();
  const ids = rig.stash.scenes().map(({ id }) => id!);
  await chooseOther(rig);
  rig.stash.upsert(ids.map((id) => ({ id, title: `Anew ${id}` })));
  return rig;
}

/** Somebody gives each item another background: ours is there still, and has to be chosen. */
async function chooseOther({ plex }: Rig): Promise<void> {
  for (const { ratingKey } of plex.items()) {
    const answer = await fetch(`${plex.url}/library/metadata/${ratingKey}/arts`, {
      method: "POST",
      headers: { "X-Plex-Token": plex.token },
      body: new Uint8Array([1, 2, 3]),
    });
    await answer.body?.cancel();
  }
}

/** How often the route was asked since the requests were forgotten. */
function asked(rig: Rig, { server, route }: Route): number {
  if (server === "plex") {
    return rig.plex.requests().filter(({ method, path, query }) =>
      plexFacts(method, `${path}?${query}`).route === route
    ).length;
  }
  return rig.stash.requests().filter(({ path }) =>
    path === "/graphql" ? route === "graphql" : route === "cover"
  ).length;
}

/** Scenes whose attempts are paid: retried or given up. */
function paid(rig: Rig): Set<string> {
  const rows = rig.store.outcomes.recent(10_000);
  return new Set(
    rows.filter(({ outcome }) => outcome === "retry" || outcome === "dead")
      .map(({ scene_id }) => scene_id),
  );
}

/** Lines that somebody is to act on. */
function alarms(rig: Rig): number {
  return rig.lines.filter(({ level, fields }) =>
    (level === "warning" || level === "error") && fields.event !== "slow_step"
  ).length;
}

function titled(rig: Rig): string[] {
  const titles = new Set(rig.plex.items().map(({ title }) => title));
  return rig.stash.scenes().filter(({ title }) => titles.has(title ?? "")).map(({ id }) => id!);
}

/** Items that do not show the image that they should. */
function bare(rig: Rig): string[] {
  return rig.plex.items().filter(({ ratingKey }) => {
    const { poster, art } = rig.plex.chosenImages(ratingKey);
    return poster === null || art !== poster;
  }).map(({ ratingKey }) => ratingKey);
}

/** What the objects and buffers of this thread take at most, those of the simulated servers too. */
class PeakMemory {
  readonly #before = taken();
  #peak = this.#before;
  readonly #timer = setInterval(() => this.#peak = Math.max(this.#peak, taken()), 5);

  assertBounded(): void {
    const mebibytes = Math.round((this.#peak - this.#before) / MEBIBYTE);
    if (Deno.env.get("SHOW_MEMORY")) console.log(`${mebibytes} MiB`);
    assert(mebibytes <= MOST_MEBIBYTES, `${mebibytes} MiB`);
  }

  [Symbol.dispose]() {
    clearInterval(this.#timer);
  }
}

function taken(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** Declares the tests of one server's routes. */
export function proveRoutes(server: Route["server"]): void {
  for (const which of ROUTES.filter((each) => each.server === server)) proveRoute(which);
}

function proveRoute(which: Route): void {
  const { server, route, single, refusals = [], left = [] } = which;
  const refused = refusals.map((status) => [`the refusal ${status}`, { status }] as const);
  const unheard = route === "rate" ? Object.entries(UNHEARD) : [];
  for (const [what, effect] of [...Object.entries(EFFECTS), ...refused, ...unheard]) {
    const isRefused = [...refused, ...unheard].some(([each]) => each === what);
    const name = `${server}'s route "${route}" meets ${what}`;

    Deno.test(`nobody pays, and all is written afterwards, when ${name}`, async () => {
      await using rig = await open(which, effect);
      using memory = new PeakMemory();
      const before = rig.outcomes();
      rig.enqueue();
      rig[server].clearRequests();
      rig[server].setFaults([{ route, ...effect }]);
      rig.runtime.after(MINUTE_MS, () => rig[server].setFaults([]));
      await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
      assert(asked(rig, which) > 0, "the route was not asked");
      assertEquals([...paid(rig)], []);
      const { written = 0, unchanged = 0 } = rig.outcomes();
      assertEquals(written + unchanged - (before.written ?? 0), SCENES);
      assertEquals(titled(rig).length, SCENES);
      // What an image was sent for shows later than the job's end, and is told of then.
      const isTaken = "answer" in effect ||
        effect.status === 200 && ["upload", "select"].includes(route);
      if (!isTaken) assertEquals(bare(rig), []);
      if (isRefused) assert(alarms(rig) <= 1, `${alarms(rig)} lines`);
      memory.assertBounded();
    });

    if (!single) continue;
    Deno.test(`the others are written when ${name} for one of them alone`, async () => {
      await using rig = await open(which, effect);
      using memory = new PeakMemory();
      const one = server === "plex" ? { item: rig.itemOf("1").ratingKey } : { scene: "1" };
      rig[server].clearRequests();
      rig[server].setFaults([{ route, ...one, ...effect }]);
      rig.enqueue();
      await rig.once();
      assert(asked(rig, which) > 0, "the route was not asked");
      const others = titled(rig).filter((id) => id !== "1");
      assertEquals(others.length, SCENES - 1);
      await rig.until(() => rig.store.jobs.count() === 0, LONGEST_WAIT_MS);
      assert(paid(rig).size <= 1, [...paid(rig)].join());
      assert(!rig.gates.stash.isDown && !rig.gates.target.isDown);
      const dead = rig.store.deadLetters.recent(9).map(({ scene_id }) => scene_id);
      const isLeft = left.includes(Number(effect.status));
      if (isRefused) assertEquals(dead, isLeft ? [] : ["1"]);
      else assert(dead.every((id) => id === "1"), dead.join());
      assertEquals(rig.store.of(TARGET).written.latest(99).length >= SCENES - 1, true);
      memory.assertBounded();
    });
  }
}
