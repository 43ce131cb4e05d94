/** What a metadata refresh does to an item: unlocked fields go back, locked ones stay. */
import { type FieldName, type SimItem, type TagKind } from "./model.ts";
import { titleFromFile } from "./paths.ts";
import type { World } from "./world.ts";

const FIELDS: FieldName[] = [
  "titleSort",
  "originalTitle",
  "studio",
  "summary",
  "tagline",
  "contentRating",
  "originallyAvailableAt",
];
const TAGS: TagKind[] = ["genre", "actor", "director", "writer", "producer", "country"];

/** The agent knows nothing but the file name, like that of a library of personal media. */
export function agentRefresh(world: World, item: SimItem): void {
  const free = (name: string) => !item.locked.has(name);
  const file = item.media[0]?.parts[0]?.file;
  if (free("title") && file !== undefined) item.values.title = titleFromFile(file);
  for (const field of FIELDS) if (free(field)) delete item.values[field];
  if (free("originallyAvailableAt")) delete item.year;
  for (const kind of TAGS) if (free(kind)) world.tags.assign(item, kind, []);
  if (free("thumb")) world.images.reset(item.ratingKey, "posters");
  if (free("art")) world.images.reset(item.ratingKey, "arts");
  world.touch(item, true);
}
