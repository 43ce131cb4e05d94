/** What the tests of the simulated Stash share: a server for one test, and raw HTTP. */
import { Buffer } from "node:buffer";
import { type IncomingHttpHeaders, request } from "node:http";
import { type SimStash, type SimStashOptions, startSimStash } from "./server.ts";

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

export interface RawRequest {
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
}

/** One request on a connection of its own: nothing added, followed or unpacked. */
export function raw(url: string, ask: RawRequest = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: "close", ...ask.headers };
    const req = request(url, { method: ask.method ?? "GET", headers, agent: false }, (res) => {
      const parts: Buffer[] = [];
      res.on("data", (part: Buffer) => parts.push(part));
      res.on("error", reject);
      res.on("end", () => {
        const body = Buffer.concat(parts);
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          body,
          text: body.toString(),
        });
      });
    });
    req.on("error", reject);
    req.end(ask.body);
  });
}

export interface GraphqlAnswer {
  status: number;
  // deno-lint-ignore no-explicit-any -- a test reads whatever it asked for
  data: any;
  errors?: { message: string; path?: string[]; extensions?: { code: string } }[];
}

/** A GraphQL call with the key, as a careful client makes it. */
export async function ask(
  stash: SimStash,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlAnswer> {
  const answer = await raw(`${stash.url}/graphql`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      ApiKey: stash.apiKey,
    },
    body: JSON.stringify({ query, variables }),
  });
  return { status: answer.status, ...JSON.parse(answer.text) };
}

/** Starts a server, runs the test, closes it. The clock stands still unless `now` is given. */
export async function withStash(
  options: SimStashOptions,
  body: (stash: SimStash) => Promise<void>,
): Promise<void> {
  const stash = await startSimStash({
    now: () => Date.parse("2026-11-22T12:00:00.750Z"),
    ...options,
  });
  try {
    await body(stash);
  } finally {
    await stash.close();
  }
}

/** Ids that a scene filter lets through, in id order. */
export async function idsOf(
  stash: SimStash,
  sceneFilter: Record<string, unknown>,
  filter: Record<string, unknown> = { per_page: -1, sort: "id" },
): Promise<string[]> {
  const query = `query($f: FindFilterType, $s: SceneFilterType) {
    findScenes(filter: $f, scene_filter: $s) { count scenes { id } }
  }`;
  const { data, errors } = await ask(stash, query, { f: filter, s: sceneFilter });
  if (errors !== undefined) throw new Error(errors.map((error) => error.message).join("; "));
  return data.findScenes.scenes.map((scene: { id: string }) => scene.id);
}
