import { valueKey } from "../../core/sync/fields.ts";
import { assertNumericIds } from "./edit_query.ts";
import type { PlexHttp } from "./http.ts";
import { imageCalls } from "./images.ts";
import { flag, number, type Row, rows, text } from "./lenient.ts";

export interface CollectionCalls {
  /** See `Target.cherished`. Plex removes a collection with its last member. */
  cherished(sectionId: string, leaving: ReadonlyMap<string, number>): Promise<Map<string, number>>;
}

/** A library of 500 collections is large. */
const PAGE_SIZE = 500;
/** No server gets to keep a listing going for ever. */
const MAX_PAGES = 1_000;

export function collectionCalls(http: PlexHttp): CollectionCalls {
  const { posters } = imageCalls(http);

  return {
    async cherished(sectionId, leaving) {
      const names = new Map([...leaving.keys()].map((name) => [keyOf(name), name]));
      const found = new Map<string, number>();
      for await (const collection of collectionsOf(http, sectionId)) {
        const name = names.get(keyOf(text(collection.title)));
        // What is in a smart one is no tag, and it stays when it is empty.
        if (name === undefined || flag(collection.smart)) continue;
        const members = number(collection.childCount) ?? 0;
        if (members > leaving.get(name)!) continue;
        if (await isEdited(collection)) found.set(name, members);
      }
      return found;
    },
  };

  /** The listing shows texts and order; locks, labels and images have to be asked for. */
  async function isEdited(listed: Row): Promise<boolean> {
    if (isArranged(listed)) return true;
    const id = text(listed.ratingKey);
    assertNumericIds(id);
    const { container } = await http.container({
      action: `read collection ${id}`,
      subject: "section",
      method: "GET",
      path: `/library/metadata/${id}?skipRefresh=1`,
    });
    const [detail = listed] = rows(container.Metadata);
    if (isArranged(detail) || rows(detail.Label).length > 0) return true;
    if (rows(detail.Field).some((field) => flag(field.locked))) return true;
    for (const kind of ["poster", "background"] as const) {
      // One that was made by a tag shows its members.
      const images = await posters(id, kind);
      if (images.some(({ ratingKey }) => ratingKey.startsWith("upload://"))) return true;
    }
    return false;
  }
}

/** Whether it has what one that was made by a tag has not. */
function isArranged(collection: Row): boolean {
  const mode = number(collection.collectionMode) ?? -1;
  const sort = number(collection.collectionSort) ?? 0;
  return text(collection.summary) !== "" || mode !== -1 || sort !== 0 ||
    isSortedElsewhere(text(collection.title), text(collection.titleSort));
}

/** Whether it has a sort title that is not only its title without the article. */
function isSortedElsewhere(title: string, titleSort: string): boolean {
  return titleSort !== "" && !title.toLowerCase().endsWith(titleSort.toLowerCase());
}

async function* collectionsOf(http: PlexHttp, sectionId: string): AsyncGenerator<Row> {
  assertNumericIds(sectionId);
  let start = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { container } = await http.container({
      action: `list the collections of section ${sectionId}`,
      subject: "section",
      method: "GET",
      path: `/library/sections/${sectionId}/collections`,
      headers: {
        "X-Plex-Container-Start": String(start),
        "X-Plex-Container-Size": String(PAGE_SIZE),
      },
    });
    const found = rows(container.Metadata);
    yield* found;
    start += found.length;
    // No total means that Plex did not page: the answer is the whole list.
    const total = number(container.totalSize) ?? start;
    if (found.length === 0 || start >= total) return;
  }
}

function keyOf(name: string): string {
  return valueKey("names", name);
}
