/** What goes wrong with the servers for a while. */
import type { SimPlex } from "../../tests/sim/plex/server.ts";
import type { Random } from "../../tests/sim/random.ts";
import type { SimStash } from "../../tests/sim/stash/server.ts";
import type { Door } from "./door.ts";

export interface Trouble {
  /** How often, relative to the others. */
  weight: number;
  begin(server: Troubled): void | Promise<void>;
}

export interface Troubled {
  door: Door;
  plex: SimPlex;
  stash: SimStash;
  /** Decides whom it meets. */
  random: Random;
  /** Answers of the server itself are wrong. */
  isOdd?: boolean;
}

const ALL = ".";
const ODD_WRITES = "[?&]id=\\d*[13579](&|$)|/metadata/\\d*[13579]/(posters|arts)";
const WRITES = ["PUT", "POST"] as const;

function rules(weight: number, ...list: Record<string, unknown>[]): Trouble {
  return { weight, begin: ({ door }) => door.setFaults(list) };
}

const ZONES = ["Z", "-08:00", "+05:30", "+12:00"];
const HOUR_MS = 3_600_000;
const DAY_S = 86_400;

/** Requests about one item, alone or among others. */
function onOneItem(
  weight: number,
  target: (item: string) => string,
  effect: Record<string, unknown>,
): Trouble {
  return {
    weight,
    begin({ door, plex, random }) {
      const { ratingKey } = random.pick(plex.items());
      door.setFaults([{ path: target(ratingKey), ...effect }]);
    },
  };
}

const editsOf = (item: string) => `[?&]id=${item}(&|$)`;
const readsOf = (item: string) => `/library/metadata/([\\d,]*,)?${item}(,[\\d,]*)?(\\?|$)`;
const imagesOf = (item: string) => `/library/metadata/${item}/(posters|arts)`;

/** Something that is wrong within the server, which no request shows by its target. */
function within(weight: number, spoil: (troubled: Troubled) => unknown): Trouble {
  return {
    weight,
    async begin(troubled) {
      troubled.door.noteSpoiled();
      await spoil(troubled);
    },
  };
}

const LISTING = { route: "listing" };
const LISTS = { path: "#findScenes\\b" };
const NOTHING = { answer: "nothing" };
const FOREIGN = { answer: "wrong_id" };

/** Answers that are wrong about an item, or about all. */
function oddPlex(weight: number, rule: (item: string) => Record<string, unknown>): Trouble {
  return within(weight, (troubled) => {
    const { plex, random } = troubled;
    troubled.isOdd = true;
    plex.setFaults([rule(random.pick(plex.items()).ratingKey)]);
  });
}

/** The same of a scene. */
function oddStash(weight: number, rule: (scene: string) => Record<string, unknown>): Trouble {
  return within(weight, ({ stash, random }) => stash.setFaults([rule(sceneOf(stash, random))]));
}

/** One rule for each way to write. */
function onWrites(rule: Record<string, unknown>): Record<string, unknown>[] {
  return WRITES.map((method) => ({ method, ...rule }));
}

const SHUT: Trouble = { weight: 3, begin: ({ door }) => door.shut() };

export const PLEX_TROUBLES: Readonly<Record<string, Trouble>> = {
  "503": rules(3, { path: ALL, status: 503 }),
  "writes to some items answer 500": rules(5, ...onWrites({ path: ODD_WRITES, status: 500 })),
  "reads of some items answer 500": rules(3, {
    path: "/library/metadata/[\\d,]*7\\b",
    method: "GET",
    status: 500,
  }),
  "answers are cut off": rules(3, { path: ALL, close: "body", times: 8 }),
  "connections are reset": rules(3, { path: ALL, close: true, times: 8 }),
  "silence": rules(2, { path: ALL, hang: true, times: 2 }),
  "writes are done, answers lost": rules(
    5,
    ...onWrites({ path: ALL, close: true, applied: true, times: 6 }),
  ),
  "writes are done, answers 500": rules(
    4,
    ...onWrites({ path: ALL, status: 500, applied: true, times: 6 }),
  ),
  "deaf": {
    weight: 4,
    begin({ door, plex }) {
      door.noteSpoiled();
      plex.switches.deaf = true;
    },
  },
  "slow": rules(3, { path: ALL, delay_ms: 400 }),
  "401": rules(1, { path: ALL, status: 401 }),
  "refused": SHUT,
  "listeners dropped": { weight: 3, begin: ({ plex }) => plex.dropListeners() },
  "edits of one item answer 503": onOneItem(3, editsOf, { method: "PUT", status: 503 }),
  "edits of one item are reset": onOneItem(2, editsOf, { method: "PUT", close: true }),
  "edits of one item hang": onOneItem(1, editsOf, { method: "PUT", hang: true }),
  "one item hears nothing": onOneItem(2, editsOf, { method: "PUT", status: 200 }),
  "one item may not be written": onOneItem(1, editsOf, { method: "PUT", status: 403 }),
  "reads of one item answer 502": onOneItem(3, readsOf, { method: "GET", status: 502 }),
  "uploads to one item answer 503": onOneItem(3, imagesOf, { method: "POST", status: 503 }),
  "uploads answer 500": rules(3, { path: "/(posters|arts)", method: "POST", status: 500 }),
  "no item can be read": rules(2, { path: "/library/metadata/[\\d,]+\\?", status: 500 }),
  "a third of the writes fail": rules(4, ...onWrites({ path: ALL, percent: 33, status: 500 })),
  "the token may not write": rules(1, ...onWrites({ path: ALL, status: 403 })),
  "long requests are dropped": rules(2, { path: ALL, longer_than: 1_500, close: true }),
  "its database cannot be written": within(3, ({ plex }) => {
    plex.switches.writesFail = "database_locked";
  }),
  "an item was added days ahead": within(1, ({ plex, random }) => {
    const path = `/data/scenes/ahead ${random.whole(1, 1_000_000)}.mp4`;
    const addedAt = Math.floor(Date.now() / 1000) + 3 * DAY_S;
    return plex.addFiles([{ path, size: 9, addedAt }]);
  }),
  "its listing leaves out an item": oddPlex(3, (item) => ({ ...LISTING, item, ...NOTHING })),
  "its listing gives an item another key": oddPlex(2, (item) => ({ ...LISTING, item, ...FOREIGN })),
  "its listing is empty": oddPlex(2, () => ({ ...LISTING, ...NOTHING })),
  "its answers leave out an item": oddPlex(2, (item) => ({ route: "item", item, ...NOTHING })),
  "its answers leave out all items": oddPlex(2, () => ({ route: "item", ...NOTHING })),
  "its answers give other items": oddPlex(1, () => ({ route: "item", ...FOREIGN })),
};

