/** Images of items and collections: upload, list, select, read. */
import { type Answer, container, empty, htmlError, type SimCall } from "./answer.ts";
import { IMAGE_LISTS, type ImageList, imageList, imageType, UPLOAD_LIMIT_BYTES } from "./images.ts";
import type { SimRecord } from "./model.ts";
import type { Route } from "./router.ts";
import { imageRows } from "./rows.ts";
import type { World } from "./world.ts";

const PLURALS = Object.keys(IMAGE_LISTS).join("|");
const SINGULARS = "thumb|poster|art|clearLogo|squareArt|banner|theme";

type ImageAnswer = (
  world: World,
  call: SimCall,
  record: SimRecord,
  list: ImageList,
) => Answer | Promise<Answer>;

function onImages(methods: string[], elements: string, tail: string, answer: ImageAnswer): Route {
  return {
    methods,
    path: new RegExp(`^/library/(?:metadata|collections)/(\\d+)/(${elements})${tail}$`),
    answer(world, call, ratingKey = "", element = "") {
      const record = world.record(ratingKey);
      const list = imageList(element);
      if (record === undefined || list === undefined) return htmlError(404);
      return answer(world, call, record, list);
    },
  };
}

export const imageRoutes: Route[] = [
  onImages(
    ["GET"],
    PLURALS,
    "",
    (world, _call, { ratingKey }, list) =>
      container({
        identifier: "com.plexapp.plugins.library",
        Metadata: imageRows(world, ratingKey, list),
      }),
  ),
  onImages(["POST"], `${PLURALS}|${SINGULARS}`, "", upload),
  onImages(["PUT"], SINGULARS, "", select),
  onImages(
    ["GET"],
    SINGULARS,
    "(?:/\\d+)?",
    (world, _call, { ratingKey }, list) => image(world.images.bytes(ratingKey, list)),
  ),
  onImages(["DELETE"], SINGULARS, "", (world, _call, record, list) => {
    world.images.reset(record.ratingKey, list);
    record.locked.add(lockName(list));
    world.touch(record, true);
    return empty();
  }),
  {
    methods: ["GET"],
    path: /^\/library\/metadata\/(\d+)\/file$/,
    answer: (world, call, ratingKey = "") =>
      image(world.images.bytes(ratingKey, "posters", call.query.get("url") ?? "")),
  },
  {
    // Scaling is left out: the bytes are those of the image itself.
    methods: ["GET"],
    path: /^\/photo\/:\/transcode$/,
    answer(world, call) {
      const [, ratingKey = "", element = ""] =
        /^\/library\/metadata\/(\d+)\/(\w+)/.exec(call.query.get("url") ?? "") ?? [];
      const list = imageList(element);
      return image(list && world.images.bytes(ratingKey, list));
    },
  },
];

async function upload(
  world: World,
  call: SimCall,
  record: SimRecord,
  list: ImageList,
): Promise<Answer> {
  const url = call.query.get("url");
  const bytes = url === undefined ? call.body : await world.images.download(url);
  if (bytes === undefined) return htmlError(500);
  if (bytes.length === 0) return htmlError(400);
  if (bytes.length > UPLOAD_LIMIT_BYTES) return htmlError(500);
  world.images.upload(record.ratingKey, list, bytes);
  return imageChanged(world, record, list);
}

async function select(
  world: World,
  call: SimCall,
  record: SimRecord,
  list: ImageList,
): Promise<Answer> {
  const url = call.query.get("url") ?? "";
  if (/^https?:/.test(url)) return upload(world, call, record, list);
  if (!world.images.select(record.ratingKey, list, url)) return await htmlError(404);
  return imageChanged(world, record, list);
}

function imageChanged(world: World, record: SimRecord, list: ImageList): Answer {
  if (world.switches.imageLocks) record.locked.add(lockName(list));
  world.touch(record, true);
  return empty();
}

/** The name under which an image is locked. */
function lockName(list: ImageList): string {
  return list === "posters" ? "thumb" : IMAGE_LISTS[list];
}

function image(bytes: Uint8Array | undefined): Answer {
  if (bytes === undefined) return htmlError(404);
  return { kind: "bytes", status: 200, contentType: imageType(bytes), body: bytes };
}
