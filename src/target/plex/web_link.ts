/**
 * The page of an item in the web app that each Plex has.
 * @param url Of the server, without a slash at the end
 * @param server Its machine identifier
 * @param item Its ratingKey
 */
export function webLink(url: string, server: string, item: string): string {
  const key = encodeURIComponent(`/library/metadata/${item}`);
  return `${url}/web/index.html#!/server/${encodeURIComponent(server)}/details?key=${key}`;
}
