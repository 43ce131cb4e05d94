/** What a Plex does when it does not do what it should. */
import type { FaultCase } from "./fault_case.ts";
import type { World } from "./world.ts";

const HTML_ERROR = "<html><head><title>Oops</title></head><body><h1>500</h1></body></html>";
const GARBAGE = "\u0000\u0001garbage\u001b[31m\r\n\tat nowhere:1";
const ITEMS = "^/library/metadata/\\d";
const JSON_TYPE = "application/json";
const TEMPORARY = ["retried PlexTemporaryError", "dead PlexTemporaryError"];
const PAID: [string, string[]] = ["PlexTemporaryError", TEMPORARY];
const TRANSIENT = ["retried TransientError", "dead TransientError", "done"];

/** The one that takes longest, and so comes first. */
const DEAF: FaultCase = {
  when: "Plex is deaf",
  spoil: (world) => void (world.plex.switches.deaf = true),
  mend: (world) => void (world.plex.switches.deaf = false),
  code: 1,
  says: /Plex is down: Plex answered 200 but did not change/,
  leaves: ["queued"],
};

/** Plex as a whole is not there: nothing is spent, all comes back. */
const DOWN: FaultCase[] = [
  {
    when: "Plex refuses connections",
    spoil: (world) => world.plex.close(),
    mend: (world) => world.reopenPlex(),
    code: 1,
    says: /Plex is down: .*cannot be reached.*jobs stay queued.*hint=/,
    leaves: ["queued"],
  },
  {
    when: "Plex answers 503",
    spoil: (world) => world.plex.setFaults([{ path: ".", status: 503 }]),
    code: 1,
    says: /Plex is down: .*Plex answered 503/,
    leaves: ["queued"],
  },
  {
    when: "Plex migrates its database",
    spoil: (world) => void (world.plex.switches.maintenance = true),
    mend: (world) => void (world.plex.switches.maintenance = false),
    code: 1,
    says: /Plex is down: .*Plex answered 503/,
    leaves: ["queued"],
  },
  ...([400, 503] as const).map((status): FaultCase => ({
    when: `Plex answers writes with ${status}, still starting up`,
    spoil: (world) => void (world.plex.switches.startingUp = status),
    mend: (world) => void (world.plex.switches.startingUp = 0),
    code: 1,
    says: /Plex is down: Cannot edit item \d+: Plex answered/,
    leaves: ["queued"],
  })),
  {
    when: "Plex answers everything with 500",
    spoil: (world) => world.plex.setFaults([{ path: ".", status: 500, body: HTML_ERROR }]),
    code: 1,
    says: /Plex is down: .*Plex answered 500/,
    leaves: ["queued"],
  },
  {
    when: "something else answers with garbage",
    spoil: (world) => world.plex.setFaults([{ path: ".", body: GARBAGE, content_type: JSON_TYPE }]),
    code: 1,
    says: /Plex is down: .*without the expected JSON/,
    leaves: ["queued"],
  },
  {
    when: "a log-in page answers with 200",
    spoil: (world) => world.plex.setFaults([{ path: ".", body: "<html>Log in</html>" }]),
    code: 1,
    says: /Plex is down: .*without the expected JSON/,
    leaves: ["queued"],
  },
  {
    when: "Plex breaks off every answer",
    spoil: (world) => world.plex.setFaults([{ path: ".", close: "body" }]),
    code: 1,
    says: /Plex is down: .*broke off its answer/,
    leaves: ["queued"],
  },
  {
    when: "Plex fails once with 500 at the list of libraries",
    spoil: (world) =>
      world.plex.setFaults([{ path: "^/library/sections$", status: 500, times: 1 }]),
  },
  {
    when: "Plex is silent once at the listing",
    spoil: (world) =>
      world.plex.setFaults([{ path: "/all\\?", method: "GET", hang: true, times: 1 }]),
  },
  {
    when: "Plex falls silent in the middle of the listing",
    spoil: (world) =>
      world.plex.setFaults([{ path: "/all\\?", method: "GET", hang: "body", times: 1 }]),
  },
  {
    // Those of all scenes: where others succeed, a lost answer is the item's own failure.
    when: "four edits are done but their answers are lost",
    spoil: (world) =>
      world.plex.setFaults([
        { path: ".", method: "PUT", close: true, applied: true, times: 4 },
      ]),
  },
];

/** A person has to do something: nothing is spent either. */
const NEEDS_PERSON: FaultCase[] = [
  {
    when: "Plex answers 401",
    spoil: (world) => world.plex.setFaults([{ path: ".", status: 401 }]),
    code: 1,
    says: /Needs attention: .*Plex answered 401.*hint="[^"]*plex_token/,
    leaves: ["queued"],
  },
  {
    when: "Plex answers 403",
    spoil: (world) => world.plex.setFaults([{ path: ".", status: 403 }]),
    code: 1,
    says: /Needs attention: .*Plex answered 403.*hint="[^"]*token/,
    leaves: ["queued"],
  },
  {
    when: "Plex answers 404, for it is none",
    spoil: (world) => world.plex.setFaults([{ path: ".", status: 404 }]),
    code: 1,
    says: /Needs attention: .*Plex answered 404.*hint="[^"]*plex_url/,
    leaves: ["queued"],
  },
];

