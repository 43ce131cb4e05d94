import { createHash } from "node:crypto";
import type { Scene } from "./scene.ts";

/**
 * Digest of all that is synced of a scene, hex SHA-256. Order of tags and performers
 * says nothing in Stash, so it does not change the digest.
 */
export function sceneHash(scene: Scene): string {
  const content = [
    scene.title,
    scene.code,
    scene.details,
    scene.date,
    scene.rating100,
    scene.studio,
    [...scene.performers].sort(),
    [...scene.tags].sort(),
    scene.files.map((file) => file.path),
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}
