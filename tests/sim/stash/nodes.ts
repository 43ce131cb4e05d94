/** Rows as the objects GraphQL walks over: plain members, and methods for what costs a query. */
import { createHash } from "node:crypto";
import type { Asked } from "./asked.ts";
import type { Row } from "./database.ts";
import type { World } from "./world.ts";

const text = (value: unknown): string => value == null ? "" : String(value);
const unixSeconds = (value: unknown): number => Math.floor(Date.parse(String(value)) / 1000);

export class EntityNode {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly favorite: boolean;
  readonly details: string;

  constructor(protected readonly world: World, protected readonly row: Row) {
    this.id = String(row.id);
    this.name = String(row.name);
    this.created_at = String(row.created_at);
    this.updated_at = String(row.updated_at);
    this.favorite = row.favorite === 1;
    this.details = text(row.details);
  }

  protected imagePath(kind: string, asked: Asked): string {
    return `${asked.baseUrl}/${kind}/${this.id}/image?t=${
      unixSeconds(this.updated_at)
    }&default=true`;
  }
}

export class PerformerNode extends EntityNode {
  readonly disambiguation = text(this.row.disambiguation);
  readonly gender = this.row.gender;
  readonly alias_list: string[] = [];

  image_path(_args: unknown, asked: Asked): string {
    return this.imagePath("performer", asked);
  }
}

export class TagNode extends EntityNode {
  readonly sort_name = text(this.row.sort_name);
  readonly description = text(this.row.description);
  readonly aliases: string[] = [];

  image_path(_args: unknown, asked: Asked): string {
    return this.imagePath("tag", asked);
  }
}

export class StudioNode extends EntityNode {
  readonly aliases: string[] = [];

  parent_studio(): StudioNode | null {
    return this.world.studio(this.row.parent_id);
  }

  child_studios(): StudioNode[] {
    return this.world.db.all("SELECT * FROM studios WHERE parent_id = ?", Number(this.id))
      .map((row) => new StudioNode(this.world, row));
  }

  image_path(_args: unknown, asked: Asked): string {
    return this.imagePath("studio", asked);
  }
}

/** Properties of a file that nothing depends on are the same for all. */
export class FileNode {
  readonly id: string;
  readonly path: string;
  readonly basename: string;
  readonly size: number;
  readonly duration: number;
  readonly mod_time: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly width = 1920;
  readonly height = 1080;
  readonly frame_rate = 29.97;
  readonly video_codec = "h264";
  readonly audio_codec = "aac";

  constructor(row: Row) {
    this.id = String(row.id);
    this.path = String(row.path);
    this.basename = String(row.basename);
    this.size = Number(row.size);
    this.duration = Number(row.duration);
    this.mod_time = String(row.mod_time);
    this.created_at = String(row.created_at);
    this.updated_at = String(row.updated_at);
  }

  get format(): string {
    return this.basename.slice(this.basename.lastIndexOf(".") + 1).toLowerCase();
  }

  get bit_rate(): number {
    const rate = this.duration > 0 ? Math.round(this.size * 8 / this.duration) : 0;
    return Math.min(rate, 2 ** 31 - 1);
  }

  fingerprints(): { type: string; value: string }[] {
    const digest = createHash("sha1").update(`${this.id} ${this.size}`).digest("hex");
    return [
      { type: "oshash", value: digest.slice(0, 16) },
      { type: "phash", value: digest.slice(16, 32) },
    ];
  }

  fingerprint({ type }: { type: string }): string {
    return this.fingerprints().find((print) => print.type === type)?.value ?? "";
  }
}

export class SceneNode {
  readonly id: string;
  readonly title: string;
  readonly code: string;
  readonly details: string;
  readonly director: string;
  readonly date: string | null;
  readonly rating100: number | null;
  readonly organized: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly interactive = false;
  readonly o_counter = 0;
  readonly play_count = 0;
  readonly play_duration = 0;
  readonly resume_time = 0;
  readonly play_history: string[] = [];
  readonly o_history: string[] = [];
  readonly #world: World;
  readonly #row: Row;

