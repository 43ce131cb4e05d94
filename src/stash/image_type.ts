/** First bytes of the kinds of images that a cover may have; `?` is any byte. */
const HEADS: readonly (readonly [head: string, type: string])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["RIFF????WEBP", "image/webp"],
  ["????ftypavif", "image/avif"],
  ["????ftypavis", "image/avif"],
  ["????ftypmif1", "image/avif"],
  ["????ftyphei", "image/heic"],
  ["\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"],
  ["\xff\x0a", "image/jxl"],
  ["BM????\x00\x00\x00\x00", "image/bmp"],
  ["II*\x00", "image/tiff"],
  ["MM\x00*", "image/tiff"],
];

const LONGEST = Math.max(...HEADS.map(([head]) => head.length));

/**
 * The media type of an image by its first bytes, whatever it was said to be; null for what is none:
 * a page of a proxy, or a damaged file. Stash itself knows no AVIF, and calls it a stream of bytes.
 */
export function imageType(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, LONGEST));
  const isOf = (head: string) =>
    start.length >= head.length && [...head].every((each, n) => each === "?" || each === start[n]);
  return HEADS.find(([head]) => isOf(head))?.[1] ?? null;
}
