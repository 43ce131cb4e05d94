import type { ItemEdit, TagEdit } from "./edit.ts";
import type { Actor, PlexItem, TagKind, TextField } from "./item.ts";
import { isBegunText, ownTagKeys } from "./own_values.ts";
import { stem } from "./path.ts";
import { cleanText, tagKey, textKey } from "./sanitize.ts";
import type { Scene } from "./scene.ts";
import type { Written } from "./written.ts";

/** The part of the configuration that decides what is written. */
export interface SyncRules {
  preservePlexEdits: boolean;
  tagMode: "merge" | "mirror";
  /** 10..500 */
  maxTags: number;
  syncStudio: boolean;
  syncSummary: boolean;
  syncTagline: boolean;
  syncDate: boolean;
  syncPerformers: boolean;
  syncTags: boolean;
  syncPoster: boolean;
  syncBackground: boolean;
  syncCollection: boolean;
  syncRating: boolean;
}

/** One difference, for people and for `changed_fields`. */
export interface Change {
  field: TextField | TagKind | "rating" | "poster" | "background";
  from: string;
  to: string;
}

export interface Plan {
  /** What one PUT has to change, or null when Plex already has it. */
  edit: ItemEdit | null;
  /** New `userRating` 0-10, null to clear, undefined for no change. */
  rating: number | null | undefined;
  changes: Change[];
  /** Fields left as a person set them (`preserve_plex_edits`). */
  kept: string[];
}

/** The scene's values in Plex's terms; "" and [] where Stash has none. */
export interface Wanted {
  text: Partial<Record<TextField, string>>;
  tags: Partial<Record<TagKind, string[]>>;
}

/** False while nothing but a title is known: syncing it would wipe Plex (design section 7). */
export function hasMetadata(scene: Scene): boolean {
  return scene.studio !== null || scene.performers.length > 0 || scene.tags.length > 0 ||
    scene.details.trim() !== "" || scene.date !== null;
}

/** What the scene asks Plex to hold, for the fields that are switched on. */
export function wantedOf(scene: Scene, rules: SyncRules): Wanted {
  const path = scene.files[0]?.path ?? "";
  const studio = cleanText(scene.studio ?? "", "studio");
  const text: Wanted["text"] = {
    title: cleanText(scene.title, "title") || cleanText(stem(path), "title"),
  };
  if (rules.syncStudio) text.studio = studio;
  if (rules.syncSummary) text.summary = cleanText(scene.details, "summary");
  if (rules.syncTagline) text.tagline = cleanText(scene.code, "tagline");
  if (rules.syncDate) text.date = fullDate(scene.date);
  const tags: Wanted["tags"] = {};
  if (rules.syncTags) tags.tags = distinct(scene.tags).slice(0, rules.maxTags);
  if (rules.syncPerformers) tags.performers = distinct(scene.performers);
  if (rules.syncCollection) tags.collection = distinct(studio === "" ? [] : [studio]);
  return { text, tags };
}

/** What has to change in Plex so that the item equals the scene, and nothing more. */
export function planSync(
  scene: Scene,
  item: PlexItem,
  written: Written | null,
  rules: SyncRules,
): Plan {
  // Values remembered of another item say nothing about this one.
  const ours = written?.ratingKey === item.ratingKey ? written : null;
  const wanted = wantedOf(scene, rules);
  const plan: Plan = { edit: null, rating: undefined, changes: [], kept: [] };
  const edit: ItemEdit = { text: {}, tags: {}, lock: [] };
  const settled: string[] = [];

  for (const [field, value] of entries(wanted.text)) {
    const verdict = planText(field, value, item, ours, rules.preservePlexEdits);
    if (verdict === "kept") plan.kept.push(field);
    else if (verdict === "same") settled.push(...(value === "" ? [] : [field]));
    else {
      edit.text[field] = value;
      edit.lock.push(field);
      plan.changes.push({ field, from: item[field], to: value });
    }
  }
  for (const [kind, names] of entries(wanted.tags)) {
    const next = planTags(kind, names, item, ours, rules);
    if (next.kept) plan.kept.push(kind);
    if (next.edit === null) {
      settled.push(...(names.length === 0 ? [] : [kind]));
      continue;
    }
    edit.tags[kind] = next.edit;
    edit.lock.push(kind);
    const to = next.edit.want.map((tag) => tag.name).join(", ");
    plan.changes.push({ field: kind, from: tagsOf(item, kind).map((t) => t.name).join(", "), to });
  }
  plan.rating = rules.syncRating ? planRating(scene, item, ours) : undefined;
  if (plan.rating !== undefined) {
    plan.changes.push({
      field: "rating",
      from: item.userRating === null ? "" : String(item.userRating),
      to: plan.rating === null ? "" : String(plan.rating),
    });
  }
  if (Object.keys(edit.text).length > 0 || Object.keys(edit.tags).length > 0) {
    // Fields that are right already get their lock on the way: it costs nothing here,
    // and without it an agent refresh takes the value back (plex-api 6).
    const open = settled.filter((name) => !item.locked.includes(name));
    plan.edit = { ...edit, lock: [...edit.lock, ...open] };
  }
  return plan;
}

