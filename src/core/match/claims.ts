import { type Candidate, rankOf } from "./match.ts";

/** Another scene's claim on an item; the lower, the better, as `Candidate.claim`. */
export interface Claim {
  sceneId: string;
  claim: number;
  /** As `Candidate.isWeak`. */
  isWeak: boolean;
}

/** An item that other scenes have a better right to. */
export interface Lost {
  item: string;
  path: string;
  scenes: readonly string[];
  /** Their owner said so, whatever the files say. */
  isPinned: boolean;
}

/** An item that others have the same right to; all scenes are named, the one that asked included. */
export interface Shared {
  item: Candidate;
  scenes: readonly string[];
}

export type Settled =
  /** `shared` are further items, which nobody may write. */
  | {
    kind: "items";
    items: readonly Candidate[];
    lost: readonly Lost[];
    shared: readonly Shared[];
  }
  /** None of them has a better right: whichever wrote would be written over. All are named. */
  | { kind: "shared"; item: Candidate; scenes: readonly string[] }
  | { kind: "none"; lost: readonly Lost[] };

/**
 * What is left of a scene's items when other scenes claim them too: a better claim owns an item, and
 * equal ones share it, which nobody may write. An item that is the scene's alone is, whatever becomes
 * of the others.
 * @param items Of the scene
 * @param claims Of other scenes, by item
 */
export function settleClaims(
  sceneId: string,
  items: readonly Candidate[],
  claims: ReadonlyMap<string, readonly Claim[]>,
): Settled {
  const lost: Lost[] = [];
  const kept: Candidate[] = [];
  const shared: Shared[] = [];
  for (const own of items) {
    const others = claims.get(own.item) ?? [];
    const better = others.filter((other) => compare(other, own) < 0);
    const best = Math.min(...better.map(({ claim }) => claim));
    const equal = others.filter((other) => compare(other, own) === 0);
    const idsOf = (claims: readonly Claim[]) => claims.map(({ sceneId }) => sceneId);
    if (better.length > 0) {
      const scenes = inOrder(idsOf(better.filter(({ claim }) => claim === best)));
      const { item, path } = own;
      lost.push({ item, path, scenes, isPinned: best === rankOf("pinned") });
    } else if (equal.length > 0) {
      shared.push({ item: own, scenes: inOrder([sceneId, ...idsOf(equal)]) });
    } else kept.push(own);
  }
  if (kept.length > 0) return { kind: "items", items: kept, lost, shared };
  const [first] = shared;
  return first === undefined ? { kind: "none", lost } : { kind: "shared", ...first };
}

type Right = Pick<Claim, "claim" | "isWeak">;

/**
 * Which of two claims is better, negative for the first. A path with other bytes is no better than
 * the very bytes under the same name in another place: nothing tells which of them it is.
 */
function compare(a: Right, b: Right): number {
  const elsewhere = rankOf("elsewhere");
  const isDoubtful = (a.isWeak && b.claim === elsewhere) || (b.isWeak && a.claim === elsewhere);
  return isDoubtful ? 0 : a.claim - b.claim;
}

function inOrder(sceneIds: readonly string[]): string[] {
  return [...new Set(sceneIds)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
}
