import { assertEquals } from "@std/assert";
import {
  BATCH_MS,
  dueNotifications,
  type Needs,
  type Notification,
  notifyRequest,
  OVER_MS,
} from "../../../src/core/failures/notification.ts";

const WANTED: Notification = { event: "attention", problems: ["Plex refuses", "No disk"], at: 7 };

Deno.test("a notification is JSON for a webhook, and ntfy's own form where the address says so", () => {
  const hook = notifyRequest("https://me:p%40ss@hooks.example.com/x?k=1", WANTED);
  assertEquals(hook.url, "https://hooks.example.com/x?k=1");
  assertEquals(hook.headers.authorization, `Basic ${btoa("me:p@ss")}`);
  assertEquals(JSON.parse(hook.body), {
    event: "attention",
    title: "plexsync needs you",
    message: "Plex refuses\nNo disk",
    problems: ["Plex refuses", "No disk"],
    at: 7,
  });
  for (
    const [address, url] of [
      ["ntfy://example.com/topic", "https://example.com/topic"],
      ["http://ntfy.local:81/topic", "http://ntfy.local:81/topic"],
    ] as const
  ) {
    const { headers, body, ...request } = notifyRequest(address, WANTED);
    assertEquals(request.url, url);
    assertEquals([headers.title, headers.priority], ["plexsync needs you", "high"]);
    assertEquals(body, "Plex refuses\nNo disk");
  }
});

/** Needs from a time on, looked at each second. @returns what was sent, and when */
function told(changes: readonly [at: number, needs: Needs][], until: number) {
  const sent: [number, string, string[]][] = [];
  let state = { told: {}, since: null } as Parameters<typeof dueNotifications>[0];
  for (let now = 0; now <= until; now += 1_000) {
    const needs = changes.filter(([at]) => at <= now).at(-1)?.[1] ?? {};
    const due = dueNotifications(state, needs, now);
    for (const { event, problems } of due.send) sent.push([now, event, problems]);
    state = due.state;
  }
  return sent;
}

Deno.test("what comes together is told together, once, and what is over when it stays so", () => {
  const both = { a: "A", b: "B" };
  assertEquals(told([[0, { a: "A" }], [4_000, both], [200_000, {}]], 400_000), [
    [BATCH_MS, "attention", ["A", "B"]],
    [200_000 + OVER_MS, "recovered", ["A", "B"]],
  ]);
});

Deno.test("what is mended before it was told, and what comes back at once, is not told", () => {
  assertEquals(told([[0, { a: "A" }], [5_000, {}]], 400_000), []);
  assertEquals(told([[0, { a: "A" }], [50_000, {}], [80_000, { a: "A" }]], 400_000), [
    [BATCH_MS, "attention", ["A"]],
  ]);
});
