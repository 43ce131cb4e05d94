/** Picture routes. */
import { createHash } from "node:crypto";
import type { World } from "./world.ts";
import { answer, type HttpAnswer, type HttpRequest } from "./http.ts";
import { coverPng, encodePng } from "./png.ts";

/** Stands for the picture that Stash shows where there is none. */
const NO_PICTURE =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#333"/></svg>`;

const SCENE_PATH = /^\/scene\/([^/]+)\/screenshot$/;
const ENTITY_PATH = /^\/(performer|studio|tag)\/(\d+)\/image$/;

/** @returns undefined when the path is no picture's */
export function answerImage(world: World, request: HttpRequest): HttpAnswer | undefined {
  const scene = SCENE_PATH.exec(request.path);
  const entity = ENTITY_PATH.exec(request.path);
  if (scene === null && entity === null) return undefined;
  if (request.method !== "GET") return answer(405);
  if (scene !== null) {
    const bytes = coverOf(world, scene[1] ?? "");
    return bytes === undefined ? notFound() : picture(bytes, request);
  }
  const kind = entity?.[1] as "performer" | "studio" | "tag";
  if (world.entities.get(kind, Number(entity?.[2])) === undefined) return notFound();
  const stock = kind === "performer" ? encodePng(2, 3, () => 0x999999) : svg();
  return picture(stock, request);
}

/** Bytes as stored, one of its own made on demand, or the default; undefined for no such scene. */
function coverOf(world: World, id: string): Uint8Array | undefined {
  if (!/^\d+$/.test(id)) return undefined;
  // A failure to read is shown as "no picture".
  if (world.systemState !== "OK" || world.database === "locked") return svg();
  const scene = world.db.get("SELECT cover FROM scenes WHERE id = ?", Number(id));
  if (scene === undefined) return undefined;
  if (scene.cover === "generated") return coverPng(Number(id));
  if (scene.cover === "none") return svg();
  const row = world.db.get("SELECT bytes FROM scene_covers WHERE scene_id = ?", Number(id));
  return row?.bytes as Uint8Array;
}

function picture(bytes: Uint8Array, request: HttpRequest): HttpAnswer {
  const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
  const headers: Record<string, string> = {
    ETag: etag,
    "Cache-Control": request.query.has("t") ? "private, max-age=31536000, immutable" : "no-cache",
  };
  const known = (request.header("if-none-match") ?? "").split(",").map((tag) =>
    tag.trim().replace(/^W\//, "")
  );
  if (known.includes(etag) || known.includes("*")) return answer(304, "", headers);
  headers["Content-Type"] = sniff(bytes);
  headers["Accept-Ranges"] = "bytes";
  return ranged(bytes, request.header("range"), headers);
}

/** One range only; any other form gets the whole. */
function ranged(
  bytes: Uint8Array,
  range: string | undefined,
  headers: Record<string, string>,
): HttpAnswer {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
  const [first, last] = [match?.[1] ?? "", match?.[2] ?? ""];
  if (first === "" && last === "") return answer(200, bytes, headers);
  const start = first === "" ? Math.max(0, bytes.length - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes.length : Math.min(bytes.length, Number(last) + 1);
  if (start >= end) return answer(416, "", { "Content-Range": `bytes */${bytes.length}` });
  const part = bytes.subarray(start, end);
  const place = `bytes ${start}-${end - 1}/${bytes.length}`;
  return answer(206, part, { ...headers, "Content-Range": place });
}

/** First bytes of the formats that covers come in, as Go's sniffer knows them. */
function sniff(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  if (head.startsWith("\x89PNG")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  if (head.startsWith("<svg")) return "image/svg+xml";
  return "application/octet-stream";
}

function svg(): Uint8Array {
  return new TextEncoder().encode(NO_PICTURE);
}

function notFound(): HttpAnswer {
  return answer(404, "Not Found\n", { "Content-Type": "text/plain; charset=utf-8" });
}
