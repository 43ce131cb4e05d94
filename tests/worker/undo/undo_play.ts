/** A rig that plays random histories: what happens in Stash, in both targets, and on the way. */
import { assertEquals } from "@std/assert";
import type { UndoScope } from "../../../src/core/journal/undo_scope.ts";
import { previewOn, undoTasks } from "../../../src/app/scenes/undo.ts";
import type { ImageField } from "../../../src/core/sync/fields.ts";
import { STASH } from "../../../src/core/jobs/course.ts";
import { type Database, type SqlValue, transaction } from "../../../src/store/database/database.ts";
import { JournalPruning } from "../../../src/store/journal/journal_pruning.ts";
import { Gate } from "../../../src/worker/gates/gate.ts";
import { Gates } from "../../../src/worker/gates/gates.ts";
import { ImageRest } from "../../../src/worker/images/image_rest.ts";
import { IndexKeeper } from "../../../src/worker/index/index_keeper.ts";
import { Unpaid } from "../../../src/worker/doubts/unpaid.ts";
import type { WorkerSettings } from "../../../src/worker/context.ts";
import { Worker } from "../../../src/worker/worker.ts";
import { loopEnd, Rig } from "../rig.ts";
import { FieldRest } from "../../../src/worker/doubts/field_rest.ts";
import { filesOf, libraryDocument, plexFile, SCENES, secondTarget } from "./undo_library.ts";
import { ItemModel, type Sight, sightsOf } from "./undo_model.ts";
import { request } from "./undo_rig.ts";
import { editIn, editInPlex, type Personal } from "./undo_persons.ts";

/**
 * What goes wrong while the work goes on: a write never comes there, or its answer is lost; both
 * targets are down from then on; or the process is killed just before the write, or just after it.
 * Or Plex answers it with an error, for now or for good, or for now though it has done it.
 */
export type FaultKind =
  | "none"
  | "refused"
  | "lost"
  | "outage"
  | "killed"
  | "killed after"
  | "error"
  | "error after"
  | "denied";

/** Whom a person's choice of an image meets: a write of ours, on the spot, or the time until the next. */
export type Moment = "before" | "after" | "later";

export interface Fault {
  kind: FaultKind;
  /** Writes to Plex that go well before. */
  after: number;
  /** Only writes of images are meant. */
  isImage?: boolean;
  /** A person's choice of an image on that item meanwhile. */
  choice?: { at: Moment; does: Extract<Personal, { kind: "image" }> } | null;
}

export const NO_FAULT: Fault = { kind: "none", after: 0 };

/** What of an item an undo came to. */
interface Undone {
  run: number;
  errors: string[];
}

const ENDS = "cut off";

export class Play implements AsyncDisposable {
  readonly models: ItemModel[] = [];
  readonly second = secondTarget();
  readonly #moved = new Map<string, string>();
  #fault: Fault = NO_FAULT;
  /** What a person chooses before the next process. */
  #later: { id: string; does: Extract<Personal, { kind: "image" }> } | null = null;
  /** Nothing comes through any more, until the next process. */
  #isCut = false;
  /** How the database was when the process was killed. */
  #killedWith: Rows | null = null;

  private constructor(readonly rig: Rig) {}

  static async open(settings: Partial<WorkerSettings>, imageLocks = false): Promise<Play> {
    const send: typeof fetch = (input, init) => play.#send(input, init);
    const rig = await Rig.open({
      document: libraryDocument(),
      more: ["second"],
      fetch: send,
      settings: { syncRating: true, ...settings },
      plex: { switches: { imageLocks } },
    });
    const play: Play = new Play(rig);
    return play;
  }

  /** Sets the next thing that goes wrong. */
  breaks(fault: Fault): void {
    this.#fault = fault.kind === "none" && !fault.choice ? NO_FAULT : { ...fault };
  }

  async #send(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const fault = this.#fault;
    if (this.#isCut) throw new DOMException(ENDS, "NetworkError");
    const isWrite = init?.method === "PUT" || (init?.method === "POST" && !isGraphql(input));
    if (!isWrite || fault === NO_FAULT) return await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const [, id, image] = /\/metadata\/(\d+)(\/(?:poster|art)s?\b)?/.exec(url) ?? [];
    if (id === undefined || (fault.isImage && image === undefined) || fault.after-- > 0) {
      return await fetch(input, init);
    }
    this.#fault = NO_FAULT;
    const { kind, choice = null } = fault;
    if (choice?.at === "before") await this.#race(id, choice.does);
    if (choice?.at === "later") this.#later = { id, does: choice.does };
    if (kind === "denied") return new Response("", { status: 400 });
    if (kind === "error") return new Response("", { status: 500 });
    if (!["refused", "killed", "outage"].includes(kind)) {
      const answer = await fetch(input, init);
      if (choice?.at === "after") await this.#race(id, choice.does);
      if (kind === "none") return answer;
      await answer.body?.cancel();
      if (kind === "error after") return new Response("", { status: 500 });
    }
    if (kind.startsWith("killed")) this.#killedWith = copyOf(this.rig.store.database);
    if (kind !== "refused" && kind !== "lost") {
      this.#isCut = true;
      this.second.fault = "down";
    }
    throw new DOMException(ENDS, "NetworkError");
  }

