/**
 * Whether Plex shows what Stash holds, told without any of the product's code: title (or the
 * file's stem), studio, summary, date, performers as actors, tags as genres, the studio as
 * collection, and the scene's cover as poster and background.
 */
import { createHash } from "node:crypto";
import type { SimItemView, SimPlex } from "../sim/plex/server.ts";
import type { SceneView, SimStash } from "../sim/stash/server.ts";

/** Where the same files are, for each of the servers. */
export interface Roots {
  stashRoot?: string;
  plexRoot?: string;
}

/** Tags that a person added in Plex, by ratingKey: they have to stay. */
export type Added = ReadonlyMap<string, { genres: string[]; collections: string[] }>;

/** One line per difference; scenes without an item of the same path are passed over. */
export async function differences(
  stash: SimStash,
  plex: SimPlex,
  { stashRoot = "", plexRoot = stashRoot }: Roots = {},
  added: Added = new Map(),
): Promise<string[]> {
  const byFile = new Map(plex.items().flatMap((item) => item.files.map((file) => [file, item])));
  const pairs = stash.scenes().flatMap((scene) => {
    const path = scene.files[0]?.path ?? "";
    const item = byFile.get(plexRoot + path.slice(stashRoot.length));
    return item === undefined ? [] : [{ scene, item }];
  });
  const covers = await coversOf(stash, pairs.map(({ scene }) => scene.id));
  return pairs.flatMap(({ scene, item }) => {
    const want = wanted(scene, covers.get(scene.id) ?? null);
    const own = added.get(item.ratingKey);
    want.genres = names([...want.genres ?? [], ...own?.genres ?? []]);
    want.collections = names([...want.collections ?? [], ...own?.collections ?? []]);
    return different(want, shown(item)).map((line) => `scene ${scene.id}: ${line}`);
  });
}

/** How many scenes have an item of the same path. */
export function matched(stash: SimStash, plex: SimPlex): number {
  const files = new Set(plex.items().flatMap((item) => item.files));
  return stash.scenes().filter((scene) => files.has(scene.files[0]?.path ?? "")).length;
}

type Face = Record<string, string | string[] | null>;

function wanted(scene: SceneView, cover: string | null): Face {
  const studio = plain(scene.studio?.name);
  return {
    title: plain(scene.title) || plain(stem(scene.files[0]?.path ?? "")),
    studio,
    summary: plain(scene.details),
    date: fullDate(scene.date),
    actors: names(scene.performers.map(({ name }) => name)),
    genres: names(scene.tags.map(({ name }) => name)),
    collections: names(studio === "" ? [] : [studio]),
    poster: cover,
    background: cover,
  };
}

function shown(item: SimItemView): Face {
  return {
    title: plain(item.title),
    studio: plain(item.studio),
    summary: plain(item.summary),
    date: plain(item.originallyAvailableAt),
    actors: names(item.actors),
    genres: names(item.genres),
    collections: names(item.collections),
    poster: item.poster,
    background: item.art,
  };
}

function different(want: Face, have: Face): string[] {
  return Object.keys(want).flatMap((field) => {
    const [left, right] = [JSON.stringify(want[field]), JSON.stringify(have[field])];
    return left === right ? [] : [`${field} is ${right}, should be ${left}`];
  });
}

function plain(text: string | null | undefined): string {
  return (text ?? "").replaceAll(/\r\n?/g, "\n").trim();
}

function stem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.replace(/\.[^.]+$/, "");
}

function fullDate(date: string | null): string {
  if (date === null) return "";
  return `${date}-01-01`.slice(0, "YYYY-MM-DD".length);
}

/** As a set in which letter case says nothing. */
function names(list: readonly string[]): string[] {
  return [...new Set(list.map((name) => name.trim().toLowerCase()))].sort();
}

const COVERS_AT_ONCE = 50;

/** SHA-1 of each scene's picture. */
async function coversOf(stash: SimStash, ids: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < ids.length; at += COVERS_AT_ONCE) {
    await Promise.all(
      ids.slice(at, at + COVERS_AT_ONCE).map(async (id) => {
        const answer = await fetch(`${stash.url}/scene/${id}/screenshot`, {
          headers: { ApiKey: stash.apiKey },
        });
        const bytes = new Uint8Array(await answer.arrayBuffer());
        // Stash has its own drawing for a scene without a cover.
        if (answer.headers.get("content-type") === "image/svg+xml") return;
        found.set(id, createHash("sha1").update(bytes).digest("hex"));
      }),
    );
  }
  return found;
}
