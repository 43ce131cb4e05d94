/** Everything one simulated Stash knows, and the changes that come from outside its API. */
import { Database } from "./database.ts";
import { Entities, StashError } from "./entities.ts";
import { BadInput, type CheckedScene, type EntityRename } from "./input.ts";
import { SceneNode, StudioNode, TagNode } from "./nodes.ts";
import { type ScenePatch, Scenes } from "./scenes.ts";
import type { StashVersion } from "./schema.ts";
import { type SceneView, viewOf } from "./view.ts";
import { checkZone, formatInstant } from "./zone.ts";

const DAY_MS = 86_400_000;

export interface WorldOptions {
  version: StashVersion;
  zone: string;
  now: () => number;
  /** "" when none was generated. */
  apiKey: string;
}

/** Locked: every answer about data is an error, though `systemStatus` says "OK". */
export type DatabaseState = "ok" | "locked";

export type SystemState = "OK" | "SETUP" | "NEEDS_MIGRATION";

export class World {
  readonly db = new Database();
  readonly entities = new Entities(this.db);
  readonly scenes = new Scenes(this.db, this.entities);
  readonly version: StashVersion;
  readonly apiKey: string;
  systemState: SystemState = "OK";
  database: DatabaseState = "ok";
  #zone: string;
  readonly #now: () => number;

  /** @throws {RangeError} bad zone */
  constructor(options: WorldOptions) {
    checkZone(options.zone);
    this.version = options.version;
    this.apiKey = options.apiKey;
    this.#zone = options.zone;
    this.#now = options.now;
  }

  /** The present second as text; what is stored before a zone change stays as it is. */
  stamp(aheadMs = 0): string {
    return formatInstant(this.#now() + aheadMs, this.#zone);
  }

  /** Unix milliseconds by its own clock. */
  now(): number {
    return this.#now();
  }

  /** @throws {StashError} nothing about data can be asked or changed now */
  mustBeReady(): void {
    if (this.systemState !== "OK") throw new StashError("database not initialized");
    if (this.database === "locked") throw new StashError("database is locked");
  }

  /** Upper bound of a BETWEEN without `value2`. */
  tomorrow(): string {
    return this.stamp(DAY_MS);
  }

  /** @throws {RangeError} bad zone */
  setZone(zone: string): void {
    checkZone(zone);
    this.#zone = zone;
  }

  studio(id: unknown): StudioNode | null {
    const row = id == null ? undefined : this.entities.get("studio", Number(id));
    return row === undefined ? null : new StudioNode(this, row);
  }

  tag(id: unknown): TagNode | null {
    const row = id == null ? undefined : this.entities.get("tag", Number(id));
    return row === undefined ? null : new TagNode(this, row);
  }

  scene(id: number): SceneNode | null {
    const row = this.db.get("SELECT * FROM scenes WHERE id = ?", id);
    return row === undefined ? null : new SceneNode(this, row);
  }

  views(): SceneView[] {
    return this.db.all("SELECT * FROM scenes ORDER BY id")
      .map((row) => viewOf(new SceneNode(this, row)));
  }

  /** Fills an empty library; instants given are put into the server's zone. */
  seed(seeds: CheckedScene[]): void {
    this.change(() => this.#fill(seeds));
  }

  /** Takes these in the place of everything; ids begin anew, as in an import over all. */
  load(seeds: CheckedScene[]): void {
    this.change(() => {
      this.db.empty();
      this.entities.reload();
      this.#fill(seeds);
    });
  }

  #fill(seeds: CheckedScene[]): void {
    const now = this.stamp();
    for (const seed of seeds) {
      const created = this.#instant(seed.created_at) ?? now;
      const updated = this.#instant(seed.updated_at) ?? created;
      const patch = withCover(this.scenes.patchOf(seed, created), seed);
      this.#refuse(seed.id !== undefined && this.scenes.exists(seed.id), `id ${seed.id} twice`);
      this.scenes.create(patch, updated, seed.id ?? null, created);
    }
  }

  /**
   * Makes scenes (no id, or one not in use) and changes others. `updated_at`
   * moves as in Stash: always, but not when `files` is all that is given and
   * their number stays: that is a file moved or rewritten. A stamp that is given is stored as it
   * stands, so that it may be no time at all.
   */
  upsert(inputs: CheckedScene[]): { id: string; updated_at: string }[] {
    const at = this.stamp();
    const ids = this.change(() =>
      inputs.map((input) => {
        const patch = this.scenes.patchOf(input, at);
        if (input.updated_at !== undefined) patch.columns.updated_at = input.updated_at;
        if (input.id === undefined || !this.scenes.exists(input.id)) {
          return this.scenes.create(withCover(patch, input), at, input.id ?? null);
        }
        this.scenes.change(input.id, patch, at, !this.#onlyMovesFiles(input.id, input));
        return input.id;
      })
    );
    return ids.map((id) => ({ id: String(id), updated_at: this.scene(id)?.updated_at ?? at }));
  }

  /** @throws {StashError} any id is unknown: then none is destroyed */
  destroy(ids: number[]): void {
    this.change(() => ids.forEach((id) => this.scenes.destroy(id)));
  }

  /** @throws {StashError | BadInput} any entity is unknown or a name is taken: nothing is changed */
  rename(renames: EntityRename[]): number[] {
    const at = this.stamp();
    return this.change(() =>
      renames.map((rename) => {
        const id = rename.id ?? this.entities.find(rename.kind, rename.name ?? "");
        if (id === undefined) throw new BadInput(`no ${rename.kind} is named "${rename.name}"`);
        this.entities.update(rename.kind, id, { name: rename.new_name }, at);
        return id;
      })
    );
  }

  /** One transaction; names made in it are forgotten again if it fails. */
  change<T>(work: () => T): T {
    try {
      return this.db.transaction(work);
    } catch (cause) {
      this.entities.reload();
      throw cause;
    }
  }

  close(): void {
    this.db.close();
  }

  #onlyMovesFiles(id: number, input: CheckedScene): boolean {
    const given = Object.entries(input).filter(([, value]) => value !== undefined);
    return given.every(([key]) => key === "id" || key === "files") &&
      input.files?.length === this.scenes.fileCount(id);
  }

  #instant(text: string | undefined): string | undefined {
    return text === undefined ? undefined : formatInstant(Date.parse(text), this.#zone);
  }

  #refuse(bad: boolean, why: string): void {
    if (bad) throw new BadInput(why);
  }
}

/** A new scene has a picture of its own, as after a scan that makes covers, unless told otherwise. */
function withCover(patch: ScenePatch, input: CheckedScene): ScenePatch {
  if (input.cover === undefined) patch.columns.cover = "generated";
  return patch;
}
