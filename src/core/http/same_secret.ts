import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether what was given is the secret. Takes the same time wherever the two differ, and whatever
 * their lengths. Nothing is the same as an empty secret.
 */
export function isSameSecret(given: string, secret: string): boolean {
  // Compared in any case, so that a missing secret takes no other time than a wrong one.
  const same = timingSafeEqual(digestOf(given), digestOf(secret));
  return same && secret !== "";
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
