/**
 * A whole library as JSON, as `--library FILE` and `POST /__sim__/library` take it:
 * `{"plex": {"sections": […], "items": […]}, "stash": {"scenes": […]}}`. Each server looks at its
 * own half.
 */
import { z } from "zod";
import type { SimPlexItemSeed, SimSectionSeed } from "./plex/options.ts";
import { type SceneSeed, sceneSeeds } from "./stash/input.ts";

const text = z.string().min(1);
const count = z.int().min(0);
const names = z.array(text);
const sectionKey = z.union([z.string().regex(/^\w+$/), z.int().min(1)]).transform(String);
const ratingKey = z.union([z.string().regex(/^[1-9]\d{0,14}$/), z.int().min(1)]).transform(String);

const part = z.strictObject({
  /** As Plex sees it. */
  file: text,
  /** Bytes; unknown when left out. */
  size: count.optional(),
  /** Unknown when left out. */
  duration_ms: count.optional(),
});

const media = z.strictObject({
  /** 42: an optimized version. */
  proxyType: z.literal(42).optional(),
  /** Epoch seconds; set while its file is missing. */
  deletedAt: count.optional(),
  /** Several are one stacked version. */
  parts: z.array(part).min(1),
});

const section = z.strictObject({
  key: sectionKey,
  title: text,
  type: z.enum(["movie", "show"]),
  /** Folders as Plex sees them. */
  locations: names,
  agent: text.optional(),
});

const item = z.strictObject({
  ratingKey,
  /** Key of its section. */
  section: sectionKey,
  title: text.optional(),
  /** Epoch seconds, default now; may lie in the future. */
  addedAt: count.optional(),
  /** Epoch seconds, default `addedAt`; null for an item without one. */
  updatedAt: count.nullable().optional(),
  /** Epoch seconds; set while the item is in the trash. */
  deletedAt: count.optional(),
  /** Each is a version of its own. */
  media: z.array(media).min(1),
  /** What somebody wrote before, under the names of the control API. */
  studio: text.optional(),
  summary: text.optional(),
  tagline: text.optional(),
  contentRating: text.optional(),
  originallyAvailableAt: z.iso.date().optional(),
  userRating: z.number().min(0).max(10).optional(),
  genres: names.optional(),
  directors: names.optional(),
  actors: names.optional(),
  collections: names.optional(),
  labels: names.optional(),
  locked: names.optional(),
  /** The show of an episode. */
  show: text.optional(),
});

const plexHalf = z.strictObject({ sections: z.array(section).min(1), items: z.array(item) })
  .superRefine(({ sections, items }, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    const twice = (list: readonly string[], at: string, member: string) =>
      list.forEach((key, index) => {
        if (list.indexOf(key) < index) problem([at, index, member], `"${key}" is taken`);
      });
    twice(sections.map(({ key }) => key), "sections", "key");
    const known = new Set(sections.map(({ key }) => key));
    const seen = new Set<string>();
    items.forEach((each, index) => {
      if (!known.has(each.section)) {
        problem(["items", index, "section"], `no section has the key "${each.section}"`);
      }
      if (seen.has(each.ratingKey)) {
        problem(["items", index, "ratingKey"], `"${each.ratingKey}" is taken`);
      }
      seen.add(each.ratingKey);
    });
  });

const stashHalf = z.strictObject({ scenes: sceneSeeds }).superRefine(({ scenes }, context) => {
  const seen = new Set<number>();
  scenes.forEach(({ id }, index) => {
    if (id === undefined) return;
    if (seen.has(id)) {
      context.addIssue({
        code: "custom",
        path: ["scenes", index, "id"],
        message: `"${id}" is taken`,
      });
    }
    seen.add(id);
  });
});

const both = z.strictObject({ plex: plexHalf, stash: stashHalf });
const forPlex = z.strictObject({ plex: plexHalf, stash: z.unknown().optional() });
const forStash = z.strictObject({ stash: stashHalf, plex: z.unknown().optional() });

/** A whole library, as it stands in a file. */
export type LibraryDocument = z.input<typeof both>;
export type PlexItemDocument = LibraryDocument["plex"]["items"][number];
export type PlexSectionDocument = LibraryDocument["plex"]["sections"][number];

/** What the two servers start with. */
export interface LoadedLibrary {
  sections: SimSectionSeed[];
  items: SimPlexItemSeed[];
  scenes: SceneSeed[];
}

/** A document that cannot be used; the message names each member that is wrong. */
export class BadLibrary extends Error {
  override name = "BadLibrary";
}

/** @throws {BadLibrary} */
export function readLibrary(json: unknown): LoadedLibrary {
  const { plex, stash } = checked(both, json);
  return { ...seedsOf(plex), scenes: stash.scenes as SceneSeed[] };
}

/** The half that Plex has; the other one is not looked at. @throws {BadLibrary} */
export function readPlexHalf(json: unknown): Omit<LoadedLibrary, "scenes"> {
  return seedsOf(checked(forPlex, json).plex);
}

/** The half that Stash has; the other one is not looked at. @throws {BadLibrary} */
export function readStashHalf(json: unknown): SceneSeed[] {
  return checked(forStash, json).stash.scenes as SceneSeed[];
}

/** More would only repeat the same mistake. */
const REASONS_SHOWN = 10;

function checked<T>(shape: z.ZodType<T>, json: unknown): T {
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) =>
    `${issue.path.map(String).join(".") || "the document"}: ${issue.message}`
  );
  const more = reasons.length - REASONS_SHOWN;
  if (more > 0) reasons.splice(REASONS_SHOWN, more, `and ${more} more`);
  throw new BadLibrary(reasons.join("; "));
}

function seedsOf({ sections, items }: z.output<typeof plexHalf>): Omit<LoadedLibrary, "scenes"> {
  return {
    sections,
    items: items.map(({ section, updatedAt, media, ...same }) => ({
      ...same,
      sectionKey: section,
      ...(updatedAt === null
        ? { withoutUpdatedAt: true }
        : { updatedAt: updatedAt ?? same.addedAt }),
      versions: media.map(({ proxyType, deletedAt, parts }) => ({
        optimized: proxyType !== undefined,
        deletedAt,
        files: parts.map(({ file, size, duration_ms }) => ({
          path: file,
          size: size ?? null,
          durationMs: duration_ms ?? null,
        })),
      })),
    })),
  };
}
