/** What the tests of the simulated server share: a server per test, and a bare client. */
import { type SimPlex, type SimPlexOptions, startSimPlex } from "./server.ts";

/** A row of a JSON answer. */
export interface JsonRow {
  // deno-lint-ignore no-explicit-any -- answers are looked into member by member
  [key: string]: any;
}

export interface TestClient {
  sim: SimPlex;
  /** One request with the owner's token and JSON accepted, unless headers say otherwise. */
  send(method: string, target: string, init?: RequestInit): Promise<Response>;
  /** The MediaContainer of a GET. */
  get(target: string): Promise<JsonRow>;
  /** The only row of a detail request. */
  item(ratingKey: string): Promise<JsonRow>;
  /** A PUT with these parameters, encoded once; its status. */
  put(path: string, params: Record<string, string>): Promise<number>;
}

/** Runs a test against its own server and closes it. */
export async function withSim(
  options: SimPlexOptions,
  test: (client: TestClient) => Promise<void>,
): Promise<void> {
  const sim = await startSimPlex(options);
  try {
    await test(clientOf(sim));
  } finally {
    await sim.close();
  }
}

function clientOf(sim: SimPlex): TestClient {
  const send = (method: string, target: string, init: RequestInit = {}) =>
    fetch(sim.url + target, {
      ...init,
      method,
      headers: { "X-Plex-Token": sim.token, Accept: "application/json", ...init.headers },
    });
  const get = async (target: string): Promise<JsonRow> => {
    const response = await send("GET", target);
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${target}: ${response.status}`);
    return JSON.parse(text).MediaContainer;
  };
  return {
    sim,
    send,
    get,
    item: async (ratingKey) => (await get(`/library/metadata/${ratingKey}`)).Metadata[0],
    put: async (path, params) => {
      const query = Object.entries(params).map(([key, value]) =>
        `${encodeURIComponent(key)}=${encodeURIComponent(value)}`
      ).join("&");
      return await status(send("PUT", `${path}?${query}`));
    },
  };
}

/** Status of an answer whose body does not matter. */
export async function status(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.body?.cancel();
  return response.status;
}

/** A file in the default section. */
export function file(name: string, extra: { size?: number; optimized?: boolean } = {}) {
  return { path: `/data/scenes/${name}`, size: 1000, durationMs: 60_000, ...extra };
}

/** Items named after one file each. */
export function scenes(...names: string[]) {
  return names.map((name) => ({ files: [file(`${name}.mp4`)] }));
}

/** Titles of the rows of a container, in order. */
export function titles(container: JsonRow): string[] {
  return (container.Metadata ?? []).map((row: JsonRow) => row.title);
}

/** Texts of the tags of a row. */
export function tags(row: JsonRow, array: string): string[] {
  return (row[array] ?? []).map((tag: JsonRow) => tag.tag);
}
