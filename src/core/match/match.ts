import type { IndexedFile } from "../sync/item.ts";
import { commonTail, foldedKey, isSameName, isSameSpelling, pathKey } from "./path.ts";
import type { SceneFile } from "../sync/scene.ts";

/**
 * Why an item is the scene's, the strongest first. A wrong item destroys another film's data, so
 * nothing else is evidence: no name alone, no end of a path, no length.
 */
export const EVIDENCE = [
  /** Its owner said so. */
  "pinned",
  /** A file of the item stands at the scene's path, after mapping. */
  "path",
  /** The same without letter case, and size or length agree. */
  "folded",
  /** It was written before, and the file that made it match is a file of both still. */
  "remembered",
  /** Same name, size and length in another place, and no other scene has such a file. */
  "elsewhere",
  /** Same size and length under another name: no proof. */
  "bytes",
] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Place in `EVIDENCE`: the lower, the stronger. */
export function rankOf(evidence: Evidence): number {
  return EVIDENCE.indexOf(evidence);
}

/** Whether it rests on what other scenes have, and so on knowing the files of all of them. */
export function restsOnOthers(evidence: Evidence): boolean {
  return rankOf(evidence) >= rankOf("folded");
}

export type Confidence = "high" | "low";

/** A file of the scene that is looked for. */
export interface SoughtFile extends SceneFile {
  /** Where the target would have it, spelt as Stash does. */
  path: string;
  /** As Stash has it. */
  stashPath: string;
  /** What brought the path to the target's side; a rule of the owner's needs no other proof. */
  rule: "owner" | "learned" | null;
  /** Another scene has a file of the same name, size and length. */
  isShared: boolean;
  /** Another scene has a file of the same size and length, whatever its name is. */
  isTwin: boolean;
}

/** What is remembered of the match by which an item was written. */
export interface KnownMatch {
  item: string;
  evidence: Evidence;
  confidence: Confidence;
  /** The file of the scene, as Stash had it, and the file of the item. */
  stashPath: string;
  path: string;
}

export interface Sought {
  files: readonly SoughtFile[];
  /** Files of items that may be the scene's: none of an item in the trash. */
  rows: readonly IndexedFile[];
  known: readonly KnownMatch[];
  /** Items that the owner chose, as far as they are there; null when there is no such word. */
  pins: readonly string[] | "none" | null;
  /** `strict_matching`: what evidence cannot part is not written. */
  strict: boolean;
  /** The files of all other scenes are known. */
  othersKnown: boolean;
}

/** One file of an item beside one of the scene, and what it proves. */
export interface Candidate {
  item: string;
  section: string;
  /** The item's file. */
  path: string;
  /** The scene's file, as Stash has it; null for a pin, which is about no file. */
  stashPath: string | null;
  /** null when it proves nothing. */
  evidence: Evidence | null;
  confidence: Confidence;
  /** Size and length are both known and both differ. */
  contradicted: boolean;
  /** The paths are equal letter by letter, not only in what letters mean. */
  isSpelled: boolean;
  /**
   * By what it is compared with another scene's claim on the item: as `rankOf`, and a little more
   * for a path that is only spelled alike. To have been written first gives no better right than
   * what it was written by.
   */
  claim: number;
  /**
   * It rests on equal paths to which no rule led, and on the length alone: the film was encoded anew,
   * or it is another one of this length, of a disk that the target mounts under the same path.
   */
  isWeak: boolean;
}

export interface Match {
  /**
   * items: each is the scene's; ambiguous: several for one file that nothing can part; none: to be
   * waited for; barred: its owner said that it has none; unsettled: what is there counts only when
   * all scenes' files are known.
   */
  kind: "items" | "ambiguous" | "none" | "barred" | "unsettled";
  /** The items, one candidate for each, the strongest first. [] unless `kind` is items. */
  items: readonly Candidate[];
  /** All pairs that prove something, or look as if they might, the strongest first. */
  candidates: readonly Candidate[];
}

// Stash gives seconds as a float, the target whole milliseconds of its own probe.
const SAME_DURATION_MS = 1_000;

