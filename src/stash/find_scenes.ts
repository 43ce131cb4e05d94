import { contentError, graphqlError } from "./classify.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { type Fields, fields } from "./read_scene.ts";
import { type ListSource, readSpared } from "./spared_page.ts";

/**
 * One page of scenes, as Stash gives them.
 * @param counted Asks for the count too, which costs Stash a query of its own
 */
export async function findScenes(
  http: StashHttp,
  request: StashRequest,
  variables: { filter: Fields; scenes?: Fields },
  { counted = false, wanted = "id updated_at" } = {},
): Promise<{ scenes: unknown[]; count: number | null }> {
  const document = `query ($filter: FindFilterType, $scenes: SceneFilterType) {
  findScenes(filter: $filter, scene_filter: $scenes) {
    ${counted ? "count " : ""}scenes { ${wanted} }
  }
}`;
  const { data, errors } = await http.query(request, document, { ...variables });
  if (errors.length > 0) throw graphqlError(request.action, errors);
  const found = fields(data.findScenes);
  if (found === null || !Array.isArray(found.scenes)) throw contentError(request.action);
  const { count, scenes } = found;
  const isCount = typeof count === "number" && Number.isSafeInteger(count) && count >= 0;
  return { scenes, count: isCount ? count : null };
}

/** Enough to know which scene it is, and what is unique among files. */
const RESTS = ["id files { path size duration }", "id"] as const;

/**
 * One page of scenes, with an `UnreadRow` for each that Stash cannot give.
 * @param place The page, with `order` for its sort and `scenes` for its filter
 */
export function findSpared(
  source: ListSource,
  request: StashRequest,
  place: { page: number; size: number; order: Fields; scenes?: Fields },
  wanted = "id updated_at",
): Promise<unknown[]> {
  const { order, scenes = {} } = place;
  const list = {
    what: "scene",
    wanted,
    rests: RESTS.filter((rest) => rest === "id" ? wanted !== "id" : wanted.includes("files")),
    ask: async (page: number, size: number, wanted: string, isWhole: boolean) => {
      const filter = isWhole ? { sort: "id", direction: "ASC" } : order;
      const variables = {
        filter: { page, per_page: size, ...filter },
        scenes: isWhole ? {} : scenes,
      };
      return (await findScenes(source.http, request, variables, { wanted })).scenes;
    },
  };
  return readSpared(source, list, place.page, place.size, request.signal);
}