  constructor(world: World, row: Row) {
    this.#world = world;
    this.#row = row;
    this.id = String(row.id);
    this.title = text(row.title);
    this.code = text(row.code);
    this.details = text(row.details);
    this.director = text(row.director);
    this.date = row.date == null ? null : String(row.date);
    this.rating100 = row.rating == null ? null : Number(row.rating);
    this.organized = row.organized === 1;
    this.created_at = String(row.created_at);
    this.updated_at = String(row.updated_at);
  }

  get urls(): string[] {
    return JSON.parse(String(this.#row.urls));
  }

  get url(): string | null {
    return this.urls[0] ?? null;
  }

  get custom_fields(): Record<string, unknown> {
    return JSON.parse(String(this.#row.custom_fields));
  }

  /** Primary one first. */
  files(): FileNode[] {
    return this.#rows("SELECT * FROM files WHERE scene_id = ? ORDER BY position")
      .map((row) => new FileNode(row));
  }

  studio(): StudioNode | null {
    return this.#world.studio(this.#row.studio_id);
  }

  performers(): PerformerNode[] {
    return this.#rows(
      `SELECT performers.* FROM performers_scenes
         JOIN performers ON performers.id = performer_id WHERE scene_id = ?`,
    ).map((row) => new PerformerNode(this.#world, row));
  }

  tags(): TagNode[] {
    return this.#rows(
      `SELECT tags.* FROM scenes_tags JOIN tags ON tags.id = tag_id WHERE scene_id = ?
         ORDER BY COALESCE(sort_name, name) COLLATE NOCASE`,
    ).map((row) => new TagNode(this.#world, row));
  }

  groups(): { group: EntityNode; scene_index: number | null }[] {
    return this.#rows(
      `SELECT "groups".*, scene_index FROM groups_scenes
         JOIN "groups" ON "groups".id = group_id WHERE scene_id = ?`,
    ).map((row) => ({
      group: new EntityNode(this.#world, row),
      scene_index: row.scene_index == null ? null : Number(row.scene_index),
    }));
  }

  stash_ids(): { endpoint: string; stash_id: string; updated_at: string }[] {
    return this.#rows("SELECT * FROM scene_stash_ids WHERE scene_id = ?").map((row) => ({
      endpoint: String(row.endpoint),
      stash_id: String(row.stash_id),
      updated_at: String(row.updated_at),
    }));
  }

  scene_markers(): Record<string, unknown>[] {
    return this.#rows("SELECT * FROM scene_markers WHERE scene_id = ? ORDER BY seconds")
      .map((row) => ({
        ...row,
        id: String(row.id),
        scene: this,
        primary_tag: this.#world.tag(row.primary_tag_id),
        tags: (JSON.parse(String(row.tag_ids)) as number[]).map((id) => this.#world.tag(id)),
      }));
  }

  /** `t` is the time of the last edit, whatever it changed. */
  paths(_args: unknown, asked: Asked): Record<string, string> {
    const scene = `${asked.baseUrl}/scene/${this.id}`;
    const key = this.#world.apiKey === "" ? "" : `?apikey=${this.#world.apiKey}`;
    return {
      screenshot: `${scene}/screenshot?t=${unixSeconds(this.updated_at)}`,
      preview: `${scene}/preview`,
      stream: `${scene}/stream${key}`,
      webp: `${scene}/webp`,
      vtt: `${scene}_thumbs.vtt`,
      sprite: `${scene}_sprite.jpg`,
      funscript: `${scene}/funscript`,
      interactive_heatmap: `${scene}/interactive_heatmap`,
      caption: `${scene}/caption`,
    };
  }

  #rows(sql: string): Row[] {
    return this.#world.db.all(sql, Number(this.id));
  }
}
