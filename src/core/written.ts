import type { ImageKind, TagKind, TextField } from "./item.ts";

/** What we last wrote into one text field, and what Plex made of it. */
export interface WrittenText {
  sent: string;
  /** What stood in Plex after that write; differs where Plex normalises. */
  stands: string;
}

/** What we last wrote into one kind of tag. */
export interface WrittenTags {
  /** The scene's names at that time. */
  wanted: string[];
  /** Those of them that were not in Plex before us: only these may we remove. */
  ours: string[];
  /** All names that stood in Plex after that write. */
  stands: string[];
}

/** What we last knew of one image. */
export interface WrittenImage {
  /** SHA-1 of the bytes, lower-case hex: Plex's own address of an upload (plex-api 9). */
  sha1: string;
  /** Stash's ETag of these bytes, or null. */
  etag: string | null;
  /** The item's `poster` or `background` attribute after that; changes with the selection. */
  attribute: string;
  /** `updated_at` of the scene for which this image was last looked at. */
  sceneUpdatedAt: string;
  /** False while the cover may have changed again within the second of that stamp. */
  sure: boolean;
}

/** What writes to one item were begun with: it may stand in Plex, though nobody saw their end. */
export interface Begun {
  ratingKey: string;
  /** All values since the last settled write, never "". */
  text: Partial<Record<TextField, string[]>>;
  /** Names that were not in Plex before. */
  tags: Partial<Record<TagKind, string[]>>;
}

/** The third side of every decision: what plexsync itself wrote for a scene. */
export interface Written {
  sceneId: string;
  ratingKey: string;
  text: Partial<Record<TextField, WrittenText>>;
  tags: Partial<Record<TagKind, WrittenTags>>;
  images: Partial<Record<ImageKind, WrittenImage>>;
  /** Last `userRating` we set, 0-10. */
  rating: number | null;
  /** Digest of the scene's synced content at that time. */
  sceneHash: string;
  /** Epoch ms. */
  writtenAt: number;
  /** Writes that were begun after it and never settled. */
  begun?: Begun;
}
