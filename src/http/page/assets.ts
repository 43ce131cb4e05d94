import { createHash } from "node:crypto";

/** A file that pages name, under a name that changes with what is in it. */
export interface Asset {
  /** Below the page's own address, such as `/assets/page.1f2e3d4c5b6a.css`. */
  path: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

const FOLDER = new URL("assets/", import.meta.url);

export type AssetName = "page.css" | "live.js";

const TYPES: Readonly<Record<AssetName, string>> = {
  "page.css": "text/css; charset=utf-8",
  "live.js": "text/javascript; charset=utf-8",
};

/** Reads them all, once. */
export function readAssets(): Record<AssetName, Asset> {
  const entries = Object.entries(TYPES).map(([name, type]) => {
    const bytes = Deno.readFileSync(new URL(name, FOLDER));
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    const path = `/assets/${name.replace(".", `.${hash}.`)}`;
    return [name, { path, type, bytes }];
  });
  return Object.fromEntries(entries);
}
