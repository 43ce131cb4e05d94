/** What the Stash client tests share: a client for a stub, and GraphQL requests read back. */
import {
  createStashClient,
  type StashClient,
  type StashClientOptions,
} from "../../src/stash/client.ts";
import type { Seen } from "../target/plex/stub_server.ts";

export const API_KEY = "eyJhbGciOi.s3cret";

export function clientOf(
  { url }: { url: string },
  options: Partial<StashClientOptions> = {},
): StashClient {
  return createStashClient({
    url,
    apiKey: API_KEY,
    fetch,
    connectTimeoutMs: 5_000,
    readTimeoutMs: 5_000,
    ...options,
  });
}

/** The variables of `findScenes`; those of `scenes()` are its aliases and ids instead. */
interface Variables {
  filter: { page?: number; per_page: number; sort?: string; direction?: string };
  scenes?: {
    id?: { value: number; modifier: string };
    updated_at?: { value: string; modifier: string };
  };
}

export interface GraphqlRequest {
  query: string;
  variables: Variables;
}

export function graphqlOf(request: Seen): GraphqlRequest {
  return JSON.parse(new TextDecoder().decode(request.body));
}

export async function collect<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of walk) all.push(each);
  return all;
}
