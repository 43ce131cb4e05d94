/** The control API under /__sim__/: what tests and people use to look inside. */
import type { FaultRules } from "../faults.ts";
import { readPlexHalf } from "../library_document.ts";
import type { RequestLog } from "../request_log.ts";
import { type SimItem, type TagKind, tagsOf } from "./model.ts";
import type { SimFileSeed, SimItemView } from "./options.ts";
import { parseSwitches } from "./switches.ts";
import type { World } from "./world.ts";

export interface ControlAnswer {
  status: number;
  body: unknown;
}

/** Answers one control request; a bad body is a 400 with the reason. */
export function control(
  world: World,
  faults: FaultRules,
  log: RequestLog,
  request: string,
  body: Uint8Array,
): ControlAnswer {
  try {
    switch (request) {
      case "GET /__sim__/items":
        return ok(itemViews(world));
      case "GET /__sim__/requests":
        return ok(log.list());
      case "DELETE /__sim__/requests":
        log.clear();
        return ok({});
      case "GET /__sim__/violations":
        return ok(world.violations());
      case "POST /__sim__/faults":
        faults.replace(json(body));
        return ok({});
      case "GET /__sim__/switches":
        return ok(world.switches);
      case "POST /__sim__/switches":
        Object.assign(world.switches, parseSwitches(json(body)));
        return ok(world.switches);
      case "POST /__sim__/clock":
        world.jumpClock(jumpOf(json(body)));
        return ok({ now: new Date(world.now()).toISOString() });
      case "POST /__sim__/library": {
        const { sections, items } = readPlexHalf(json(body));
        world.load(sections, items);
        return ok({ sections: sections.length, items: items.length });
      }
      case "POST /__sim__/files":
        void addFiles(world, parseFiles(json(body)));
        return ok({});
      default:
        return { status: 404, body: { error: `No such control: ${request}` } };
    }
  } catch (error) {
    return { status: 400, body: { error: (error as Error).message } };
  }
}

/**
 * Puts files on disk and scans their sections.
 * @returns resolved after the last event of the last scan
 * @throws {Error} a file is in no section; nothing is added then
 */
export function addFiles(world: World, files: SimFileSeed[]): Promise<void> {
  const sections = new Set(files.map((file) => {
    const section = world.library.sectionOf(file.path);
    if (section === undefined) throw new Error(`${file.path} is in no section`);
    return section;
  }));
  for (const file of files) world.library.disk.set(file.path, file);
  return Promise.all([...sections].map((section) => world.scanner.scan(section))).then(() => {});
}

/** All items but shows, in the order of their ratingKeys. */
export function itemViews(world: World): SimItemView[] {
  return [...world.library.items.values()].filter((i) => i.type !== "show").map((item) =>
    itemView(world, item)
  );
}

function itemView(world: World, item: SimItem): SimItemView {
  const scalar = (name: "title" | "studio" | "summary" | "tagline" | "originallyAvailableAt") =>
    (item.values[name] ?? null) as string | null;
  const names = (kind: TagKind) => tagsOf(item, kind).map(({ tag }) => tag.tag);
  return {
    ratingKey: item.ratingKey,
    title: scalar("title"),
    studio: scalar("studio"),
    summary: scalar("summary"),
    tagline: scalar("tagline"),
    originallyAvailableAt: scalar("originallyAvailableAt"),
    userRating: (item.values.userRating ?? null) as number | null,
    genres: names("genre"),
    actors: names("actor"),
    collections: names("collection"),
    labels: names("label"),
    locked: [...item.locked].sort(),
    files: item.media.flatMap((media) => media.parts.map((part) => part.file)),
    poster: world.images.selectedUpload(item.ratingKey, "posters"),
    art: world.images.selectedUpload(item.ratingKey, "arts"),
  };
}

function ok(body: unknown): ControlAnswer {
  return { status: 200, body };
}

function json(body: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(body));
}

function jumpOf(raw: unknown): number {
  const { jump_ms } = (raw ?? {}) as Record<string, unknown>;
  if (Number.isSafeInteger(jump_ms)) return Number(jump_ms);
  throw new Error("jump_ms must be a whole number of milliseconds");
}

function parseFiles(list: unknown): SimFileSeed[] {
  if (!Array.isArray(list)) throw new Error("Files must be an array");
  return list.map((raw: unknown, index) => {
    const { path, size, duration_ms, added_at } = (raw ?? {}) as Record<string, unknown>;
    if (typeof path !== "string") throw new Error(`File ${index}: path must be a string`);
    const number = (name: string, value: unknown): number | undefined => {
      if (value === undefined || typeof value === "number" && value >= 0) return value;
      throw new Error(`File ${index}: ${name} must be a number from 0`);
    };
    const unknown = (name: string, value: unknown) => value === null ? null : number(name, value);
    return {
      path,
      size: unknown("size", size),
      durationMs: unknown("duration_ms", duration_ms),
      addedAt: number("added_at", added_at),
    };
  });
}
