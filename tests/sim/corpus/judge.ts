/**
 * What a careful matcher makes of a library, in the plainest way: it looks at all evidence at
 * once, and knows nothing of how the library was made. Only the corpus's own test needs it.
 */
import type { LibraryDocument } from "../library_document.ts";
import type { CorpusPathRule } from "./builder.ts";
import { ambiguous, found, shared, type Verdict, waits } from "./truth.ts";

/** A rule of the owner's needs no more than the path; a learned one does. */
export interface JudgedRule extends CorpusPathRule {
  learned: boolean;
}

interface SceneFile {
  path: string;
  size: number;
  durationMs: number;
}

interface PlexFile {
  item: string;
  path: string;
  size: number | undefined;
  durationMs: number | undefined;
}

const RANKS = ["exact", "folded", "elsewhere", "bytes"] as const;
type Rank = (typeof RANKS)[number];

/** @returns by scene id */
export function judge(
  library: LibraryDocument,
  rules: readonly JudgedRule[],
): Map<string, Verdict> {
  const files = liveFiles(library);
  const byPath = Map.groupBy(files, (file) => key(file.path));
  const byFolded = Map.groupBy(files, (file) => key(file.path).toLowerCase());
  const bySize = Map.groupBy(files, (file) => file.size);
  const scenes = library.stash.scenes.map((scene) => ({
    id: String(scene.id),
    files: (scene.files ?? []).map(({ path, size = 0, duration = 0 }) => ({
      path,
      size,
      durationMs: duration * 1000,
    })),
  }));
  const owners = Map.groupBy(
    scenes.flatMap(({ id, files }) => files.map((file) => ({ id, file }))),
    ({ file }) => sameFile(file),
  );

  const candidates = (id: string, file: SceneFile, rank: Rank): PlexFile[] => {
    const mapped = map(file.path, rules);
    switch (rank) {
      case "exact":
        return (byPath.get(key(mapped.path)) ?? [])
          .filter((other) => mapped.owned || agrees(file, other));
      case "folded":
        return (byFolded.get(key(mapped.path).toLowerCase()) ?? [])
          .filter((other) => agrees(file, other));
      case "elsewhere":
        if (owners.get(sameFile(file))?.some((owner) => owner.id !== id)) return [];
        return (bySize.get(file.size) ?? [])
          .filter((other) => sameLength(file, other) && name(other.path) === name(file.path));
      case "bytes":
        return (bySize.get(file.size) ?? []).filter((other) => sameLength(file, other));
    }
  };

  const wanted = scenes.map(({ id, files }) => {
    for (const rank of RANKS) {
      const items = new Set(files.flatMap((f) => candidates(id, f, rank).map(({ item }) => item)));
      if (items.size > 0) return { id, rank, items: [...items], files };
    }
    return { id, rank: "bytes" as Rank, items: [], files };
  });
  const claims = Map.groupBy(
    wanted.filter(({ rank }) => rank !== "bytes")
      .flatMap((want) => want.items.map((item) => ({ item, want }))),
    ({ item }) => item,
  );
  return new Map(wanted.map((want) => {
    const { id, rank, items } = want;
    // Bytes that another scene has a better right to are nobody else's candidates.
    if (rank === "bytes") return [id, waits(...items.filter((item) => !claims.has(item)))];
    // Each file is judged by itself: several items for one of them cannot be told apart.
    const perFile = want.files.map((file) =>
      new Set(candidates(id, file, rank).map(({ item }) => item)).size
    );
    if (rank !== "exact" && perFile.some((count) => count > 1)) return [id, ambiguous(...items)];
    for (const item of items) {
      const rivals = (claims.get(item) ?? []).map((claim) => claim.want);
      const best = Math.min(...rivals.map((rival) => RANKS.indexOf(rival.rank)));
      if (RANKS.indexOf(rank) > best) return [id, waits()];
      const equal = rivals.filter((rival) => RANKS.indexOf(rival.rank) === best);
      if (equal.length > 1) return [id, shared(item, ...equal.map((rival) => rival.id))];
    }
    return [id, found(...items)];
  }));
}

function liveFiles({ plex }: LibraryDocument): PlexFile[] {
  return plex.items.filter((item) => item.deletedAt === undefined).flatMap((item) =>
    item.media.filter((media) => media.deletedAt === undefined && media.proxyType === undefined)
      .flatMap((media) =>
        media.parts.map(({ file, size, duration_ms }) => ({
          item: String(item.ratingKey),
          path: file,
          size,
          durationMs: duration_ms,
        }))
      )
  );
}

/** The longest rule whose folder holds the path, and whether it is the owner's word. */
function map(path: string, rules: readonly JudgedRule[]): { path: string; owned: boolean } {
  const whole = key(path);
  const fits = rules.filter((rule) => whole.startsWith(`${key(rule.stash)}/`))
    .sort((a, b) => b.stash.length - a.stash.length);
  const [rule] = fits;
  if (rule === undefined) return { path, owned: false };
  const rest = path.slice(rule.stash.length).replaceAll("\\", "/");
  return { path: rule.plex.replace(/\/$/, "") + rest, owned: !rule.learned };
}

/** One form of a path; Windows has no letter case. */
function key(path: string): string {
  const plain = path.normalize("NFC").replace(/^\\\\\?\\UNC\\/, "\\\\");
  const windows = /^([A-Za-z]:|\\\\)/.test(plain);
  return windows ? plain.replaceAll("\\", "/").toLowerCase() : plain;
}

function name(path: string): string {
  return path.split(/[\\/]/).at(-1)?.normalize("NFC") ?? "";
}

function sameFile({ path, size, durationMs }: SceneFile): string {
  return `${name(path)}/${size}/${durationMs}`;
}

function sameLength(file: SceneFile, { durationMs }: PlexFile): boolean {
  return durationMs !== undefined && Math.abs(file.durationMs - durationMs) <= 1000;
}

/** Something known is equal, and nothing known differs beyond what a new encoding changes. */
function agrees(file: SceneFile, other: PlexFile): boolean {
  if (sameLength(file, other)) return true;
  return other.durationMs === undefined && file.size === other.size;
}
