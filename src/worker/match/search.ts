import { textOf } from "../../core/match/candidate_text.ts";
import { inSlices } from "../../core/in_slices.ts";
import { hasMetadata } from "../../core/sync/fields.ts";
import { isSameItem } from "../../core/match/identity.ts";
import { type Holds, NO_HOLDS } from "../../core/journal/holds.ts";
import { ownRows } from "../../core/journal/item_files.ts";
import type { Item } from "../../core/sync/item.ts";
import type { Candidate } from "../../core/match/match.ts";
import { emptyMemory, type MatchMemory, type Memory, takeOver } from "../../core/sync/memory.ts";
import type { UndoRow } from "../../core/journal/undo_scope.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { WorkContext } from "../context.ts";
import type { Gathered, Left, Ready, Unread } from "../batch/gathered.ts";
import { inherit } from "./heirs.ts";
import { type LostItem, lostItems } from "./lost_items.ts";
import { type Decision, isOf, type Matcher, matcherOf } from "./matcher.ts";
import { readItems, readScenes, type SharedRead } from "../batch/shared_read.ts";
import { sharedError, unmatched } from "./unmatched.ts";

// Misses of the batches of one walk share a delta: a file that came to Plex within
// these seconds is found by the waiting job's next look.
const FRESH_ENOUGH_MS = 5_000;
/** With nothing missing the index may lag: the matched items are read from Plex anyway. */
export const STALE_MS = 10 * 60_000;
/** Scenes: to decide on ten takes a millisecond, and the writes of the batch before wait for it. */
const AT_ONCE = 25;
/** Items that turn out to be other than the index says lead to other items at most so often. */
const MAX_ROUNDS = 3;

/** The search for the items of some scenes, and the reading of what was found. */
export class Search {
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
    const heirs = this.#heirs();
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
    const kept = this.#keptOf([...this.#read.found.values()]);
    for (const [id, decision] of this.#decisions) {
      const left = this.#leftBy(id);
      const touched = [
        ...decision.candidates.map(({ item }) => item),
        ...this.#lost.get(id)!.map(({ memory }) => memory.item),
      ];
      const found = { ...this.#gathered(id, decision, kept), touched };
      result.set(id, left === null ? found : { ...found, left });
    }
  }

