import { isSyncedInput } from "../sync/fields.ts";
import type { EntityKind, EntityRef } from "../sync/scene.ts";

/** What Stash tells a hook. */
export interface HookContext {
  /** Id of the thing that changed; absent or 0 when there is none. */
  id?: unknown;
  /** Such as `Scene.Update.Post`. */
  type?: unknown;
  /** What the client asked for: an object, an array, or null. */
  input?: unknown;
  /** Names of the members that were really sent; absent when there are none. */
  inputFields?: unknown;
}

/** What follows from a hook. */
export type HookAction =
  | { kind: "scenes"; ids: string[] }
  /** All scenes that name these; `gone`: Stash cannot be asked for them any more. */
  | { kind: "entities"; entities: (EntityRef & { gone: boolean })[] }
  | { kind: "nothing"; because: string };

/** The answer to Stash; it shows at level debug. */
export function hookOutput(action: HookAction): string {
  return action.kind === "nothing" ? `nothing to do: ${action.because}` : "queued";
}

const ENTITY_OF: Readonly<Record<string, EntityKind>> = {
  Performer: "performer",
  Studio: "studio",
  Tag: "tag",
};

/** What to do about a hook; decided from its document alone, without asking anybody. */
export function actionOf(context: HookContext): HookAction {
  const [subject = "", operation = ""] = nameOf(context.type).split(".");
  if (subject === "Scene") return ofScene(context);
  const kind = ENTITY_OF[subject];
  if (kind === undefined) return { kind: "nothing", because: `${subject || "This"} is not synced` };
  if (operation === "Merge") return ofMerge(kind, context);
  const id = readId(context.id);
  if (id === null) return { kind: "nothing", because: "no id" };
  if (operation === "Destroy") {
    return { kind: "entities", entities: [{ kind, id, gone: true }] };
  }
  if (operation !== "Update") {
    return { kind: "nothing", because: `${operation} names no scene yet` };
  }
  const fields = readFields(context.inputFields);
  // Of a performer, studio or tag only the name stands in Plex.
  if (fields !== null && !fields.includes("name")) {
    return { kind: "nothing", because: "the name did not change" };
  }
  return { kind: "entities", entities: [{ kind, id, gone: false }] };
}

function ofScene(context: HookContext): HookAction {
  const id = readId(context.id);
  if (id === null) return { kind: "nothing", because: "no id" };
  const fields = readFields(context.inputFields);
  if (fields !== null && !fields.some((field) => isSyncedInput(field))) {
    return { kind: "nothing", because: "no synced field changed" };
  }
  return { kind: "scenes", ids: [id] };
}

/** The scenes of the sources name the destination now; the sources are gone. */
function ofMerge(kind: EntityKind, context: HookContext): HookAction {
  const input = context.input as { source?: unknown; destination?: unknown } | null;
  const destination = readId(input?.destination) ?? readId(context.id);
  const sources = Array.isArray(input?.source) ? input.source.map(readId) : [];
  const entities = [
    ...(destination === null ? [] : [{ kind, id: destination, gone: false }]),
    ...sources.filter((id) => id !== null).map((id) => ({ kind, id, gone: true })),
  ];
  return entities.length > 0
    ? { kind: "entities", entities }
    : { kind: "nothing", because: "no id" };
}

/** For people as well; an object may have no text form at all. */
function nameOf(type: unknown): string {
  return typeof type === "string" || typeof type === "number" ? String(type) : "";
}

/** Ids are numbers here and strings there; 0 and "" stand for none. */
function readId(value: unknown): string | null {
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  return /^[1-9]\d{0,17}$/.test(text) ? text : null;
}

/** null when Stash did not say: then everything may have changed. */
function readFields(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null;
  const names = value.filter((name) => typeof name === "string");
  return names.length === 0 ? null : names;
}