/** Some requests fail: the jobs concerned are retried, wait, or die with the reason. */
const SINGLE: FaultCase[] = [
  {
    when: "the token may not write",
    spoil: (world) => world.plex.setFaults([{ path: ".", method: "PUT", status: 403 }]),
    says: /Scene \d: given up.*Plex answered 403.*hint="[^"]*owner/,
    leaves: ["dead PlexPermanentError", "queued"],
    counts: "PlexPermanentError",
  },
  {
    when: "Plex answers 404 to every edit of items that it shows",
    spoil: (world) => world.plex.setFaults([{ path: ".", method: "PUT", status: 404 }]),
    says:
      /Scene \d: given up.*Plex answered 404, and shows the item.*hint="[^"]*stands before Plex/,
    leaves: ["dead PlexPermanentError", "queued"],
    counts: "PlexPermanentError",
  },
  {
    when: "one edit fails with 500",
    spoil: (world) => world.plex.setFaults([{ path: ".", method: "PUT", status: 500, times: 1 }]),
    says: /Scene \d: .*Cannot edit item \d: Plex answered 500/,
    leaves: [...TEMPORARY, "done"],
    counts: "PlexTemporaryError",
  },
  ...[500, 429].map((status): FaultCase => ({
    when: `every edit fails with ${status}`,
    spoil: (world) => world.plex.setFaults([{ path: ".", method: "PUT", status }]),
    code: 1,
    says: /Plex is down: Cannot edit item/,
    leaves: ["queued"],
  })),
  ...(["database_locked", "disk_full"] as const).map((writesFail): FaultCase => ({
    when: `Plex reads and cannot write: ${writesFail}`,
    spoil: (world) => void (world.plex.switches.writesFail = writesFail),
    mend: (world) => void (world.plex.switches.writesFail = "no"),
    code: 1,
    says: /Plex is down: Cannot edit item/,
    leaves: ["queued"],
  })),
  {
    when: "items are answered with garbage",
    spoil: (world) =>
      world.plex.setFaults([{ path: ITEMS, body: GARBAGE, content_type: JSON_TYPE }]),
    code: 1,
    says: /Plex is down: Cannot read item/,
    leaves: ["queued"],
  },
  {
    when: "items are answered with half a JSON",
    spoil: (world) =>
      world.plex.setFaults([
        { path: ITEMS, body: '{"MediaContainer":{"size":4,"Meta', content_type: JSON_TYPE },
      ]),
    code: 1,
    says: /Plex is down: Cannot read item/,
    leaves: ["queued"],
  },
  {
    when: "items are cut off",
    spoil: (world) => world.plex.setFaults([{ path: ITEMS, close: "body" }]),
    code: 1,
    says: /Plex is down: Cannot read item/,
    leaves: ["queued"],
  },
  {
    when: "Plex falls silent once in the middle of an item",
    spoil: (world) => world.plex.setFaults([{ path: ITEMS, hang: "body", times: 1 }]),
  },
  {
    when: "Plex takes an edit and never answers",
    spoil: (world) =>
      world.plex.setFaults([{ path: ".", method: "PUT", hang: true, applied: true, times: 1 }]),
    leaves: TRANSIENT,
    counts: "TransientError",
  },
  {
    when: "Plex never answers an edit, nor does it",
    spoil: (world) => world.plex.setFaults([{ path: ".", method: "PUT", hang: true, times: 1 }]),
    leaves: TRANSIENT,
    counts: "TransientError",
  },
  {
    when: "one URL is too long for Plex",
    spoil: (world) => world.plex.setFaults([{ path: ".", method: "PUT", status: 414, times: 1 }]),
  },
  {
    when: "images are too large for a proxy",
    spoil: (world) => world.plex.setFaults([{ path: "/posters$", method: "POST", status: 413 }]),
    // Such a cover is told of and left alone until it changes; all else is written.
    says: /Scene 1: wrote .*title.*poster: .*413.*until the cover changes/,
    async mend(world) {
      const ids = world.stash.scenes().map(({ id }) => id);
      world.stash.upsert(ids.map((id) => ({ id, cover: btoa(`\x89PNG\r\n\x1a\n${id}`) })));
      await world.expect(0, "sync", "--scene", ids.join());
    },
  },
];

/** Three requests of others prove that Plex itself is well: there are four scenes. */
function single(
  when: string,
  rule: Record<string, unknown>,
  counts: string,
  leaves: readonly string[],
): FaultCase {
  return {
    when,
    spoil: (world) => world.plex.setFaults([{ item: firstItem(world), ...rule }]),
    leaves: [...leaves, "done"],
    counts,
  };
}

function firstItem(world: World): string {
  const path = world.stash.scenes().find(({ id }) => id === "1")!.files[0]!.path;
  return world.plex.items().find(({ files }) => files.includes(path))!.ratingKey;
}

/** One item is the matter: it pays alone, and the others are done. */
const ONE_ITEM: FaultCase[] = [
  ...[{ status: 502 }, { status: 503 }, { status: 504 }, { close: true }].flatMap((effect) => {
    const how = JSON.stringify(effect);
    return [
      single(`the edits of one item meet ${how}`, { route: "edit", ...effect }, ...PAID),
      single(`the reads of one item meet ${how}`, { route: "item", ...effect }, ...PAID),
      single(`the uploads for one item meet ${how}`, { route: "upload", ...effect }, ...PAID),
    ];
  }),
  single("reads of one item hang", { route: "item", hang: true }, ...PAID),
  ...["edit", "item"].map((route) =>
    single(
      `a proxy answers 401 to one item's ${route} requests`,
      { route, status: 401 },
      "PlexPermanentError",
      ["dead PlexPermanentError"],
    )
  ),
];

export const PLEX_FAULTS: readonly FaultCase[] = [
  DEAF,
  ...DOWN,
  ...NEEDS_PERSON,
  ...SINGLE,
  ...ONE_ITEM,
];
