import { type Claim, type Lost, settleClaims, type Shared } from "../../core/match/claims.ts";
import { isSameScene } from "../../core/match/identity.ts";
import type { IndexedFile } from "../../core/sync/item.ts";
import {
  type Candidate,
  EVIDENCE,
  type KnownMatch,
  lastResort,
  type Match,
  matchScene,
  rankOf,
  type SoughtFile,
} from "../../core/match/match.ts";
import type { Memory } from "../../core/sync/memory.ts";
import { unreadSectionsOf } from "../../core/meta_keys.ts";
import { mapPath, nameKey, pathKey, unmapPath } from "../../core/match/path.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import type { Pin } from "../../store/library/pins.ts";
import type { Scenes } from "../../store/library/scenes.ts";
import type { Store } from "../../store/store.ts";
import type { TargetStore } from "../../store/target_store.ts";
import type { WorkContext } from "../context.ts";
import { BornePins } from "./borne_pins.ts";
import { MatchLooks } from "./match_looks.ts";
import { type RulesInForce, rulesInForce } from "./path_rules.ts";

/** What has to be known of a scene to find its items. */
export interface MatchedScene {
  id: string;
  files: readonly SceneFile[];
}

export interface MatchRules extends RulesInForce {
  strict: boolean;
  /** The files of all scenes are known. */
  othersKnown: boolean;
  /** No library is left out for now that may have a better item. */
  allRead: boolean;
}

/** What came of looking for a scene's items, with all that led to it. */
export type Decision =
  & {
    files: readonly SoughtFile[];
    /** All that proves something, or looks as if it might, the strongest first. */
    candidates: readonly Candidate[];
    /** The owner said which items are the scene's, or that none is. */
    isPinned: boolean;
  }
  & (
    | {
      kind: "items";
      items: readonly Candidate[];
      lost: readonly Lost[];
      /** Further items to which other scenes have the same right: they are not written. */
      shared: readonly Shared[];
    }
    /** Several items fit a file equally well. */
    | { kind: "ambiguous"; rivals: readonly Candidate[] }
    /** Other scenes have the same right to an item; all are named, this one included. */
    | { kind: "shared"; item: Candidate; scenes: readonly string[] }
    /** It is not there; `lost` are items that other scenes have a better right to. */
    | { kind: "none"; lost: readonly Lost[] }
    /** The owner said that none is the scene's. */
    | { kind: "barred" }
    /**
     * There is something, which counts only when the files of all scenes are known, and all
     * libraries are.
     */
    | { kind: "unsettled" }
  );

interface Wish {
  files: SoughtFile[];
  match: Match;
  isPinned: boolean;
}

type Seen = Pick<Decision, "files" | "candidates" | "isPinned">;

/** Finds the items of scenes by what the database knows, without asking anybody. */
export class Matcher {
  readonly #wishes = new Map<string, Wish>();
  readonly #claims = new Map<string, Claim[]>();
  readonly #looks: MatchLooks;
  #pins: BornePins | null = null;

  constructor(
    private readonly scenes: Scenes,
    private readonly known: TargetStore,
    private readonly rules: MatchRules,
  ) {
    this.#looks = new MatchLooks(scenes, known);
  }

