/** What may be found by a scan, and what Identify may change; the check of both. */
import { z } from "zod";
import { anId, checkInput, videoFile } from "./input.ts";

const path = z.string().min(1);
const move = z.strictObject({ from: path, to: path });

const scan = z.strictObject({
  /** New files. Each makes a scene, or joins the one named as another copy of its video. */
  files: z.array(videoFile.extend({ scene_id: anId.optional() })).default([]),
  /** Files under another name, recognised by their content. */
  moved: z.array(move).default([]),
  /** Files with other content under their old name. */
  changed: z.array(
    z.strictObject({
      path,
      size: z.int().min(0).optional(),
      duration: z.number().min(0).optional(),
    }),
  ).default([]),
  /** Folders under another name, most of whose files are recognised. */
  renamed_folders: z.array(move).default([]),
  /** Whether new scenes get covers, after their hooks. */
  covers: z.boolean().default(true),
});

const text = z.string().optional();
const ids = z.array(z.string()).optional();
const identified = z.array(z.strictObject({
  id: z.string(),
  title: text,
  code: text,
  details: text,
  director: text,
  date: text,
  urls: z.array(z.string()).optional(),
  studio_id: text,
  performer_ids: ids,
  tag_ids: ids,
  /** Bare base64. */
  cover_image: text,
  stash_ids: z.array(z.strictObject({ endpoint: z.string(), stash_id: z.string() })).optional(),
}));
const cleaned = z.strictObject({ paths: z.array(path) });

export type ScanInput = z.input<typeof scan>;
export type CheckedScan = z.output<typeof scan>;
/** Members of SceneUpdateInput; a scene with nothing but its id is left alone. */
export type Identified = z.output<typeof identified>;

/** @throws {BadInput} */
export const checkScan = (json: unknown): CheckedScan => checkInput(scan, json);
/** @throws {BadInput} */
export const checkIdentified = (json: unknown): Identified => checkInput(identified, json);
/** @throws {BadInput} */
export const checkCleaned = (json: unknown): string[] => checkInput(cleaned, json).paths;
