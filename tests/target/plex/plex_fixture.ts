/** What the Plex client tests share: a client and a target for a stub, and rows as Plex gives them. */
import type { Edit, ItemRef } from "../../../src/core/sync/item.ts";
import { createPlexClient, type PlexClient } from "../../../src/target/plex/client.ts";
import { editRequests } from "../../../src/target/plex/edit_query.ts";
import { createPlexHttp, type PlexHttpOptions } from "../../../src/target/plex/http.ts";
import { createPlexTarget, type PlexTargetOptions } from "../../../src/target/plex/plex_target.ts";
import type { Target } from "../../../src/target/target.ts";
import { fastRuntime } from "../fast_runtime.ts";
import { json, type Stub } from "./stub_server.ts";

export const TOKEN = "s3cret-Token_42";

const DEFAULTS = {
  token: TOKEN,
  fetch,
  connectTimeoutMs: 5_000,
  readTimeoutMs: 5_000,
  clientIdentifier: "install-1",
  version: "1.2.3",
  runtime: { now: Date.now },
};

export function clientOf(
  { url }: Pick<Stub, "url">,
  options: Partial<PlexHttpOptions> = {},
): PlexClient {
  return createPlexClient(createPlexHttp({ ...DEFAULTS, url, ...options }));
}

export function targetOf(
  { url }: Pick<Stub, "url">,
  options: Partial<PlexTargetOptions> = {},
): Target {
  return createPlexTarget({ ...DEFAULTS, url, runtime: fastRuntime(1), ...options });
}

/** Sends an edit as a server without habits takes it. */
export function putEdit(plex: PlexClient, item: ItemRef, edit: Edit): Promise<void> {
  return plex.put(item, editRequests(item, edit));
}

export function container(members: Record<string, unknown>): Response {
  return json({ MediaContainer: members });
}

/** A listing row with one file. */
export function movie(id: number, members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ratingKey: String(id),
    type: "movie",
    title: `Movie ${id}`,
    addedAt: 1000 + id,
    updatedAt: 2000 + id,
    Media: [{ duration: 60_000, Part: [{ file: `/m/${id}.mp4`, size: id, duration: 59_000 }] }],
    ...members,
  };
}

export async function collect<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of walk) all.push(each);
  return all;
}
