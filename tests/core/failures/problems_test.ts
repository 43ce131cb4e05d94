import { assertEquals } from "@std/assert";
import {
  hintApart,
  problemLine,
  problemsOf,
  type ServerState,
  type Situation,
} from "../../../src/core/failures/problems.ts";

const PLEX: ServerState = {
  key: "plex",
  name: "Plex",
  secret: "plex_token",
  url: "http://p",
  reachable: true,
  authorized: true,
  error: null,
  hint: null,
  breaker: "closed",
  cause: null,
};
const WELL: Situation = {
  pausedAt: null,
  daemonRuns: true,
  attention: null,
  freeBytes: 256 * 1024,
  servers: [PLEX, { ...PLEX, key: "stash", name: "Stash", secret: "stash_api_key" }],
  queue: { ready: 3, running: 1, waiting: 9 },
};
const plex = (changes: Partial<ServerState>): Partial<Situation> => ({
  servers: [{ ...PLEX, ...changes }],
});

const CASES: { when: string; changes: Partial<Situation>; want: string[] }[] = [
  { when: "all is well", changes: {}, want: [] },
  {
    when: "the daemon does not run",
    changes: { daemonRuns: false },
    want: ["The daemon does not run and 4 jobs wait: start it with plexsync run"],
  },
  {
    when: "it does not run and there is nothing to do",
    changes: { daemonRuns: false, queue: { ready: 0, running: 0, waiting: 2 } },
    want: ["The daemon does not run: start it with plexsync run"],
  },
  {
    when: "the system does not tell what room is left",
    changes: { freeBytes: null },
    want: [],
  },
  {
    when: "there is no room left for a batch",
    changes: { freeBytes: 256 * 1024 - 1 },
    want: [
      "The disk of the data directory is full, 255 KiB are left: free some space on it; " +
      "what was accepted so far is safe",
    ],
  },
  {
    when: "a person is needed",
    changes: { attention: { message: "no token", hint: "Set it" } },
    want: ["The daemon needs attention: no token"],
  },
  {
    when: "a server has no address",
    changes: plex({ url: "" }),
    want: [
      "Plex is not configured: set plex_url",
    ],
  },
  {
    when: "a server is not there",
    changes: plex({ reachable: false, error: "refused", authorized: null }),
    want: ["Plex does not answer: refused"],
  },
  {
    when: "a server refuses us",
    changes: plex({ authorized: false, error: "401" }),
    want: ["Plex refuses plex_token: 401"],
  },
  {
    when: "a server answers with a fault",
    changes: plex({ authorized: null, error: "500" }),
    want: ["Plex answers with a fault: 500"],
  },
  {
    when: "the breaker is open and nobody was asked",
    changes: plex({ reachable: null, breaker: "open", cause: "refused" }),
    want: ["Plex is down: refused"],
  },
  {
    when: "the breaker is open still, and the server answers again",
    changes: plex({ breaker: "open", cause: "refused" }),
    want: ["Plex answers, and the daemon has yet to try it: refused"],
  },
  {
    when: "a daemon that is no more left an open breaker, and the server answers",
    changes: { ...plex({ breaker: "open", cause: "refused" }), daemonRuns: false },
    want: ["The daemon does not run and 4 jobs wait: start it with plexsync run"],
  },
  {
    when: "the breaker is half open",
    changes: plex({ reachable: null, breaker: "half_open", cause: "refused" }),
    want: [],
  },
];
for (const { when, changes, want } of CASES) {
  Deno.test(`problemsOf() when ${when}`, () => {
    assertEquals(problemsOf({ ...WELL, ...changes }).map(problemLine), want);
  });
}

Deno.test("what to do about a problem is said with it or apart from it, never twice", () => {
  const servers = [{ ...PLEX, reachable: false, error: "refused", hint: "Check plex_url" }];
  const [stopped, unreachable] = problemsOf({ ...WELL, daemonRuns: false, servers });
  assertEquals([hintApart(stopped!), hintApart(unreachable!)], [null, "Check plex_url"]);
  assertEquals(problemLine(unreachable!), "Plex does not answer: refused");
});