  /** Scenes that others wrote for on their items, and that have taken over what is remembered. */
  #heirs(): Scene[] {
    const { store, target } = this.context;
    const candidates = new Map(
      [...this.#decisions].map(([id, { candidates }]) => [
        id,
        [...new Set(candidates.map(({ item }) => item))],
      ]),
    );
    const items = [...candidates.values()].flat();
    const writers = store.of(target.id).written.writersOf(items);
    return [...this.scenes.values()].filter((scene) => {
      const known = candidates.get(scene.id)!;
      const isOthers = (item: string) => writers.get(item)?.some((id) => id !== scene.id) ?? false;
      return known.some(isOthers) && inherit(scene, known, this.context);
    });
  }

  async #decide(ids: readonly string[]): Promise<void> {
    await this.#decideKnowing(ids);
    const outdated = new Set<string>();
    const matcher = matcherOf(this.context);
    for (const id of ids) {
      for (const other of matcher.deciders(this.#decisions.get(id)!, id)) {
        if (!this.scenes.has(other) && !this.#asked.has(other)) outdated.add(other);
      }
    }
    if (outdated.size === 0) return;
    await this.#askFor([...outdated].slice(0, this.context.settings.batchSize));
    await this.#decideByStore(ids);
  }

  /** @returns those that need to know all scenes' files and do not */
  async #decideByStore(ids: readonly string[]): Promise<string[]> {
    const matcher = matcherOf(this.context);
    await inSlices(ids, AT_ONCE, this.context.runtime, (some) => {
      matcher.ahead(some.map((id) => this.scenes.get(id)!));
      for (const id of some) this.#decideOne(id, matcher);
    });
    return ids.filter((id) => this.#decisions.get(id)!.kind === "unsettled");
  }

  #decideOne(id: string, matcher: Matcher): void {
    const scene = this.scenes.get(id)!;
    const isLastLook = this.lastLook.has(id);
    const decision = matcher.decide(scene, isLastLook);
    this.#decisions.set(id, decision);
    this.#lost.set(id, lostItems(scene, decision, matcher, isLastLook, this.context));
  }

  /** What rests on the files of all scenes waits for them, or has them read now. */
  async #decideKnowing(ids: readonly string[]): Promise<void> {
    const unsettled = await this.#decideByStore(ids);
    const { others } = this.context;
    // Where they are known, it is a library that is waited for.
    if (unsettled.length === 0 || others.areKnown() || !await others.learn()) return;
    await others.learnRules();
    // Those that were decided too: what is known now may stand against it.
    await this.#decideByStore(ids);
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
    const { keeper } = this.context;
    const wanted = new Set([...this.#decisions.keys()].flatMap((id) => this.#itemsOf(id)));
    const unread = [...wanted].filter((item) =>
      !this.#read.found.has(item) && !this.#read.failed.has(item)
    );
    const outdated = new Set<string>();
    if (unread.length === 0) return outdated;
    const { found, failed, isProven } = await readItems(unread, this.context);
    this.#read.isProven &&= isProven;
    const read: Item[] = [];
    for (const id of unread) {
      const error = failed.get(id);
      // Left out while others are given, it is not there for us: its scene waits for it, as for one
      // that is gone, and the next listing brings it back.
      const isAbsent = error === undefined ? !found.has(id) : error.isLeftOut && isProven;
      if (error !== undefined && !isAbsent) this.#read.failed.set(id, error);
      else if (isAbsent) {
        // Of a library that cannot be listed nothing is taken for gone.
        if (keeper.index.ofItem(id).some(({ section }) => keeper.unread.has(section))) continue;
        keeper.forget(id);
        outdated.add(id);
      } else {
        const item = found.get(id)!;
        this.#read.found.set(id, item);
        read.push(item);
      }
    }
    for (const id of keeper.takeUp(read)) outdated.add(id);
    return outdated;
  }

  /** What is kept of these items. */
  #keptOf(items: readonly Item[]): Kept {
    const { holds, written } = this.context.store.of(this.context.target.id);
    return { holds: holds.ofAll(items), memories: written.onItems(items.map(({ id }) => id)) };
  }

  #gathered(id: string, decision: Decision, kept: Kept): Gathered {
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
      return item === undefined ? [] : [ready(scene, item, candidate, kept)];
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
    return ownRows(rows, files);
  }

  /** Items that have to be read for a scene. */
  #itemsOf(id: string): string[] {
    return [
      ...itemsOf(this.#decisions.get(id)!).map(({ item }) => item),
      ...(this.#lost.get(id) ?? []).filter(({ heirs }) => heirs.length === 0)
        .map(({ memory }) => memory.item),
    ];
  }

  #idsOf(wanted: (decision: Decision) => boolean): string[] {
    return [...this.#decisions].filter(([, decision]) => wanted(decision)).map(([id]) => id);
  }
}

/** By item, what was written there for any scene, and what was undone. */
interface Kept {
  memories: ReadonlyMap<string, readonly Memory[]>;
  holds: ReadonlyMap<string, Holds>;
}

function ready(scene: Scene, item: Item, candidate: Candidate, kept: Kept): Ready {
  const all = kept.memories.get(item.id)
    ?.filter(({ match }) => match !== null && isSameItem(match, item.files)) ?? [];
  const own = all.find((each) => each.sceneId === scene.id && isOf(each, scene.files));
  const others = all.filter((each) => each !== own);
  const memory = others.length > 0
    ? takeOver(own ?? emptyMemory(scene.id, item.id), others)
    : own ?? null;
  return {
    scene,
    item,
    confidence: candidate.confidence,
    memory,
    holds: kept.holds.get(item.id) ?? NO_HOLDS,
    match: matchMemory(scene, candidate, own ?? null),
  };
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
