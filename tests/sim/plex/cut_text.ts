import type { SimPlexSwitches } from "./switches.ts";

/** What a column of so many bytes holds of a text: no character is cut through. */
export function cutText({ cutBytes }: SimPlexSwitches, text: string): string {
  if (cutBytes === 0) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(cutBytes));
  return text.slice(0, read);
}