const LOCKED = JSON.stringify({ errors: [{ message: "database is locked" }], data: null });

export const STASH_TROUBLES: Readonly<Record<string, Trouble>> = {
  "503": rules(3, { path: ALL, status: 503 }),
  "covers answer 500": rules(4, { path: "/screenshot", status: 500 }),
  "answers are cut off": rules(3, { path: ALL, close: "body", times: 8 }),
  "connections are reset": rules(3, { path: ALL, close: true, times: 8 }),
  "silence": rules(1, { path: ALL, hang: true, times: 1 }),
  "its database is locked": rules(3, {
    path: "graphql",
    body: LOCKED,
    content_type: "application/json",
  }),
  "401": rules(1, { path: ALL, status: 401 }),
  "refused": SHUT,
  "one cover answers 502": {
    weight: 3,
    begin: ({ door, stash, random }) =>
      door.setFaults([{ path: `/scene/${sceneOf(stash, random)}/screenshot`, status: 502 }]),
  },
  "one cover hangs": {
    weight: 1,
    begin: ({ door, stash, random }) =>
      door.setFaults([{ path: `/scene/${sceneOf(stash, random)}/screenshot`, hang: true }]),
  },
  "one scene answers 500": within(3, ({ stash, random }) => {
    stash.setFaults([{ route: "graphql", scene: sceneOf(stash, random), status: 500 }]);
  }),
  "one scene comes with a wrong id": oddStash(1, (scene) => ({
    route: "graphql",
    scene,
    ...FOREIGN,
  })),
  "it lists a scene under a foreign id": oddStash(3, (scene) => ({ ...LISTS, scene, ...FOREIGN })),
  "its lists leave out a scene": oddStash(3, (scene) => ({ ...LISTS, scene, ...NOTHING })),
  "it lists nothing": oddStash(2, () => ({ ...LISTS, ...NOTHING })),
  "it answers that no scene is there": oddStash(1, () => ({ route: "graphql", ...NOTHING })),
  "it needs a migration": within(2, ({ stash }) => stash.setSystemState("NEEDS_MIGRATION")),
  "it has locked itself out of its database": within(2, ({ stash }) => stash.setDatabase("locked")),
  "a stamp of 2099": within(1, ({ stash, random }) => {
    stash.upsert([{ id: sceneOf(stash, random), updated_at: "2099-01-01T00:00:00Z" }]);
  }),
  "a stamp that is no time": within(1, ({ stash, random }) => {
    stash.upsert([{ id: sceneOf(stash, random), updated_at: "yesterday" }]);
  }),
  "another zone": within(1, ({ stash, random }) => stash.setZone(random.pick(ZONES))),
  "its clock is set": within(1, ({ stash, random }) => {
    stash.jumpClock(random.whole(-2, 2) * HOUR_MS);
  }),
};

function sceneOf(stash: SimStash, random: Random): string {
  return random.pick(stash.scenes()).id;
}

/** All is well again with Plex. */
export async function mendPlex(
  { door, plex, isOdd = false }: Pick<Troubled, "door" | "plex" | "isOdd">,
): Promise<void> {
  if (isOdd || plex.switches.deaf || plex.switches.writesFail !== "no") door.noteSpoiled();
  plex.setFaults([]);
  plex.switches.deaf = false;
  plex.switches.writesFail = "no";
  door.setFaults([]);
  await door.reopen();
}

/** All is well again with Stash; its clock and its zone stay as they are. */
export async function mendStash({ door, stash }: Pick<Troubled, "door" | "stash">): Promise<void> {
  stash.setFaults([]);
  stash.setSystemState("OK");
  stash.setDatabase("ok");
  door.noteSpoiled();
  door.setFaults([]);
  await door.reopen();
}
