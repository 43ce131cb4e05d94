import { createHash } from "node:crypto";
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };

/** A file that pages name, under a name that changes with what is in it. */
export interface Asset {
  /** Below the page's own address, such as `/assets/page.1f2e3d4c5b6a.css`. */
  path: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Where an asset comes from: a file of the folder, or the text of a package. */
const SOURCES = {
  "page.css": null,
  "live.js": null,
  "charts.js": null,
  "uplot.css": uplotStyle,
  "uplot.js": uplotScript,
} as const satisfies Readonly<Record<string, string | null>>;

export type AssetName = keyof typeof SOURCES;

const FOLDER = new URL("assets/", import.meta.url);

/** Reads them all, once. */
export function readAssets(): Record<AssetName, Asset> {
  const entries = Object.entries(SOURCES).map(([name, text]) => {
    const bytes = text === null
      ? Deno.readFileSync(new URL(name, FOLDER))
      : new TextEncoder().encode(text);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    const path = `/assets/${name.replace(".", `.${hash}.`)}`;
    const type = `text/${name.endsWith(".css") ? "css" : "javascript"}; charset=utf-8`;
    return [name, { path, type, bytes }];
  });
  return Object.fromEntries(entries);
}
