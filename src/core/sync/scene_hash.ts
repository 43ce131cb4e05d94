import { createHash } from "node:crypto";
import { contentOf } from "./fields.ts";
import type { Scene } from "./scene.ts";

/**
 * Digest of all that is synced of a scene, hex SHA-256. Order of tags and performers
 * says nothing in Stash, so it does not change the digest.
 */
export function sceneHash(scene: Scene): string {
  return createHash("sha256").update(JSON.stringify(contentOf(scene))).digest("hex");
}
