/** What a Stash does when it does not do what it should. */
import type { FaultCase } from "./fault_case.ts";

const JSON_TYPE = "application/json";
const locked = JSON.stringify({
  errors: [{ message: "database is locked", path: ["s0"] }],
  data: null,
});
const unknownField = JSON.stringify({
  errors: [{
    message: 'Cannot query field "code" on type "Scene".',
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  }],
  data: null,
});

/** A fault that makes Stash as a whole useless: nothing is spent, all comes back. */
function down(when: string, rule: Record<string, unknown>, says: RegExp): FaultCase {
  return {
    when,
    spoil: (world) => world.stash.setFaults([{ path: ".", ...rule }]),
    code: 1,
    says,
    leaves: ["queued"],
  };
}

/** A fault that passes: one more try in the same run does it. */
function passing(when: string, rule: Record<string, unknown>): FaultCase {
  return { when, spoil: (world) => world.stash.setFaults([{ path: ".", times: 1, ...rule }]) };
}

/** One scene, or its cover, is the matter: it pays alone, and the others are done. */
function single(route: "cover" | "graphql", effect: Record<string, unknown>): FaultCase {
  return {
    when: `Stash answers ${route} requests for one scene with ${JSON.stringify(effect)}`,
    spoil: (world) => world.stash.setFaults([{ route, scene: "1", ...effect }]),
    leaves: ["retried TransientError", "dead TransientError", "done"],
    counts: "TransientError",
  };
}

/** One cover that is refused, or no image, costs its scene nothing but the images. */
function refusedCover(effect: Record<string, unknown>): FaultCase {
  return {
    when: `Stash answers for one cover with ${JSON.stringify(effect)}`,
    spoil: (world) => world.stash.setFaults([{ route: "cover", scene: "1", ...effect }]),
    says:
      /Scene 1: wrote .*poster: Cannot read the cover.*asked for again when the scene is synced/,
    mend: async (world) => void await world.expect(0, "sync", "--scene", "1"),
  };
}

export const STASH_FAULTS: readonly FaultCase[] = [
  {
    when: "Stash refuses connections",
    spoil: (world) => world.stash.close(),
    mend: (world) => world.reopenStash(),
    code: 1,
    says: /Stash is down: .*cannot be reached.*jobs stay queued.*hint=/,
    leaves: ["queued"],
  },
  down("Stash answers 401", { status: 401 }, /Stash answered 401.*hint="[^"]*stash_api_key/),
  down(
    "Stash has locked itself up",
    { status: 403, body: "Stash is exposed\nto the public internet" },
    /Stash answered 403: Stash is exposed to the public internet/,
  ),
  down("Stash answers 500", { status: 500 }, /Stash is down: .*Stash answered 500/),
  down(
    "Stash is too old for the query",
    { status: 422, body: unknownField, content_type: JSON_TYPE },
    /Needs attention: .*Cannot query field.*hint="Stash is older/,
  ),
  down(
    "Stash's database stays locked",
    { body: locked, content_type: JSON_TYPE },
    /Stash is down: .*database is locked/,
  ),
  down(
    "Stash answers a scene with an error",
    {
      body: JSON.stringify({ errors: [{ message: "boom\u001b[31m\n" }], data: { s0: null } }),
      content_type: JSON_TYPE,
    },
    /Stash is down: .*Stash says "boom/,
  ),
  down(
    "something else answers with garbage",
    { body: "\u0000garbage", content_type: JSON_TYPE },
    /Stash is down: .*without the expected JSON.*hint="[^"]*stash_url/,
  ),
  down("Stash breaks off every answer", { close: "body" }, /Stash is down: .*broke off/),
  down("Stash resets every connection", { close: true }, /Stash is down: .*cannot be reached/),
  passing("Stash's database is locked once", { body: locked, content_type: JSON_TYPE }),
  passing("Stash is silent once", { hang: true }),
  passing("Stash falls silent once in the middle of its answer", { hang: "body" }),
  ...[{ status: 502 }, { status: 503 }, { close: true }, { location: "/login" }, { hang: true }]
    .map((effect) => single("cover", effect)),
  ...[{ status: 401 }, { status: 403 }, { status: 413 }, { answer: "garbage" }].map(refusedCover),
  ...[{ status: 500 }, { close: true }, { answer: "large" }, { answer: "wrong_id" }]
    .map((effect) => single("graphql", effect)),
  {
    when: "Stash needs a migration",
    spoil: (world) => world.stash.setSystemState("NEEDS_MIGRATION"),
    mend: (world) => world.stash.setSystemState("OK"),
    code: 1,
    says: /Stash is down: Stash is not ready: .*migration.*hint="[^"]*run the migration/,
    leaves: ["queued"],
  },
  {
    when: "Stash has locked its database, and says that it is well",
    spoil: (world) => world.stash.setDatabase("locked"),
    mend: (world) => world.stash.setDatabase("ok"),
    code: 1,
    says: /Stash is down: .*hint="[^"]*database/,
    leaves: ["queued"],
  },
];