  /** Looks up at once what it takes to decide on these scenes. */
  ahead(scenes: readonly MatchedScene[]): void {
    const looks = this.#looks;
    const files = scenes.flatMap((scene) => scene.files);
    const ids = scenes.map(({ id }) => id);
    looks.memories.ahead(ids);
    looks.likeFiles.ahead(files);
    looks.itemsAt.ahead(files.flatMap(({ path }) => this.#pathsFor(path)));
    looks.itemsLike.ahead(files.map((file) => this.#asMapped(file)));
    looks.ofItem.ahead(ids.flatMap((id) => looks.memories.of(id).map(({ item }) => item)));
    const items = scenes.flatMap((scene) => this.#wishOf(scene).match.items.map(itemOf));
    looks.ofItem.ahead(items);
    looks.writersOf.ahead(items);
    const rows = items.flatMap((item) => looks.ofItem.of(item));
    looks.likeFiles.ahead(rows);
    looks.scenesAt.ahead(rows.flatMap(({ path }) => unmapPath(path, this.rules.paths)));
    looks.filesOf.ahead(items.flatMap((item) => this.claimants(item)));
  }

  /** What was written for a scene, the newest first. */
  memoriesOf(sceneId: string): readonly Memory[] {
    return this.#looks.memories.of(sceneId);
  }

  /** The files of an item, as far as is known. */
  filesOf(item: string): readonly IndexedFile[] {
    return this.#looks.ofItem.of(item);
  }

  /** @param isLastLook The wait is over: what was not enough by itself is now all there is */
  decide(scene: MatchedScene, isLastLook: boolean): Decision {
    const { files, match: found, isPinned } = this.#wishOf(scene);
    const match = this.rules.allRead || isPinned ? found : this.#provenAnyway(scene, found);
    const seen = { files, candidates: match.candidates, isPinned };
    if (match.kind === "ambiguous") {
      return { ...seen, kind: "ambiguous", rivals: distinctItems(match.candidates, isProof) };
    }
    if (match.kind === "unsettled" || match.kind === "barred") return { ...seen, kind: match.kind };
    if (match.kind === "none") {
      return this.#withoutProof(scene, seen, match, isLastLook && this.rules.allRead);
    }
    const claims = new Map(match.items.map(({ item }) => [item, this.#claimsOn(item, scene.id)]));
    return { ...seen, ...settleClaims(scene.id, match.items, claims) };
  }

  /** Other scenes whose files or claims decided about this one: they may be outdated. */
  deciders(decision: Decision, sceneId: string): string[] {
    const shared = decision.files.filter(({ isShared }) => isShared)
      .flatMap(({ stashPath, size, durationMs }) =>
        this.scenes.alike(sceneId, { path: stashPath, size, durationMs })
      );
    const owners = decision.kind === "none"
      ? decision.lost.flatMap(({ scenes }) => scenes)
      : sharedIn(decision).flatMap(({ scenes }) => scenes);
    const isDecided = decision.kind === "none" || owners.length > 0;
    return isDecided ? [...new Set([...shared, ...owners])].filter((id) => id !== sceneId) : [];
  }

  /** Other scenes that have proof for the item. */
  owners(item: string, sceneId: string): string[] {
    return this.#claimsOn(item, sceneId).map((claim) => claim.sceneId);
  }

  /** Scenes that may have to do with the item: by a file, a pin, or what they wrote to it. */
  claimants(item: string): string[] {
    const looks = this.#looks;
    const rows = looks.ofItem.of(item);
    const paths = rows.flatMap(({ path }) => unmapPath(path, this.rules.paths));
    return [
      ...new Set([
        ...paths.flatMap((path) => looks.scenesAt.of(path)),
        ...rows.flatMap((row) => looks.likeFiles.of(row).map((like) => like.sceneId)),
        ...looks.writersOf.of(item),
        ...this.#pinnedTo(item, rows.map(({ path }) => path)),
      ]),
    ];
  }

  /**
   * What holds whatever else a library has that cannot be read now: an equal path, and what was
   * written before. It may have the scene's own file, beside which less is no proof.
   */
  #provenAnyway({ id, files }: MatchedScene, match: Match): Match {
    const isPath = ({ evidence }: Candidate) => evidence === "path";
    if (match.kind === "ambiguous") {
      return match.candidates.some(isPath) ? match : { ...match, kind: "unsettled" };
    }
    if (match.kind !== "items" || match.items.some(isPath)) return match;
    const written = this.#looks.memories.of(id).filter((memory) => isOf(memory, files));
    const items = match.items.filter(({ item }) => written.some((each) => each.item === item));
    return { ...match, items, kind: items.length > 0 ? "items" : "unsettled" };
  }

  #withoutProof(
    scene: MatchedScene,
    seen: Seen,
    match: Match,
    isLastLook: boolean,
  ): Decision {
    // What another scene has proof for is nobody else's.
    const free = lastResort(match).filter(({ item }) =>
      this.#claimsOn(item, scene.id).length === 0
    );
    const candidates = seen.candidates.filter(({ item, evidence }) =>
      evidence !== "bytes" || free.some((each) => each.item === item)
    );
    const left = { ...seen, candidates };
    const [first] = free;
    if (!isLastLook || first === undefined) return { ...left, kind: "none", lost: [] };
    // Two scenes with these bytes would write by turns.
    const isAlone = this.scenes.withFiles([], scene.files).every((id) => id === scene.id);
    if (this.rules.strict || !isAlone) return { ...left, kind: "ambiguous", rivals: free };
    return { ...left, kind: "items", items: [first], lost: [], shared: [] };
  }

  #wishOf({ id, files: stashFiles }: MatchedScene): Wish {
    const known = this.#wishes.get(id);
    if (known !== undefined) return known;
    const files = stashFiles.map((file) => this.#sought(id, file));
    const looks = this.#looks;
    const memories = looks.memories.of(id).filter((memory) => isOf(memory, stashFiles));
    const matches = memories.flatMap(knownMatch);
    const pins = this.#pinsOf(id);
    const rows = [
      ...files.flatMap((file) => [...looks.itemsAt.of(file.path), ...looks.itemsLike.of(file)]),
      ...[...matches.map(itemOf), ...pins === "none" ? [] : pins ?? []]
        .flatMap((item) => looks.ofItem.of(item)),
    ];
    const { strict, othersKnown } = this.rules;
    const match = matchScene({
      files,
      rows: distinctRows(rows),
      known: matches,
      pins,
      strict,
      othersKnown,
    });
    const wish = { files, match, isPinned: pins !== null };
    this.#wishes.set(id, wish);
    return wish;
  }

  #sought(sceneId: string, file: SceneFile): SoughtFile {
    const like = this.#looks.likeFiles.of(file);
    return {
      ...file,
      ...this.#mapped(file.path),
      stashPath: file.path,
      isShared: like.some((each) =>
        each.sceneId !== sceneId && each.nameKey === nameKey(file.path)
      ),
      isTwin: like.some((each) => each.sceneId !== sceneId),
    };
  }

  #asMapped(file: SceneFile): SceneFile {
    return { ...file, path: this.#mapped(file.path).path };
  }

  /** Where the file at a path may stand on the target's side. */
  #pathsFor(stashPath: string): string[] {
    const { path, rule } = mapPath(stashPath, this.rules.paths);
    return rule === null || this.rules.areOwners ? [path] : [path, stashPath];
  }

  /** Whether a file of an item stands at this very path. */
  #hasPath(path: string): boolean {
    return this.#looks.itemsAt.of(path).some((row) => pathKey(row.path) === pathKey(path));
  }

  /** A learned rule stands back where the path is right as it is and the rule's is not there. */
  #mapped(stashPath: string): Pick<SoughtFile, "path" | "rule"> {
    const { paths, areOwners } = this.rules;
    const { path, rule } = mapPath(stashPath, paths);
    if (rule === null || areOwners) return { path, rule: rule === null ? null : "owner" };
    return !this.#hasPath(path) && this.#hasPath(stashPath)
      ? { path: stashPath, rule: null }
      : { path, rule: "learned" };
  }

  /** The scene's pins, whatever its id was when they were made. */
  #pinsOf(sceneId: string): string[] | "none" | null {
    const pins = this.#allPins();
    const found = pins.near(sceneId).filter((pin) => pins.bearerOf(pin) === sceneId);
    if (found.length === 0) return null;
    // A pinned item that is away may come back; where there is to be none, nothing is waited for.
    const isBarred = found.every(({ item }) => item === null);
    return isBarred ? "none" : found.flatMap((pin) => this.#itemsOf(pin));
  }

  /** The pinned item; when the target gave its file a new id, the item that has the file now. */
  #itemsOf({ item, paths }: Pin): string[] {
    if (item === null) return [];
    const keys = new Set(paths.map(pathKey));
    const holds = this.#looks.ofItem.of(item).some(({ path }) => keys.has(pathKey(path)));
    if (holds || paths.length === 0) return [item];
    const files = paths.map((path) => ({ path, size: 0, durationMs: null }));
    const heirs = this.known.index.find(files).filter(({ path }) => keys.has(pathKey(path)))
      .map((row) => row.item);
    return heirs.length > 0 ? [...new Set(heirs)] : [];
  }

  #allPins(): BornePins {
    this.#pins ??= new BornePins(this.known.pins, this.scenes);
    return this.#pins;
  }