/** The item's names of one kind, with roles where Plex has them. */
export function tagsOf(item: PlexItem, kind: TagKind): Actor[] {
  return kind === "performers" ? item.performers : item[kind].map((name) => ({ name }));
}

type Verdict = "same" | "change" | "kept";

function planText(
  field: TextField,
  value: string,
  item: PlexItem,
  written: Written | null,
  preserve: boolean,
): Verdict {
  const now = item[field];
  const last = written?.text[field];
  if (textKey(now) === textKey(value)) return "same";
  const stands = last !== undefined && textKey(last.stands) === textKey(now);
  // Plex holds its own form of just this value (it trims, cuts or folds): writing again would loop.
  if (stands && last.sent === value) return "same";
  const untouched = stands || isBegunText(written, field, now);
  // What we did not write, we do not remove.
  if (value === "") return untouched && now !== "" ? "change" : "same";
  if (preserve && now !== "" && !untouched && (last !== undefined || item.locked.includes(field))) {
    return "kept";
  }
  return "change";
}

function planTags(
  kind: TagKind,
  names: string[],
  item: PlexItem,
  written: Written | null,
  rules: SyncRules,
): { edit: TagEdit | null; kept: boolean } {
  const now = tagsOf(item, kind);
  const nowKeys = new Set(now.map((tag) => tagKey(tag.name)));
  const last = written?.tags[kind];
  let wanted = names;
  let kept = false;
  if (
    last !== undefined && sameSet(last.wanted, names) &&
    sameSet(last.stands, now.map((t) => t.name))
  ) {
    return { edit: null, kept };
  }
  if (rules.preservePlexEdits && last !== undefined) {
    // Stood there after our write and is gone now: a person took it away.
    const stood = new Set(last.stands.map(tagKey));
    wanted = names.filter((name) => nowKeys.has(tagKey(name)) || !stood.has(tagKey(name)));
    kept = wanted.length < names.length;
  }
  const wantedKeys = new Set(wanted.map(tagKey));
  const removable = rules.tagMode === "mirror" && kind !== "collection"
    ? nowKeys
    : ownTagKeys(written, kind);
  const remove = now.filter((t) =>
    !wantedKeys.has(tagKey(t.name)) && removable.has(tagKey(t.name))
  );
  const adds = wanted.some((name) => !nowKeys.has(tagKey(name)));
  if (!adds && remove.length === 0) return { edit: null, kept };

  const gone = new Set(remove.map((tag) => tagKey(tag.name)));
  const byKey = new Map(now.map((tag) => [tagKey(tag.name), tag]));
  // Plex's own spelling of a known tag: another letter case may become a second tag (plex-api 7).
  const first = wanted.map((name) => byKey.get(tagKey(name)) ?? { name });
  const rest = now.filter((tag) =>
    !wantedKeys.has(tagKey(tag.name)) && !gone.has(tagKey(tag.name))
  );
  return { edit: { want: [...first, ...rest], remove: remove.map((tag) => tag.name) }, kept };
}

function planRating(
  scene: Scene,
  item: PlexItem,
  written: Written | null,
): number | null | undefined {
  const value = scene.rating100 === null ? null : scene.rating100 / 10;
  if (value === item.userRating) return undefined;
  if (value === null) return written?.rating === item.userRating ? null : undefined;
  return value;
}

/** Plex knows whole days only; a missing month or day becomes the first. */
function fullDate(date: string | null): string {
  const parts = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(date ?? "");
  return parts === null ? "" : `${parts[1]}-${parts[2] ?? "01"}-${parts[3] ?? "01"}`;
}

function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const name of names) {
    const clean = cleanText(name, "tag");
    if (clean !== "" && !seen.has(tagKey(clean))) seen.set(tagKey(clean), clean);
  }
  return [...seen.values()];
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a.map(tagKey));
  const right = new Set(b.map(tagKey));
  return left.size === right.size && [...left].every((key) => right.has(key));
}

function entries<K extends string, V>(record: Partial<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
