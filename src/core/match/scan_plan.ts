/**
 * Decides which folders a target is asked to scan for files that it does not have, and when:
 * one scan per folder, 30 s after the first file was missed in it, and not again within
 * 10 min. Many folders of one root are one scan of the root: each scan costs the target the same.
 */
import { MINUTE_MS } from "../time/duration.ts";
import { pathKey } from "./path.ts";

/** A library's id and its folders, spelt as the target has them. */
export interface ScanSection {
  id: string;
  folders: readonly string[];
}

/** One scan to ask for. */
export interface PlannedScan {
  section: string;
  /** Folder in the target's own spelling of its root. */
  path: string;
  /** The folders that it serves, as `pathKey`. */
  folders: readonly string[];
}

/** Files of one folder tend to come together: the scan waits for the rest of them. */
const DEBOUNCE_MS = 30_000;
const AGAIN_AFTER_MS = 10 * MINUTE_MS;
/** More than these of one root, within the time above, make a scan of the root. */
const MAX_FOLDERS = 50;
const RETRY_AFTER_MS = MINUTE_MS;
/** Folders remembered, in each of both lists; the oldest go first. */
const MAX_REMEMBERED = 2_000;

interface Place {
  section: ScanSection;
  /** The root as the target spells it, and as `pathKey`. */
  root: string;
  rootKey: string;
}

/** State of the rules above. Times are handed in, as epoch ms. */
export class ScanPlan {
  /** When a folder is due, by `pathKey`. */
  #pending = new Map<string, number>();
  /** When a folder or a root was last asked for, by `pathKey`. */
  #asked = new Map<string, number>();

  /** A file is not in the target. @param path As the target sees it */
  note(path: string, now: number): void {
    const folder = folderOf(pathKey(path));
    if (this.#pending.has(folder)) return;
    const again = (this.#asked.get(folder) ?? -Infinity) + AGAIN_AFTER_MS;
    put(this.#pending, folder, Math.max(now + DEBOUNCE_MS, again));
  }

  /** Until a scan is due, in ms; null when none is wanted. */
  waitMs(now: number): number | null {
    if (this.#pending.size === 0) return null;
    const at = [...this.#pending.values()].reduce((least, due) => Math.min(least, due));
    return isDue(at, now) ? 0 : at - now;
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#pending.clear();
  }

  /**
   * The scans that are due, taken as asked for now.
   * @returns also the folders that no section holds, which are forgotten
   */
  take(
    sections: readonly ScanSection[],
    now: number,
  ): { scans: PlannedScan[]; outside: string[] } {
    for (const [folder, at] of this.#asked) {
      if (isOver(at, now)) this.#asked.delete(folder);
    }
    const scans: PlannedScan[] = [];
    const outside: string[] = [];
    for (const [folder, dueAt] of [...this.#pending]) {
      // A scan of the root may have taken it along.
      if (!isDue(dueAt, now) || !this.#pending.has(folder)) continue;
      const place = placeOf(folder, sections);
      if (place === null) {
        this.#pending.delete(folder);
        outside.push(folder);
        continue;
      }
      const scan = this.#isCrowded(place.rootKey)
        ? this.#scanRoot(place, now)
        : this.#scanFolder(folder, place, now);
      if (scan !== null) scans.push(scan);
    }
    return { scans, outside };
  }

  /** The scan could not be asked for; it comes again after a minute. */
  failed({ folders }: PlannedScan, now: number): void {
    for (const folder of folders) {
      this.#asked.delete(folder);
      put(this.#pending, folder, now + RETRY_AFTER_MS);
    }
  }

  #isCrowded(rootKey: string): boolean {
    const inside = new Set([...this.#pending.keys(), ...this.#asked.keys()]
      .filter((folder) => folder !== rootKey && isInside(folder, rootKey)));
    return inside.size > MAX_FOLDERS;
  }

  #scanFolder(folder: string, { section, root, rootKey }: Place, now: number): PlannedScan {
    this.#pending.delete(folder);
    put(this.#asked, folder, now);
    const path = spelt(root, folder.slice(rootKey.length));
    return { section: section.id, path, folders: [folder] };
  }

  /** One scan for all pending folders of a root, or null when the last one is too young. */
  #scanRoot({ section, root, rootKey }: Place, now: number): PlannedScan | null {
    const inside = [...this.#pending.keys()].filter((folder) => isInside(folder, rootKey));
    const askedAt = this.#asked.get(rootKey);
    if (askedAt !== undefined) {
      for (const folder of inside) this.#pending.set(folder, askedAt + AGAIN_AFTER_MS);
      return null;
    }
    for (const folder of inside) {
      this.#pending.delete(folder);
      put(this.#asked, folder, now);
    }
    put(this.#asked, rootKey, now);
    return { section: section.id, path: root, folders: [...new Set([...inside, rootKey])] };
  }
}

/** The longest root that holds the folder, with a separator as boundary. */
function placeOf(folder: string, sections: readonly ScanSection[]): Place | null {
  let best: Place | null = null;
  for (const section of sections) {
    for (const root of section.folders) {
      const rootKey = pathKey(root);
      if (rootKey === "" || !isInside(folder, rootKey)) continue;
      if (rootKey.length > (best?.rootKey.length ?? 0)) best = { section, root, rootKey };
    }
  }
  return best;
}

function isInside(folder: string, rootKey: string): boolean {
  return folder === rootKey || folder.startsWith(rootKey.endsWith("/") ? rootKey : rootKey + "/");
}

/** What lies below the root, appended in the way in which the root is written. */
function spelt(root: string, below: string): string {
  const rest = below.replace(/^\/+/, "");
  if (rest === "") return root;
  const windows = /^(?:[A-Za-z]:|\\\\)/.test(root);
  const base = root.replace(windows ? /[\\/]+$/ : /\/+$/, "");
  const separator = windows && !root.includes("/") ? "\\" : "/";
  return base + separator + (separator === "/" ? rest : rest.replaceAll("/", separator));
}

function folderOf(key: string): string {
  return key.slice(0, Math.max(key.lastIndexOf("/"), 0)) || "/";
}

/** Due, or so far ahead that the clock was set back since. */
function isDue(at: number, now: number): boolean {
  return at <= now || at - now > AGAIN_AFTER_MS;
}

function isOver(at: number, now: number): boolean {
  return at > now || now - at >= AGAIN_AFTER_MS;
}

function put(map: Map<string, number>, folder: string, at: number): void {
  map.delete(folder);
  map.set(folder, at);
  if (map.size > MAX_REMEMBERED) map.delete(map.keys().next().value!);
}
