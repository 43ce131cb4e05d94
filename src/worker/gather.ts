import { textOf } from "../core/match/candidate_text.ts";
import { PlexsyncError } from "../core/failures/errors.ts";
import { hasMetadata } from "../core/sync/fields.ts";
import { isSameItem } from "../core/match/identity.ts";
import { type Holds, NO_HOLDS, shareFile } from "../core/journal/holds.ts";
import type { Item } from "../core/sync/item.ts";
import type { Candidate, Confidence } from "../core/match/match.ts";
import {
  emptyMemory,
  holdsOurs,
  type MatchMemory,
  type Memory,
  takeOver,
} from "../core/sync/memory.ts";
import type { UndoRow } from "../core/journal/undo_scope.ts";
import type { SkipReason } from "../core/reconcile/reconcile_verdict.ts";
import { leftOutBy } from "../core/sync/selection.ts";
import type { Scene, SceneFile } from "../core/sync/scene.ts";
import type { WorkContext } from "./context.ts";
import { inherit, passOn } from "./heirs.ts";
import { type LostItem, lostItems } from "./lost_items.ts";
import { type Decision, isOf, matcherOf } from "./matcher.ts";
import { readItems, readScenes, type SharedRead } from "./shared_read.ts";
import { sharedError, unmatched } from "./unmatched.ts";

/** All that a scene's plan is made from, or why there can be none; and what it has left behind. */
export type Gathered = Found & { left?: Left };

type Found =
  /** The scene with each of its items, the best first; one at least. */
  | {
    kind: "ready";
    scene: Scene;
    items: readonly Ready[];
    unread: readonly Unread[];
    /** Other scenes with the same right to one of the unread. */
    sharers: readonly string[];
  }
  | { kind: "skipped"; reason: SkipReason }
  | { kind: "gone" }
  | {
    kind: "failed";
    error: PlexsyncError;
    /** It is not known whose fault it is: no other could be read either. */
    isUnproven?: boolean;
    files: readonly SceneFile[];
    /** Other scenes with the same right to the item. */
    sharers?: readonly string[];
    /** Its items, of which none could be read. */
    unread?: readonly Unread[];
  };

/** Items that were written for a scene and are not its own any more. */
export interface Left {
  /** Those on which what was written has to be taken back. */
  items: readonly Ready[];
  /** Scenes that own the others now, or that have what was remembered under the scene's id. */
  heirs: readonly string[];
}

/** One of a scene's items that could not be read, for its own fault, or must not be written. */
export interface Unread {
  item: string;
  path: string;
  /** The same for people, with why it is the scene's. */
  text: string;
  error: PlexsyncError;
  isUnproven: boolean;
}

/** A scene with one of its items. */
export interface Ready {
  scene: Scene;
  item: Item;
  /** null for an item that is not the scene's any more. */
  confidence: Confidence | null;
  /** What was written to this very item, for the scene or for those that had it before. */
  memory: Memory | null;
  /** What was undone on the item, and stays so. */
  holds: Holds;
  /** How the item was found, to be remembered with what is written; null as `confidence`. */
  match: MatchMemory | null;
  /** Of an item that is not the scene's any more: what the journal has of it, the oldest first. */
  rows?: readonly UndoRow[];
  /** Collections that it has to stay in, as the item shows them: `noteSpared` tells. */
  spared?: readonly string[];
}

/** Whether the item is not the scene's any more, so that what was written there is taken back. */
export function isLost({ match }: Ready): boolean {
  return match === null;
}

export interface GatherOptions {
  /** Scenes for which the wait is over: they are found now or given up. */
  lastLook?: ReadonlySet<string>;
}

// Misses of the batches of one walk share a delta: a file that came to Plex within
// these seconds is found by the waiting job's next look.
const FRESH_ENOUGH_MS = 5_000;
/** With nothing missing the index may lag: the matched items are read from Plex anyway. */
const STALE_MS = 10 * 60_000;
/** Items that turn out to be other than the index says lead to other items at most so often. */
const MAX_ROUNDS = 3;

