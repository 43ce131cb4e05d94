import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { json, serve } from "../target/plex/stub_server.ts";
import { startSimStash, type StashVersion } from "../sim/stash/server.ts";
import { clientOf } from "./stash_fixture.ts";

const ALL = ["scene", "file", "performer", "studio", "tag"];
const WITHOUT_FILES = ["scene", "performer", "studio", "tag"];

const VERSIONS: { version: StashVersion; changes: string[] }[] = [
  { version: "0.27", changes: WITHOUT_FILES },
  { version: "0.30", changes: ALL },
  { version: "0.31", changes: ALL },
];

for (const { version, changes } of VERSIONS) {
  Deno.test(`capabilities() of Stash ${version}: ${changes.join(", ")}`, async () => {
    const stash = await startSimStash({ version });
    try {
      const client = clientOf(stash, { apiKey: stash.apiKey });
      assertEquals<unknown>(await client.capabilities(), { changes, jobs: true });
      assertEquals(stash.requests().length, 1);
      // All that it promises is really understood.
      const asks = (await client.capabilities()).changes.map((kind) => ({ kind, after: "2026" }));
      for await (const round of client.changes(asks, 10)) {
        assertEquals<unknown>([...round.stamps.keys()], changes);
      }
    } finally {
      await stash.close();
    }
  });
}

const names = (...list: string[]) => list.map((name) => ({ name }));
const ANSWERS: { when: string; answer: unknown; changes: string[]; jobs: boolean }[] = [
  {
    when: "it knows none of it",
    answer: { data: { SceneFilterType: null, Query: { fields: names("findScenes") } } },
    changes: [],
    jobs: false,
  },
  {
    when: "it is a very old one",
    answer: {
      data: {
        SceneFilterType: { inputFields: names("path", "updated_at") },
        PerformerFilterType: { inputFields: names("name") },
        Query: { fields: names("findScenes", "jobQueue") },
      },
    },
    changes: ["scene"],
    jobs: true,
  },
  {
    when: "its schema is not to be read",
    answer: { data: { SceneFilterType: null }, errors: [{ message: "introspection disabled" }] },
    changes: WITHOUT_FILES,
    jobs: true,
  },
];

for (const { when, answer, changes, jobs } of ANSWERS) {
  Deno.test(`capabilities() is ${changes.join(", ") || "nothing"} when ${when}`, async () => {
    await using stub = serve(() => json(answer));
    assertEquals<unknown>(await clientOf(stub).capabilities(), { changes, jobs });
  });
}

Deno.test("capabilities() is the least that v0.27 has when the question is refused", async () => {
  const refusal = { message: "no", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } };
  await using stub = serve(() => Response.json({ errors: [refusal], data: null }, { status: 422 }));
  assertEquals<unknown>((await clientOf(stub).capabilities()).changes, WITHOUT_FILES);
});

Deno.test("capabilities() rejects while Stash does not answer, and guesses nothing", async () => {
  await using stub = serve(() => new Response(null, { status: 502 }));
  const error = await assertRejects(() => clientOf(stub).capabilities(), PlexsyncError);
  assertEquals(error.type, "StashUnavailable");
});

const job = (id: string, status: string, description: string) => ({
  id,
  status,
  description,
  startTime: "2026-01-10T21:14:03+01:00",
});
const SCAN = job("4", "RUNNING", "Scanning...");
const QUEUES: { queue: unknown; scan: string | null }[] = [
  { queue: null, scan: null },
  { queue: [], scan: null },
  { queue: [job("1", "READY", "Scanning...")], scan: null },
  { queue: [job("1", "STOPPING", "Scanning...")], scan: null },
  { queue: [job("1", "RUNNING", "Generating...")], scan: null },
  { queue: [job("1", "RUNNING", "Running plugin task: Scanning")], scan: null },
  { queue: [job("1", "RUNNING", "Cleaning..."), SCAN], scan: "4 2026-01-10T21:14:03+01:00" },
];

for (const { queue, scan } of QUEUES) {
  Deno.test(`runningScan() is ${scan} for ${JSON.stringify(queue)}`, async () => {
    await using stub = serve(() => json({ data: { jobQueue: queue } }));
    assertEquals(await clientOf(stub).runningScan(), scan);
  });
}