  /** What other scenes have proof for the item, each by its own best evidence. */
  #claimsOn(item: string, sceneId: string): Claim[] {
    const known = this.#claims.get(item) ?? this.#findClaims(item);
    this.#claims.set(item, known);
    return known.filter((claim) => claim.sceneId !== sceneId);
  }

  #findClaims(item: string): Claim[] {
    return this.claimants(item).flatMap((id) => {
      const files = this.#looks.filesOf.of(id);
      if (files.length === 0) return [];
      const { match } = this.#wishOf({ id, files });
      const own = match.items.find((candidate) => candidate.item === item) ??
        match.candidates.find((candidate) =>
          match.kind === "ambiguous" && candidate.item === item && isProof(candidate)
        );
      return own === undefined ? [] : [{ sceneId: id, claim: own.claim, isWeak: own.isWeak }];
    });
  }

  /**
   * Living scenes that are pinned to the item.
   * @param paths Of its files
   */
  #pinnedTo(item: string, paths: readonly string[]): string[] {
    const pins = this.#allPins();
    return pins.toItem(item, paths).filter((pin) => this.#itemsOf(pin).includes(item))
      .flatMap((pin) => pins.bearerOf(pin) ?? []);
  }
}

/** Items of the scene that nobody may write, since other scenes have the same right to them. */
export function sharedIn(decision: Decision): readonly Shared[] {
  return decision.kind === "shared" ? [decision] : decision.kind === "items" ? decision.shared : [];
}

