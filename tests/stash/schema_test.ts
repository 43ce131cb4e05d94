import { assertEquals } from "@std/assert";
import { buildClientSchema, type GraphQLSchema, parse, validate } from "graphql";
import { ENTITY_KINDS } from "../../src/core/sync/scene.ts";
import { CHANGE_KINDS } from "../../src/stash/changes.ts";
import type { StashClient } from "../../src/stash/client.ts";
import { buildStashSchema } from "../sim/stash/schema.ts";
import { startSimStash } from "../sim/stash/server.ts";
import { clientOf } from "./stash_fixture.ts";

/** Every call of the client, so that each of its documents is sent. */
const CALLS: Readonly<Record<keyof StashClient, (client: StashClient) => Promise<unknown>>> = {
  scenes: (client) => client.scenes(["1", "2"]),
  scenesUpdatedAfter: (client) => Array.fromAsync(client.scenesUpdatedAfter("2026", 1)),
  changes: async (client) => {
    for (const after of [null, "2026"]) {
      const asks = CHANGE_KINDS.map((kind) => ({ kind, after }));
      await Array.fromAsync(client.changes(asks, 1));
    }
  },
  capabilities: (client) => client.capabilities(),
  runningScan: (client) => client.runningScan(),
  scenesAfter: (client) => client.scenesAfter(0, 1),
  allSceneIds: (client) => Array.fromAsync(client.allSceneIds(1)),
  scenesOf: (client) =>
    Promise.all(ENTITY_KINDS.map((kind) => client.scenesOf({ kind, id: "1" }, 0, 1))),
  newestUpdatedAt: (client) => client.newestUpdatedAt(),
  sceneCount: (client) => client.sceneCount(),
  version: (client) => client.version(),
  systemStatus: (client) => client.systemStatus(),
  screenshot: (client) => client.screenshot("1"),
};

const PUBLISHED = new URL(
  "../../../shared/reference/stash-schema/introspection.json",
  import.meta.url,
);

/** undefined when it is not at hand. */
function readPublished(): GraphQLSchema | undefined {
  try {
    return buildClientSchema(JSON.parse(Deno.readTextFileSync(PUBLISHED)).data);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotCapable) return;
    throw cause;
  }
}

/** All documents that the client sends, each once. */
async function documents(): Promise<string[]> {
  const stash = await startSimStash({
    scenes: [1, 2].map((n) => ({
      title: `Scene ${n}`,
      performers: [`P ${n}`],
      studio: `S ${n}`,
      tags: [`T ${n}`],
      files: [{ path: `/data/${n}.mp4` }],
    })),
  });
  const found = new Set<string>();
  try {
    const client = clientOf(stash, {
      apiKey: stash.apiKey,
      fetch: (input, init) => {
        if (typeof init?.body === "string") found.add(JSON.parse(init.body).query);
        return fetch(input, init);
      },
    });
    assertEquals(Object.keys(client).sort(), Object.keys(CALLS).sort());
    // The simulated server refuses what its schema, variables included, does not know.
    for (const call of Object.values(CALLS)) await call(client);
    return [...found];
  } finally {
    await stash.close();
  }
}

function problems(schema: GraphQLSchema, sent: readonly string[]): string[] {
  return sent.flatMap((document) => validate(schema, parse(document)).map(String));
}

Deno.test("every query is one that the simulated Stash understands", async () => {
  const sent = await documents();
  assertEquals(problems(buildStashSchema("0.30"), sent), []);
  assertEquals(problems(buildStashSchema("0.31"), sent), []);
});

const published = readPublished();

Deno.test({
  name: "every query is one that the published schema of Stash knows" +
    (published === undefined ? " (skipped: no introspection file at hand)" : ""),
  ignore: published === undefined,
  fn: async () => {
    const sent = await documents();
    assertEquals(problems(published as GraphQLSchema, sent), []);
    assertEquals(problems(published as GraphQLSchema, ["query { nonsense }"]).length, 1);
  },
});