/**
 * Reads everything that a batch of scenes needs: one request to Stash for all scenes,
 * one to Plex for all matched items, the index in between without any.
 * @throws {PlexsyncError} a server did not answer: the whole batch has to come back
 */
export async function gather(
  sceneIds: readonly string[],
  context: WorkContext,
  options: GatherOptions = {},
): Promise<Map<string, Gathered>> {
  const result = new Map<string, Gathered>();
  const { found: scenes, failed, isProven } = await readScenes(sceneIds, context);
  const read = sceneIds.filter((id) => !failed.has(id));
  const heirs = passOn(new Map(read.map((id) => [id, scenes.get(id)?.files ?? []])), context);
  const fit = new Map<string, Scene>();
  for (const id of sceneIds) {
    const scene = scenes.get(id);
    const early: Gathered | null = failed.has(id)
      ? badScene(failed.get(id)!, !isProven)
      : scene === undefined
      ? { kind: "gone" as const }
      : unfit(scene, context);
    if (early !== null) result.set(id, early);
    // What was written for an earlier state of it is taken back; there is nothing else to do.
    else if (hasMetadata(scene!) || isWritten(scene!, context)) fit.set(id, scene!);
    else result.set(id, { kind: "skipped", reason: "no metadata" });
  }
  if (fit.size > 0) await new Search(fit, context, options.lastLook ?? new Set()).run(result);
  for (const [id, ids] of heirs) {
    const found = result.get(id)!;
    const { items, heirs } = found.left ?? { items: [], heirs: [] };
    result.set(id, { ...found, left: { items, heirs: [...new Set([...heirs, ...ids])] } });
  }
  return result;
}

/** Stash answers, only not for this scene: its own failure, not an outage. */
function badScene(cause: PlexsyncError, isUnproven: boolean): Gathered {
  const error = new PlexsyncError("TransientError", cause.message, {
    cause,
    hint: "Retried by itself; if it persists, open the scene in Stash and look into Stash's log",
  });
  return { kind: "failed", error, files: [], isUnproven };
}

/** Why a scene cannot be synced whatever Plex has, or null when it can. */
function unfit(scene: Scene, context: WorkContext): Gathered | null {
  const leftOut = leftOutBy(scene, context.settings);
  if (leftOut !== null) return { kind: "skipped", reason: leftOut };
  if (scene.files.length === 0) {
    const error = new PlexsyncError("PermanentError", `Scene ${scene.id} has no file`, {
      hint: "Give the scene a file in Stash; Plex knows items by their files",
    });
    return { kind: "failed", error, files: [] };
  }
  return null;
}

function isWritten({ id, files }: Scene, { store, target }: WorkContext): boolean {
  return store.of(target.id).written.ofScene(id).some((memory) =>
    isOf(memory, files) && holdsOurs(memory)
  );
}

/** The search for the items of some scenes, and the reading of what was found. */
class Search {
  readonly #decisions = new Map<string, Decision>();
  readonly #lost = new Map<string, LostItem[]>();
  readonly #read: SharedRead<Item> = { found: new Map(), failed: new Map(), isProven: true };
  /** Scenes of which it was asked once whether they still are as they are known. */
  readonly #asked = new Set<string>();

  constructor(
    private readonly scenes: ReadonlyMap<string, Scene>,
    private readonly context: WorkContext,
    private readonly lastLook: ReadonlySet<string>,
  ) {}