/** A matcher by what is known now; what it has looked up it does not look up again. */
export function matcherOf(
  { store, target, settings, others }: Pick<
    WorkContext,
    "store" | "target" | "settings" | "others"
  >,
): Matcher {
  return matcherBy(settings, store, target.id, others.areKnown());
}

/**
 * The same for whoever asks the store alone.
 * @param othersKnown As in `MatchRules`
 */
export function matcherBy(
  { strictMatching, pathMap }: Pick<WorkContext["settings"], "strictMatching" | "pathMap">,
  store: Pick<Store, "scenes" | "of" | "meta">,
  target: string,
  othersKnown: boolean,
): Matcher {
  return new Matcher(store.scenes, store.of(target), {
    strict: strictMatching,
    ...rulesInForce(store, target, pathMap),
    othersKnown,
    allRead: store.meta.get(unreadSectionsOf(target)) === undefined,
  });
}

/** Whether what is remembered under the scene's id is of the same scene. */
export function isOf({ match }: Memory, files: readonly SceneFile[]): boolean {
  return match !== null && isSameScene(match.files, files);
}

function itemOf({ item }: { item: string }): string {
  return item;
}

function knownMatch({ item, match }: Memory): KnownMatch[] {
  // A pin that is there speaks for itself; one that was taken back must not live on in memory.
  return match === null || match.evidence === "pinned" ? [] : [{ ...match, item }];
}

function isProof({ evidence }: Candidate): boolean {
  return evidence !== null && rankOf(evidence) < EVIDENCE.indexOf("bytes");
}

function distinctItems(
  candidates: readonly Candidate[],
  wanted: (candidate: Candidate) => boolean,
): Candidate[] {
  return [
    ...new Map(candidates.filter(wanted).toReversed().map((each) => [each.item, each])).values(),
  ].toReversed();
}

function distinctRows(rows: readonly IndexedFile[]): IndexedFile[] {
  return [...new Map(rows.map((row) => [`${row.item}\0${row.path}`, row])).values()];
}
