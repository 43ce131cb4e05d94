/** What the control API and a test may hand in, and its check. */
import { z } from "zod";

const text = z.string().nullable();
const name = z.string().min(1);
/** Number or text; always a number after the check. */
export const anId = z.union([z.string().regex(/^[1-9]\d{0,14}$/), z.int().min(1)]).transform(
  Number,
);
const instant = z.iso.datetime({ offset: true });

const studio = z.strictObject({
  name,
  /** Name of the parent studio. */
  parent: name.optional(),
});
const performer = z.strictObject({
  name,
  disambiguation: z.string().optional(),
  gender: z.enum([
    "MALE",
    "FEMALE",
    "TRANSGENDER_MALE",
    "TRANSGENDER_FEMALE",
    "INTERSEX",
    "NON_BINARY",
  ])
    .optional(),
});
const tag = z.strictObject({ name, sort_name: z.string().optional() });
/** One video file. */
export const videoFile = z.strictObject({
  /** Absolute, in the style of Stash's own system. */
  path: z.string().min(1),
  /** Bytes; 0 for an unknown size. */
  size: z.int().min(0).default(0),
  /** Seconds. */
  duration: z.number().min(0).default(0),
});
const marker = z.strictObject({
  title: z.string(),
  /** From the start of the scene. */
  seconds: z.number().min(0),
  end_seconds: z.number().min(0).optional(),
  /** Name of its tag. */
  primary_tag: name,
  tags: z.array(name).default([]),
});

/** YYYY, YYYY-MM or YYYY-MM-DD, and a day that exists. */
export const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;

const sceneMembers = {
  id: anId.optional(),
  title: text.optional(),
  code: text.optional(),
  details: text.optional(),
  director: text.optional(),
  urls: z.array(z.string()).optional(),
  date: z.string().regex(DATE, "must be YYYY-MM-DD, YYYY-MM or YYYY").nullable().optional(),
  rating100: z.int().min(1).max(100).nullable().optional(),
  organized: z.boolean().optional(),
  studio: z.union([name, studio]).nullable().optional(),
  performers: z.array(z.union([name, performer])).optional(),
  tags: z.array(z.union([name, tag])).optional(),
  groups: z.array(z.strictObject({ name, scene_index: z.int().nullable().default(null) }))
    .optional(),
  stash_ids: z.array(z.strictObject({ endpoint: name, stash_id: name })).optional(),
  markers: z.array(marker).optional(),
  /** All files of the scene, the primary one first. */
  files: z.array(videoFile).optional(),
  /** Picture as base64, null for none; a new scene without this member gets a small one of its own. */
  cover: z.base64().min(4).nullable().optional(),
  custom_fields: z.record(z.string(), z.unknown()).optional(),
};

const sceneInput = z.strictObject({
  ...sceneMembers,
  /** Stored as it stands: a stamp in another zone, in the future, or none at all. */
  updated_at: z.string().optional(),
});
const sceneSeed = z.strictObject({
  ...sceneMembers,
  created_at: instant.optional(),
  updated_at: instant.optional(),
});

/** A scene to make, or the members of one to change; see the members above. */
export type SceneInput = z.input<typeof sceneInput>;
/** A scene the server starts with; instants are RFC 3339 in any zone, default: now. */
export type SceneSeed = z.input<typeof sceneSeed>;
/** The same with defaults filled in. */
export type CheckedScene = z.output<typeof sceneSeed>;

/** A new name for one performer, studio or tag, found by id or by its present name. */
export interface EntityRename {
  kind: "performer" | "studio" | "tag";
  id?: number | undefined;
  name?: string | undefined;
  new_name: string;
}

const renames = z.array(
  z.strictObject({
    kind: z.enum(["performer", "studio", "tag"]),
    id: anId.optional(),
    name: name.optional(),
    new_name: name,
  }).refine((rename) => (rename.id === undefined) !== (rename.name === undefined), {
    message: "give either id or name",
  }),
);
const scenes = z.array(sceneInput);
/** The scenes that a server starts with. */
export const sceneSeeds = z.array(sceneSeed);
const ids = z.strictObject({ ids: z.array(anId) });

/** Input that cannot be used; the message says which member and why. */
export class BadInput extends Error {
  override name = "BadInput";
}

/** @throws {BadInput} */
export const checkScenes = (json: unknown): CheckedScene[] => checkInput(scenes, json);
/** @throws {BadInput} */
export const checkSeeds = (json: unknown): CheckedScene[] => checkInput(sceneSeeds, json);
/** @throws {BadInput} */
export const checkRenames = (json: unknown): EntityRename[] => checkInput(renames, json);
/** @throws {BadInput} */
export const checkIds = (json: unknown): number[] => checkInput(ids, json).ids;

/** @throws {BadInput} naming each member that is wrong */
export function checkInput<T>(shape: z.ZodType<T>, json: unknown): T {
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) =>
    `${issue.path.map(String).join(".") || "body"}: ${issue.message}`
  );
  throw new BadInput(reasons.join("; "));
}