/** Which items are the scene's, by its own evidence: what other scenes claim comes after. */
export function matchScene(sought: Sought): Match {
  const { files, rows, pins } = sought;
  if (pins === "none") return { kind: "barred", items: [], candidates: [] };
  if (pins !== null) return pinned(rows, pins);
  const perFile = files.map((file) => rows.map((row) => candidateOf(file, row, sought)));
  const candidates = perFile.flat().sort(byStrength);
  const chosen = perFile.map((all) => chooseFor(all, sought));
  const kinds = new Set(chosen.map(({ kind }) => kind));
  const items = distinctItems(chosen.flatMap(({ items }) => items).sort(byStrength));
  const shown = candidates.filter(isWorthShowing);
  // A right path stands for itself. Other evidence is only as good as all of it.
  const exact = items.filter(({ evidence }) => evidence === "path");
  if (exact.length > 0) return { kind: "items", items: exact, candidates: shown };
  if (kinds.has("ambiguous")) return { kind: "ambiguous", items: [], candidates: shown };
  if (kinds.has("unsettled")) return { kind: "unsettled", items: [], candidates: shown };
  return { kind: items.length > 0 ? "items" : "none", items, candidates: shown };
}

function pinned(rows: readonly IndexedFile[], pins: readonly string[]): Match {
  const items = distinctItems(
    rows.filter(({ item }) => pins.includes(item)).map(({ item, section, path }) => ({
      item,
      section,
      path,
      stashPath: null,
      evidence: "pinned",
      confidence: "high",
      contradicted: false,
      isSpelled: true,
      claim: rankOf("pinned"),
      isWeak: false,
    })),
  );
  return { kind: items.length > 0 ? "items" : "none", items, candidates: items };
}

/** What one file of the scene leads to: its strongest evidence alone counts. */
function chooseFor(
  all: readonly Candidate[],
  { strict, othersKnown }: Sought,
): Pick<Match, "kind" | "items"> {
  // The same bytes under another name are never enough by themselves: the own file may come yet.
  const proven = all.filter(({ evidence }) => evidence !== null && evidence !== "bytes")
    .sort(byStrength);
  const [best] = proven;
  if (best === undefined) return { kind: "none", items: [] };
  const { evidence } = best;
  const equal = proven.filter((each) => each.evidence === evidence);
  const items = distinctItems(evidence === "path" ? spelledBest(equal) : equal);
  const cannotPart = evidence === "path"
    ? areTwins(items)
    : items.length > 1 && evidence !== "remembered";
  // Whatever other scenes have, nothing is written then.
  if (cannotPart && strict) return { kind: "ambiguous", items: [] };
  if (restsOnOthers(evidence!) && !othersKnown) return { kind: "unsettled", items: [] };
  if (!cannotPart) return { kind: "items", items };
  return { kind: "items", items: [{ ...items[0]!, confidence: "low" }] };
}

/**
 * A library has a file once. Where two of its paths mean the same in composed letters, or without
 * letter case, only the one that is spelled as the scene's is the scene's.
 */
function spelledBest(candidates: readonly Candidate[]): Candidate[] {
  const spelled = new Set(
    candidates.filter(({ isSpelled }) => isSpelled).map(({ section }) => section),
  );
  return candidates.filter(({ isSpelled, section }) => isSpelled || !spelled.has(section));
}

/** Whether some stand in one library at different paths, none of which is spelled as the scene's. */
function areTwins(candidates: readonly Candidate[]): boolean {
  const loose = candidates.filter(({ isSpelled }) => !isSpelled);
  return loose.some((a) =>
    loose.some((b) => a.section === b.section && !isSameSpelling(a.path, b.path))
  );
}

/**
 * When the wait for a better one is over: the items that have the same bytes under other names.
 * Without strict matching the first of them is taken.
 */
export function lastResort(match: Match): Candidate[] {
  return distinctItems(match.candidates.filter(({ evidence }) => evidence === "bytes"));
}

function candidateOf(file: SoughtFile, row: IndexedFile, sought: Sought): Candidate {
  const { item, section, path } = row;
  const same = compare(file, row);
  const known = sought.known.find((each) => each.item === item);
  const proof = { ...same, known, exact: pathKey(file.path) === pathKey(path) };
  const evidence = evidenceOf(file, row, proof, sought.strict);
  const made = evidence === "remembered" ? known! : null;
  const isSpelled = isSameSpelling(file.path, path);
  return {
    item,
    section,
    path,
    stashPath: file.stashPath,
    evidence,
    confidence: made?.confidence ?? (evidence === "bytes" ? "low" : "high"),
    contradicted: same.size === false && same.length === false,
    isSpelled,
    claim: evidence === null
      ? EVIDENCE.length
      : made !== null
      ? Math.max(rankOf("remembered"), rankOf(made.evidence))
      : rankOf(evidence) + (evidence === "path" && !isSpelled ? 0.5 : 0),
    isWeak: file.rule === null && same.size === false &&
      (evidence === "path" || evidence === "folded"),
  };
}

