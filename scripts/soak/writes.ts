/** Every write that reached the simulated Plex, and whether it changed the item. */
import type { Deed } from "./door.ts";
import type { SimPlex } from "../../tests/sim/plex/server.ts";

export interface Write {
  /** Epoch ms of its arrival. */
  at: number;
  /** Epoch ms of its effect. */
  doneAt: number;
  /** ratingKey, or "" when the request names none. */
  item: string;
  kind: "edit" | "lock" | "poster" | "background" | "other";
  /** False when Plex had all of it before. */
  changed: boolean;
  /** Plex took nothing in: it answered 200 and ignored it, or could not write its database. */
  deaf: boolean;
  /** Method and start of the target, for people. */
  what: string;
}

export class WriteLog {
  readonly list: Write[] = [];
  /** One write to an item at a time: else one could be taken for the other's effect. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(private readonly plex: SimPlex) {}

  /** Watches one request; see `Watcher` of door.ts. */
  around<T>({ method, target, arrivedAt: at }: Deed, effect: () => Promise<T>): Promise<T> {
    const { item, kind } = aimOf(target);
    const turn = (this.#turns.get(item) ?? Promise.resolve()).then(async () => {
      const deaf = this.#takesNothing();
      const before = this.#face(item);
      const result = await effect();
      this.list.push({
        at,
        doneAt: Date.now(),
        item,
        kind,
        changed: this.#face(item) !== before,
        deaf: deaf || this.#takesNothing(),
        what: `${method} ${target.slice(0, 200)}`,
      });
      return result;
    });
    this.#turns.set(item, turn.catch(() => {}));
    return turn;
  }

  #takesNothing(): boolean {
    const { deaf, writesFail } = this.plex.switches;
    return deaf || writesFail !== "no";
  }

  /** What the item says, or will say: an image is shown only some time after its upload. */
  #face(item: string): string {
    const view = this.plex.items().find(({ ratingKey }) => ratingKey === item);
    return JSON.stringify(view === undefined ? null : { ...view, ...this.plex.chosenImages(item) });
  }
}

const IMAGES: Readonly<Record<string, Write["kind"]>> = {
  posters: "poster",
  thumb: "poster",
  arts: "background",
  art: "background",
};

/** What a request is about, read from its path and query. */
export function aimOf(target: string): Pick<Write, "item" | "kind"> {
  const { pathname, searchParams } = new URL(target, "http://plex");
  const [, item, image] = /^\/library\/metadata\/(\d+)(?:\/(\w+))?$/.exec(pathname) ?? [];
  if (item !== undefined) {
    return { item, kind: image === undefined ? "edit" : IMAGES[image] ?? "other" };
  }
  const section = /^\/library\/sections\/\d+\/all$/.test(pathname);
  const names = [...searchParams.keys()].filter((name) => name !== "type" && name !== "id");
  const edit = names.every((name) => name.endsWith(".locked")) ? "lock" : "edit";
  return { item: searchParams.get("id") ?? "", kind: section ? edit : "other" };
}
