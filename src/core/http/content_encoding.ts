/** What a server may have packed an answer with although it was asked not to. */
const FORMATS: Readonly<Record<string, CompressionFormat>> = {
  "gzip": "gzip",
  "x-gzip": "gzip",
  "deflate": "deflate",
};

/**
 * A piece is unpacked as a whole, and may become a thousand times as large: so little at a time
 * keeps what is unpacked within a megabyte or so of what was asked for.
 */
const PIECE_BYTES = 1024;

/** How the bytes of an answer are packed; "" when they are as they are. */
export function packingOf(headers: Headers): string {
  const encoding = (headers.get("content-encoding") ?? "").trim().toLowerCase();
  return encoding === "identity" ? "" : encoding;
}

/**
 * The body of an answer as it was before it was packed, unpacked no faster than it is read.
 * @param packing `packingOf` the answer
 * @returns null for a packing that is not known
 */
export function unpack(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  packing: string,
): ReadableStream<Uint8Array> | null {
  if (packing === "") return body;
  const format = FORMATS[packing];
  if (format === undefined) return null;
  return body.pipeThrough(smallPieces()).pipeThrough(new DecompressionStream(format));
}

function smallPieces(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        controller.enqueue(chunk.subarray(at, at + PIECE_BYTES));
      }
    },
  });
}