/** Whether two files agree in a thing; null when one of them does not tell it. */
interface Sameness {
  size: boolean | null;
  length: boolean | null;
}

function compare(file: Omit<SceneFile, "path">, row: Omit<SceneFile, "path">): Sameness {
  const sizes = file.size > 0 && row.size > 0;
  const lengths = file.durationMs !== null && row.durationMs !== null;
  return {
    size: sizes ? file.size === row.size : null,
    length: lengths ? isSameLength(file.durationMs!, row.durationMs!) : null,
  };
}

/** Whether size and length are known and agree. */
export function isSameFile(a: Omit<SceneFile, "path">, b: Omit<SceneFile, "path">): boolean {
  const { size, length } = compare(a, b);
  return size === true && length === true;
}

/** Whether size or length agree, and what differs is no more than what a new encoding changes. */
export function isSameFilm(a: Omit<SceneFile, "path">, b: Omit<SceneFile, "path">): boolean {
  return isOneFilm(compare(a, b));
}

/** Whether size and length are known and both differ. */
export function isOtherFile(a: Omit<SceneFile, "path">, b: Omit<SceneFile, "path">): boolean {
  const { size, length } = compare(a, b);
  return size === false && length === false;
}

export function isSameLength(aMs: number, bMs: number): boolean {
  return Math.abs(aMs - bMs) <= SAME_DURATION_MS;
}

function evidenceOf(
  file: SoughtFile,
  row: IndexedFile,
  { size, length, known, exact }: Sameness & { known: KnownMatch | undefined; exact: boolean },
  strict: boolean,
): Evidence | null {
  if (exact && (file.rule === "owner" || isOneFilm({ size, length }))) return "path";
  if (size === false && length === false) return null;
  // A learned rule counts only where the very path that it says is there.
  const folded = file.rule !== "learned" && foldedKey(file.path) === foldedKey(row.path);
  if (folded && !exact && isOneFilm({ size, length })) return "folded";
  if (known !== undefined && !(strict && known.confidence === "low")) {
    const isPair = file.stashPath === known.stashPath && pathKey(row.path) === pathKey(known.path);
    // What a rule for paths alone led to is not known any longer than the rule leads there.
    const byPath = known.evidence === "path" || known.evidence === "folded";
    const holds = isPair && (!byPath || exact || folded) && !looksOther({ size, length });
    // Bytes that other scenes have too do not tell which of them was written.
    if (holds || (size === true && length === true && !file.isTwin)) return "remembered";
  }
  if (size !== true || length !== true) return null;
  return !file.isShared && isSameName(file.path, row.path) ? "elsewhere" : "bytes";
}

/** A new encoding changes the size of a film, never its length. */
function isOneFilm({ size, length }: Sameness): boolean {
  return length === true || (length === null && size === true);
}

/** Whether what is known says that another file took the place, and no new encoding of it. */
function looksOther({ size, length }: Sameness): boolean {
  return size !== true && (length === false || (size === false && length === null));
}

function isWorthShowing({ evidence, path, stashPath }: Candidate): boolean {
  return evidence !== null || (stashPath !== null && commonTail(path, stashPath) > 0);
}

function byStrength(a: Candidate, b: Candidate): number {
  return strength(a) - strength(b) || nearness(b) - nearness(a) ||
    Number(a.item) - Number(b.item) || (a.item < b.item ? -1 : Number(a.item > b.item));
}

function strength({ evidence, contradicted }: Candidate): number {
  return evidence === null ? EVIDENCE.length + Number(contradicted) : rankOf(evidence);
}

/** Of those that prove nothing the path that is most alike is the one to look at. */
function nearness({ path, stashPath, evidence }: Candidate): number {
  return evidence === null && stashPath !== null ? commonTail(path, stashPath) : 0;
}

/** The first candidate of each item. */
function distinctItems(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ item }) => !seen.has(item) && seen.add(item));
}
