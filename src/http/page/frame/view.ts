import { createHmac } from "node:crypto";
import { isSameSecret } from "../../../core/http/same_secret.ts";
import type { Asset, AssetName } from "../assets.ts";

/** What every screen needs to be drawn. */
export interface View {
  /** Path that the address of each page begins with; "" or such as `/plexsync`. */
  base: string;
  assets: Readonly<Record<AssetName, Asset>>;
  /** Epoch ms. */
  now: number;
  /** Who is signed in with the reverse proxy; null for whoever signed in here, and for nobody. */
  person: string | null;
  /** Goes along with each form that changes something; "" where nobody is signed in. */
  csrf: string;
  /** Path of this page, without base and query. */
  path: string;
  /** The same with the query: where an action leads back to. */
  here: string;
  /** Titles, paths and pictures are hidden until somebody points at them. */
  isBlurred: boolean;
  /** Only what changes while the page is open is wanted, without the frame around it. */
  isPatch: boolean;
  /** What was just done, as `did` in the address has it; null for nothing. */
  did: string | null;
}

/** Pages that are kept up to date while they are open, by their path. */
const LIVE_PAGES: readonly string[] = [
  "/",
  "/dead-letters",
  "/unmatched",
  "/queue",
  "/reconcile",
  "/log",
];

export function isLivePage(path: string): boolean {
  return LIVE_PAGES.includes(path);
}

/** What a form has to bring along to show that a page of this session sent it. */
export function csrfOf(session: string): string {
  return createHmac("sha256", session).update("form").digest("base64url");
}

export function isCsrfOf(session: string, given: string): boolean {
  return isSameSecret(given, csrfOf(session));
}
