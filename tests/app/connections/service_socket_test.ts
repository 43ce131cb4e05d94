import { assertEquals } from "@std/assert";
import { ownSocketPath, socketToAsk } from "../../../src/app/connections/service_socket.ts";

const MACHINES = "/run/plexsync/plexsync.sock";
const MINE = "/run/user/1000/plexsync/plexsync.sock";
const XDG = { XDG_RUNTIME_DIR: "/run/user/1000" };

interface Case {
  when: string;
  env?: Record<string, string>;
  isPlaced?: boolean;
  hasConfig?: boolean;
  hasUnit?: boolean;
  sockets?: string[];
  want: string | null;
}

const cases: Case[] = [
  { when: "there is no service", sockets: [], want: null },
  { when: "the machine has a service", want: MACHINES },
  { when: "a person has a service of their own", env: XDG, sockets: [MINE], want: MINE },
  { when: "there are both", env: XDG, sockets: [MINE, MACHINES], want: MACHINES },
  { when: "the caller names a place or a setting", isPlaced: true, want: null },
  { when: "the caller has a config file", hasConfig: true, want: null },
  {
    when: "the caller has a setting in the environment",
    env: { PLEXSYNC_PLEX_URL: "http://plex" },
    want: null,
  },
  { when: "the caller has a place there", env: { PLEXSYNC_DATA_DIR: "/data" }, want: null },
  { when: "the machine's service is stopped", hasUnit: true, sockets: [], want: MACHINES },
  {
    when: "a person's service runs, and the machine's does not",
    env: XDG,
    hasUnit: true,
    sockets: [MINE],
    want: MINE,
  },
  {
    when: "the caller names a place beside a stopped service",
    hasUnit: true,
    sockets: [],
    isPlaced: true,
    want: null,
  },
  { when: "a variable is empty", env: { PLEXSYNC_PLEX_URL: "" }, want: MACHINES },
  {
    when: "the environment names a socket, there or not",
    env: { PLEXSYNC_SOCKET: "/srv/p.sock" },
    isPlaced: true,
    hasConfig: true,
    sockets: [],
    want: "/srv/p.sock",
  },
];

for (const { when, env = {}, sockets = [MACHINES], want, ...rest } of cases) {
  Deno.test(`socketToAsk() gives ${want} when ${when}`, () => {
    const isSocket = (path: string) => sockets.includes(path);
    const beside = { isPlaced: false, hasConfig: false, hasUnit: false, ...rest };
    assertEquals(socketToAsk({ env, isSocket, ...beside }), want);
  });
}

Deno.test({
  name: "ownSocketPath() is in the first runtime directory, if a socket can be there",
  ignore: Deno.build.os === "windows",
  fn() {
    assertEquals(ownSocketPath({}), null);
    assertEquals(ownSocketPath({ RUNTIME_DIRECTORY: "" }), null);
    assertEquals(ownSocketPath({ RUNTIME_DIRECTORY: "/run/plexsync:/run/b" }), MACHINES);
    assertEquals(ownSocketPath({ RUNTIME_DIRECTORY: `/run/${"x".repeat(100)}` }), null);
  },
});
