/** What goes wrong with the servers for a while. */
import type { SimPlex } from "../../tests/sim/plex/server.ts";
import type { Door } from "./door.ts";

export interface Trouble {
  /** How often, relative to the others. */
  weight: number;
  begin(server: Troubled): void | Promise<void>;
}

export interface Troubled {
  door: Door;
  plex: SimPlex;
}

const ALL = ".";
const ODD_WRITES = "[?&]id=\\d*[13579](&|$)|/metadata/\\d*[13579]/(posters|arts)";
const WRITES = ["PUT", "POST"] as const;

function rules(weight: number, ...list: Record<string, unknown>[]): Trouble {
  return { weight, begin: ({ door }) => door.setFaults(list) };
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
};

/** All is well again with one of the servers. */
export async function mend(door: Door): Promise<void> {
  door.setFaults([]);
  await door.reopen();
}
