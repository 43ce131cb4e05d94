import { PlexsyncError } from "../core/failures/errors.ts";
import { CHANGE_KINDS, type ChangeKind } from "./changes.ts";
import type { StashHttp } from "./http.ts";
import { text } from "../core/text/json.ts";
import { type Fields, fields, list } from "./read_scene.ts";

/** What this Stash can be asked for; a single unknown field fails a whole document. */
export interface Capabilities {
  /** Kinds whose changes it tells by time stamp, in the order of `CHANGE_KINDS`. */
  changes: readonly ChangeKind[];
  /** Whether it shows its job queue. */
  jobs: boolean;
}

/** Where a kind's filter by time stamp is: the type that must have the input. */
const NEEDED: Readonly<Record<ChangeKind, readonly [type: string, input: string]>> = {
  scene: ["SceneFilterType", "updated_at"],
  // Since Stash v0.30.
  file: ["SceneFilterType", "files_filter"],
  performer: ["PerformerFilterType", "updated_at"],
  studio: ["StudioFilterType", "updated_at"],
  tag: ["TagFilterType", "updated_at"],
};

/** What every Stash since v0.27 can, for one that does not let its schema be read. */
const FLOOR: Capabilities = {
  changes: CHANGE_KINDS.filter((kind) => kind !== "file"),
  jobs: true,
};

const DOCUMENT = `query {
  SceneFilterType: __type(name: "SceneFilterType") { inputFields { name } }
  PerformerFilterType: __type(name: "PerformerFilterType") { inputFields { name } }
  StudioFilterType: __type(name: "StudioFilterType") { inputFields { name } }
  TagFilterType: __type(name: "TagFilterType") { inputFields { name } }
  Query: __type(name: "Query") { fields { name } }
}`;

/**
 * Asks the schema, not the version: a development build's version says little.
 * @throws {PlexsyncError} StashUnavailable
 */
export async function readCapabilities(http: StashHttp): Promise<Capabilities> {
  const action = "see what Stash can be asked for";
  let data: Fields;
  try {
    ({ data } = await http.query({ action }, DOCUMENT));
  } catch (error) {
    if (error instanceof PlexsyncError && error.type === "PermanentError") return FLOOR;
    throw error;
  }
  const names = (type: string, members: "inputFields" | "fields") =>
    list(fields(data[type])?.[members]).map(({ name }) => text(name));
  if (names("Query", "fields").length === 0) return FLOOR;
  return {
    changes: CHANGE_KINDS.filter((kind) => {
      const [type, input] = NEEDED[kind];
      return names(type, "inputFields").includes(input);
    }),
    jobs: names("Query", "fields").includes("jobQueue"),
  };
}