  async run(result: Map<string, Gathered>): Promise<void> {
    const { keeper, others } = this.context;
    await keeper.refresh(STALE_MS);
    await others.learnRules();
    await this.#decide([...this.scenes.keys()]);
    const heirs = [...this.scenes.values()].filter((scene) => {
      const { candidates } = this.#decisions.get(scene.id)!;
      return inherit(scene, [...new Set(candidates.map(({ item }) => item))], this.context);
    });
    if (heirs.length > 0) await this.#decide(heirs.map(({ id }) => id));
    const missed = this.#idsOf(({ kind }) => kind === "none" || kind === "unsettled");
    if (missed.length > 0 && await keeper.refresh(FRESH_ENOUGH_MS)) await this.#decide(missed);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const outdated = await this.#readItems();
      if (outdated.size === 0) break;
      await this.#decide(
        [...this.#decisions.keys()].filter((id) =>
          this.#itemsOf(id).some((item) => outdated.has(item))
        ),
      );
    }
    for (const [id, decision] of this.#decisions) {
      const left = this.#leftBy(id);
      result.set(id, { ...this.#gathered(id, decision), ...(left === null ? {} : { left }) });
    }
  }

  async #decide(ids: readonly string[]): Promise<void> {
    await this.#decideKnowing(ids);
    const outdated = new Set<string>();
    for (const id of ids) {
      for (const other of matcherOf(this.context).deciders(this.#decisions.get(id)!, id)) {
        if (!this.scenes.has(other) && !this.#asked.has(other)) outdated.add(other);
      }
    }
    if (outdated.size === 0) return;
    await this.#askFor([...outdated].slice(0, this.context.settings.batchSize));
    this.#decideByStore(ids);
  }

  /** @returns those that need to know all scenes' files and do not */
  #decideByStore(ids: readonly string[]): string[] {
    const matcher = matcherOf(this.context);
    for (const id of ids) {
      const scene = this.scenes.get(id)!;
      const isLastLook = this.lastLook.has(id);
      const decision = matcher.decide(scene, isLastLook);
      this.#decisions.set(id, decision);
      this.#lost.set(id, lostItems(scene, decision, matcher, isLastLook, this.context));
    }
    return ids.filter((id) => this.#decisions.get(id)!.kind === "unsettled");
  }

  /** What rests on the files of all scenes waits for them, or has them read now. */
  async #decideKnowing(ids: readonly string[]): Promise<void> {
    const unsettled = this.#decideByStore(ids);
    if (unsettled.length === 0 || !await this.context.others.learn()) return;
    await this.context.others.learnRules();
    // Those that were decided too: what is known now may stand against it.
    this.#decideByStore(ids);
  }

  /** Another scene stands in the way: whether it still is there, and has its file, is asked. */
  async #askFor(sceneIds: readonly string[]): Promise<void> {
    const { store, runtime } = this.context;
    const { found, failed } = await readScenes(sceneIds, this.context);
    const gone = sceneIds.filter((id) => !found.has(id) && !failed.has(id));
    if (gone.length > 0) store.scenes.noteGone(gone, runtime.now());
    for (const id of sceneIds) this.#asked.add(id);
  }

  /**
   * Reads the items that were decided on and are not read yet. The index may be behind: deletions
   * never show in a delta.
   * @returns items of which the index now knows something else
   */
  async #readItems(): Promise<Set<string>> {
    const { keeper, runtime } = this.context;
    const wanted = new Set([...this.#decisions.keys()].flatMap((id) => this.#itemsOf(id)));
    const unread = [...wanted].filter((item) =>
      !this.#read.found.has(item) && !this.#read.failed.has(item)
    );
    const outdated = new Set<string>();
    if (unread.length === 0) return outdated;
    const { found, failed, isProven } = await readItems(unread, this.context);
    this.#read.isProven &&= isProven;
    for (const id of unread) {
      if (failed.has(id)) this.#read.failed.set(id, failed.get(id)!);
      else if (!found.has(id)) {
        keeper.index.dropItem(id);
        outdated.add(id);
      } else {
        const item = found.get(id)!;
        this.#read.found.set(id, item);
        if (keeper.index.correct(item, runtime.now())) outdated.add(id);
      }
    }
    return outdated;
  }

  #gathered(id: string, decision: Decision): Gathered {
    const { context } = this;
    const isUnproven = !this.#read.isProven;
    const scene = this.scenes.get(id)!;
    if (decision.kind !== "items") {
      if (!hasMetadata(scene)) return { kind: "skipped", reason: "no metadata" };
      return unmatched(scene, decision, context);
    }
    const unread = decision.items.flatMap((candidate): Unread[] => {
      const { item, path } = candidate;
      const error = this.#read.failed.get(item);
      const text = textOf(candidate);
      return error === undefined ? [] : [{ item, path, text, error, isUnproven }];
    });
    const items = decision.items.flatMap((candidate) => {
      const item = this.#read.found.get(candidate.item);
      return item === undefined ? [] : [this.#ready(scene, item, candidate)];
    });
    if (items.length > 0) {
      const shared = decision.shared.map((each): Unread => ({
        item: each.item.item,
        path: each.item.path,
        text: textOf(each.item),
        error: sharedError(id, each, decision, context.target),
        isUnproven: false,
      }));
      return {
        kind: "ready",
        scene,
        items,
        unread: [...unread, ...shared],
        sharers: decision.shared.flatMap(({ scenes }) => scenes).filter((each) => each !== id),
      };
    }
    const [first] = unread;
    if (first !== undefined) {
      return { kind: "failed", error: first.error, files: decision.files, isUnproven, unread };
    }
    // It changed under every look.
    return unmatched(scene, { ...decision, kind: "none" }, context);
  }

  /** What is to be taken back, as far as it could be read: the rest comes with the next sync. */
  #leftBy(id: string): Left | null {
    const lost = this.#lost.get(id) ?? [];
    if (lost.length === 0) return null;
    const scene = this.scenes.get(id)!;
    const items = lost.filter(({ heirs }) => heirs.length === 0).flatMap(({ memory }): Ready[] => {
      const item = this.#read.found.get(memory.item);
      return item === undefined ? [] : [{
        scene,
        item,
        confidence: null,
        memory,
        holds: NO_HOLDS,
        match: null,
        rows: this.#rowsOf(item),
      }];
    });
    return { items, heirs: [...new Set(lost.flatMap(({ heirs }) => heirs))] };
  }

  /** What the journal has of an item, while it had a file that it still has. */
  #rowsOf({ id, files }: Item): UndoRow[] {
    const { store, target } = this.context;
    const rows = store.of(target.id).journal.ofItems([id]).get(id) ?? [];
    return rows.filter((row) => shareFile(row.files, files));
  }

  /** Items that have to be read for a scene. */
  #itemsOf(id: string): string[] {
    return [
      ...itemsOf(this.#decisions.get(id)!).map(({ item }) => item),
      ...(this.#lost.get(id) ?? []).filter(({ heirs }) => heirs.length === 0)
        .map(({ memory }) => memory.item),
    ];
  }

  #ready(scene: Scene, item: Item, candidate: Candidate): Ready {
    const all = this.context.store.of(this.context.target.id).written.onItems([item.id])
      .get(item.id)?.filter(({ match }) => match !== null && isSameItem(match, item.files)) ?? [];
    const own = all.find((each) => each.sceneId === scene.id && isOf(each, scene.files));
    const others = all.filter((each) => each !== own);
    const memory = others.length > 0
      ? takeOver(own ?? emptyMemory(scene.id, item.id), others)
      : own ?? null;
    const confidence = candidate.confidence;
    const match = matchMemory(scene, candidate, own ?? null);
    const holds = this.context.store.of(this.context.target.id).holds.of(item);
    return { scene, item, confidence, memory, holds, match };
  }

  #idsOf(wanted: (decision: Decision) => boolean): string[] {
    return [...this.#decisions].filter(([, decision]) => wanted(decision)).map(([id]) => id);
  }
}

/** Items that a decision rests on. */
function itemsOf(decision: Decision): readonly Candidate[] {
  switch (decision.kind) {
    case "items":
      return [...decision.items, ...decision.shared.map(({ item }) => item)];
    case "ambiguous":
      return decision.rivals;
    case "shared":
      return [decision.item];
    case "none":
    case "barred":
    case "unsettled":
      return [];
  }
}

/** What is remembered is never more than what it was matched by. */
function matchMemory(scene: Scene, candidate: Candidate, own: Memory | null): MatchMemory {
  const { evidence, confidence, path, stashPath } = candidate;
  const { files } = scene;
  const pair = { stashPath: stashPath ?? files[0]!.path, path };
  return evidence === "remembered" && own?.match
    ? { ...own.match, ...pair, files }
    : { evidence: evidence!, confidence, ...pair, files };
}
