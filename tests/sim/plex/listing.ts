/** The container of a listing, with the trimming that clients may ask for. */
import { type Answer, container, htmlError, type SimCall } from "./answer.ts";
import { sectionMeta } from "./meta.ts";
import type { SimCollection, SimItem, SimRecord, SimSection } from "./model.ts";
import type { Page } from "./paging.ts";
import { collectionRow, itemRow, type RowOptions } from "./rows.ts";
import { type Row, XML_NAME } from "./wire.ts";
import type { World } from "./world.ts";

/** @param page undefined when paging parameters are missing where they are required */
export function listAnswer(
  world: World,
  call: SimCall,
  section: SimSection,
  page: Page<SimRecord> | undefined,
  includeMeta = false,
): Answer {
  if (page === undefined) return htmlError(400);
  return container({
    size: page.rows.length,
    ...page.attributes,
    allowSync: call.owner,
    identifier: "com.plexapp.plugins.library",
    librarySectionID: Number(section.key),
    librarySectionTitle: section.title,
    librarySectionUUID: section.uuid,
    title1: section.title,
    viewGroup: section.type,
    ...(includeMeta && sectionMeta(section)),
    Metadata: rowsOf(world, call, page.rows),
  }, page.headers);
}

/** Rows of items and collections as the request wants them. */
export function rowsOf(
  world: World,
  call: SimCall,
  records: readonly SimRecord[],
  detail = false,
): Row[] {
  const options: RowOptions = {
    detail,
    includeGuids: call.query.flag("includeGuids"),
    checkFiles: call.query.flag("checkFiles"),
    includePreferences: call.query.flag("includePreferences"),
  };
  return records.map((record) => {
    const row = record.type === "collection"
      ? collectionRow(world, record as SimCollection, options)
      : itemRow(world, record as SimItem, options);
    return trim(call, row);
  });
}

/** `includeFields` is not here: without an API version it means "add optional ones". */
function trim(call: SimCall, row: Row): Row {
  const excludedFields = new Set(call.query.list("excludeFields"));
  const excludedElements = new Set(call.query.list("excludeElements"));
  const wanted = call.query.list("includeElements");
  if (excludedFields.size + excludedElements.size + wanted.length === 0) return row;
  const kept = Object.entries(row).filter(([name, value]) => {
    if (!Array.isArray(value)) return !excludedFields.has(name);
    return !excludedElements.has(name) && (wanted.length === 0 || wanted.includes(name));
  });
  return { [XML_NAME]: row[XML_NAME], ...Object.fromEntries(kept) };
}
