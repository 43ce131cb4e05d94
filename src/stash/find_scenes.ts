import { contentError, graphqlError } from "./classify.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { type Fields, fields } from "./read_scene.ts";

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