  /** A person is in the midst of our work. */
  async #race(id: string, does: Extract<Personal, { kind: "image" }>): Promise<void> {
    const at = this.rig.plex.items().findIndex(({ ratingKey }) => ratingKey === id);
    this.models[at]?.noteRace(does.field);
    await editInPlex(this.rig, id, does);
  }

  /** Between two processes. */
  async #chooseLater(): Promise<void> {
    const later = this.#later;
    this.#later = null;
    if (later === null || !this.rig.plex.items().some(({ ratingKey }) => ratingKey === later.id)) {
      return;
    }
    (await this.sights()).forEach((now, at) => this.models[at]?.noteOurs(now));
    await editInPlex(this.rig, later.id, later.does);
    (await this.sights()).forEach((now, at) => this.models[at]?.notePerson(now));
  }

  get #places() {
    const ofPlex = this.rig.plex.items().map(({ ratingKey }) => ratingKey);
    return [
      { target: this.rig.context.target, ids: ofPlex },
      { target: this.second, ids: this.second.ids() },
    ];
  }

  /** All items, those of Plex first. */
  async sights(): Promise<Sight[]> {
    const all = await Promise.all(this.#places.map(({ target, ids }) => sightsOf(target, ids)));
    return all.flat();
  }

  /** Requests that write, of both targets. */
  writes(): string[] {
    return [
      ...this.rig.writes(),
      ...this.second.requests.filter((request) => /^(write|show|repair) /.test(request)),
    ];
  }

  /** Works until all is done, as a fresh process each time. */
  async work(): Promise<void> {
    const { rig } = this;
    const { jobs } = rig.store;
    (await this.sights()).forEach((now, at) => this.models[at]?.notePerson(now));
    for (let round = 0; round < 20; round++) {
      await this.#process();
      await this.#chooseLater();
      const isAsked = rig.store.targets.some((key) => rig.store.of(key).undos.hasDue(Infinity));
      if (jobs.count() === 0 && !isAsked) break;
      rig.runtime.jump(15 * 60_000);
    }
    this.#fault = NO_FAULT;
    assertEquals(jobs.count(), 0);
    // Two scenes may come to share an item.
    const letters = rig.store.deadLetters.recent(9)
      .filter(({ error_type }) => error_type !== "SharedItem");
    assertEquals(letters.map(({ error_message }) => error_message), []);
    (await this.sights()).forEach((now, at) => this.models[at]?.noteOurs(now));
    rig.runtime.jump(60_000);
  }

  /** One process, from its start until nothing is due. */
  async #process(): Promise<void> {
    const { rig } = this;
    this.#isCut = false;
    this.second.fault = null;
    rig.start();
    rig.store.jobs.rescueAll(rig.runtime.now());
    await rig.once();
    if (!this.#isCut) await this.#workerOfSecond().run(new AbortController().signal, loopEnd(true));
    this.#isCut = false;
    this.second.fault = null;
    if (this.#killedWith === null) return;
    restore(rig.store.database, this.#killedWith);
    this.#killedWith = null;
  }

  #workerOfSecond(): Worker {
    const { store, runtime, context } = this.rig;
    const { log } = context;
    const own = {
      ...context,
      target: this.second,
      keeper: new IndexKeeper(this.second, store, runtime, log, []),
      unpaid: new Unpaid(new FieldRest(store.meta, this.second.id)),
      fitting: { scenes: { most: Infinity }, items: { most: Infinity } },
      imageRest: new ImageRest(runtime, log),
      once: new Set<string>(),
    };
    const { id, title } = this.second;
    const gates = new Gates(new Gate(STASH, "Stash", store, log), new Gate(id, title, store, log));
    const reporter = { settled: () => {}, idle: () => {} };
    return new Worker(own, gates, reporter, `second-${runtime.now()}`);
  }

  async sync(ids: readonly string[] = SCENES): Promise<void> {
    this.rig.enqueue([...ids]);
    await this.work();
  }

  /** Takes back what a scope means, in both targets, just as a dry run says if nothing goes wrong. */
  async undo(scope: UndoScope = { kind: "all" }): Promise<Undone> {
    const { store } = this.rig;
    const said = this.#fault === NO_FAULT ? await this.#preview(scope) : null;
    const run = await request(this.rig, scope);
    await this.work();
    const results = store.targets.flatMap((key) => store.of(key).undos.results(run));
    const did = results.map(({ result: { restored, left, error }, ...of }) => {
      return { ...of, restored, left, isRead: error === null };
    });
    if (said !== null) assertEquals(did, said, `a dry run of ${JSON.stringify(scope)}`);
    return { run, errors: results.flatMap(({ result }) => result.error ?? []) };
  }

  /** What a dry run says, item by item. */
  async #preview(scope: UndoScope) {
    const said = [];
    for (const task of undoTasks(scope, this.rig)) {
      const place = this.#places.find(({ target }) => target.id === task.target)!;
      for await (const each of previewOn(place.target, task, this.rig)) {
        const { scene_id, rating_key: item, changes, left, error } = each;
        const restored = changes.map(({ field }) => field);
        said.push({ scene_id, item, restored, left, isRead: error === null });
      }
    }
    return said;
  }

  /** A file passes from the scene that has it to the other one. */
  move(file: string, to: string): void {
    this.#moved.set(file, to);
    this.rig.stash.upsert(filesOf(this.#moved));
  }

  /** Plex makes the item of a file again, under a new id: nothing of ours is on that. */
  async makeAnew(name: string): Promise<void> {
    const { rig, models } = this;
    const file = plexFile(name);
    const ids = () => rig.plex.items().map(({ ratingKey }) => ratingKey);
    const old = new Map(ids().map((id, at) => [id, models[at]!]));
    const rest = models.slice(old.size);
    await rig.plex.removeFile(file.path);
    await rig.plex.addFiles([file]);
    rig.runtime.jump(60 * 60_000);
    const sights = await this.sights();
    const [gone] = [...old].filter(([id]) => !ids().includes(id)).map(([, model]) => model);
    const now = ids().map((id, at) => old.get(id) ?? new ItemModel(sights[at]!, gone));
    models.splice(0, models.length, ...now, ...rest);
  }

  /** An image that an item could show is lost. @param at Which item of all */
  async lose(at: number, field: ImageField, pick: number): Promise<void> {
    const [plex, second] = this.#places;
    const id = plex!.ids[at];
    const { target, ids } = id === undefined ? second! : plex!;
    const own = id ?? ids[at - plex!.ids.length]!;
    const key = [...(await target.images({ id: own }, field)).keys][pick];
    if (key === undefined) return;
    if (id === undefined) this.second.loseImage(own, field, key);
    else this.rig.plex.loseImage(own, field === "poster" ? "posters" : "arts", key);
  }

  /** @param agoMs What is older is pruned */
  prune(agoMs: number, isFull: boolean): void {
    const { store, runtime } = this.rig;
    for (const key of store.targets) {
      // As a process begins with it: it looks at all that is old.
      const pruning = new JournalPruning(store.database, key);
      while (pruning.step(runtime.now() - agoMs, 10, isFull));
    }
  }

  /** A person's edit. @param at Which item of all */
  async edit(at: number, does: Personal): Promise<void> {
    const [plex, second] = this.#places;
    const id = plex!.ids[at];
    if (id !== undefined) return await editInPlex(this.rig, id, does);
    const own = second!.ids[at - plex!.ids.length]!;
    const item = (await this.second.read([own])).get(own)!;
    await editIn(this.second, item, does);
  }

  async [Symbol.asyncDispose]() {
    await this.rig[Symbol.asyncDispose]();
  }
}

function isGraphql(input: Parameters<typeof fetch>[0]): boolean {
  return String(input instanceof Request ? input.url : input).includes("/graphql");
}

type Rows = Map<string, Record<string, SqlValue>[]>;

/** All that is in the database, by table. */
function copyOf(database: Database): Rows {
  const tables = database.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL",
  ).all<{ name: string }>();
  return new Map(tables.map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()]));
}

/** Puts all rows back as they were: what was written since never came to the disk. */
function restore(database: Database, copy: Rows): void {
  database.exec("PRAGMA foreign_keys = OFF");
  transaction(database, () => {
    for (const [table, rows] of copy) {
      database.exec(`DELETE FROM ${table}`);
      for (const row of rows) {
        const marks = Object.keys(row).map(() => "?").join();
        const names = Object.keys(row).map((name) => `"${name}"`).join();
        database.prepare(`INSERT INTO ${table} (${names}) VALUES (${marks})`)
          .run(...Object.values(row));
      }
    }
  });
  database.exec("PRAGMA foreign_keys = ON");
}
