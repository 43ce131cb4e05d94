import { dateOf } from "../../core/http/bounded_fetch.ts";
import { SECOND_MS } from "../../core/time/duration.ts";
import type { PlexHttp } from "./http.ts";
import { number, type Row, rows, text, whole } from "./lenient.ts";

/** What of a section is listed. */
export interface Listed {
  sectionId: string;
  /** With its query; the place and the size are headers. */
  path: string;
}

export interface Page {
  rows: Row[];
  /** Where the rows stand, as Plex says; it may ignore what was asked. */
  start: number;
  /** So many rows were asked for. */
  asked: number;
  /** null where Plex gives none that can be one. */
  totalSize: number | null;
  /** By Plex's own clock, in seconds. */
  now: number;
}

/** The rows of a listing from a place on, `size` at most; with 0 they are only counted. */
export async function readPage(
  http: PlexHttp,
  { sectionId, path }: Listed,
  start: number,
  size: number,
): Promise<Page> {
  const { container, headers } = await http.container({
    method: "GET",
    path,
    action: size === 1
      ? `list row ${start + 1} of section ${sectionId}`
      : `list section ${sectionId}`,
    subject: "section",
    // Both of them: a size without a start has been ignored.
    headers: { "X-Plex-Container-Start": String(start), "X-Plex-Container-Size": String(size) },
  });
  const found = rows(container.Metadata);
  const now = (dateOf(headers) ?? http.now()) / SECOND_MS;
  const said = number(container.offset) ?? number(headers.get("x-plex-container-start"));
  const totalSize = count(container.totalSize) ?? count(headers.get("x-plex-container-total-size"));
  return { rows: found, start: said ?? start, asked: size, totalSize, now };
}

function count(value: unknown): number | null {
  const found = whole(value);
  return found !== null && found >= 0 ? found : null;
}

/** "" for a row without one, and for none. */
export function keyOf(item: Row | undefined): string {
  return text(item?.ratingKey);
}
