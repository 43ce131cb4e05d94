import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eventFilter } from "./notifications.ts";
import type { SimPlex } from "./server.ts";
import { file, type JsonRow, scenes, status, titles, withSim } from "./testing.ts";

/** One notification in short: `timeline 5 3`, `activity started library.update.section`. */
function inShort(container: JsonRow): string[] {
  return [
    ...(container.TimelineEntry ?? []).map((e: JsonRow) =>
      `timeline ${e.state} ${e.itemID}${e.mediaState ? " media" : ""}`
    ),
    ...(container.ActivityNotification ?? []).map((a: JsonRow) =>
      `${a.event} ${a.Activity.type}${a.Activity.Context ? " with context" : ""}`
    ),
    ...(container.StatusNotification ?? []).map((s: JsonRow) => s.title),
  ];
}

/** A WebSocket that collects frames; `until` waits for one. */
async function listen(sim: SimPlex, path = "/:/websockets/notifications") {
  const socket = new WebSocket(`${sim.url.replace("http", "ws")}${path}?X-Plex-Token=${sim.token}`);
  const frames: JsonRow[] = [];
  const waiting = new Set<() => void>();
  socket.onmessage = (message) => {
    frames.push(JSON.parse(message.data).NotificationContainer);
    for (const wake of waiting) wake();
  };
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("no socket"));
  });
  const lines = () => frames.flatMap(inShort);
  const until = (line: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!lines().includes(line)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const close = async () => {
    socket.close();
    await closed;
  };
  return { frames, lines, until, closed, close };
}

const ENDS = [
  { agent: "tv.plex.agents.movie", end: 5, switches: {} },
  { agent: "tv.plex.agents.none", end: 1, switches: {} },
  { agent: "tv.plex.agents.none", end: 5, switches: { noAgentEndState: 5 as const } },
];
for (const { agent, end, switches } of ENDS) {
  Deno.test(`a new file is told from start to state ${end} with ${agent} and ${JSON.stringify(switches)}`, async () => {
    const sections = [{
      key: "1",
      title: "Scenes",
      type: "movie" as const,
      locations: ["/data/scenes"],
      agent,
    }];
    await withSim({ sections, switches: { ...switches, noise: false } }, async ({ sim }) => {
      const ear = await listen(sim);
      await sim.addFiles([file("New Scene.mp4", { size: 77 })]);
      await ear.until("ended library.update.item.metadata with context");
      const middle = end === 1
        ? []
        : agent.endsWith("none")
        ? ["timeline 1 1"]
        : ["timeline 2 1", "timeline 4 1"];
      assertEquals(ear.lines(), [
        "started library.update.section",
        "Scanning the Scenes section",
        "updated library.update.section with context",
        "timeline 0 1",
        "started library.update.item.metadata with context",
        "ended library.update.section with context",
        "Library scan complete",
        ...middle,
        `timeline ${end} 1`,
        "ended library.update.item.metadata with context",
      ]);
      const [view] = sim.items();
      assertEquals([view?.title, view?.files], ["New Scene", ["/data/scenes/New Scene.mp4"]]);
      await ear.close();
    });
  });
}

Deno.test("refreshing ends before the item's own activity, and scannedAt moves", async () => {
  await withSim({ switches: { scanStepMs: 20 } }, async ({ sim, get }) => {
    const ear = await listen(sim);
    const section = async () => (await get("/library/sections")).Directory[0];
    const before = await section();
    const scanned = sim.addFiles([file("a.mp4")]);
    await ear.until("updated library.update.section with context");
    assertEquals((await section()).refreshing, true);
    await ear.until("Library scan complete");
    const after = await section();
    assertEquals(after.refreshing, false);
    assert(after.scannedAt > before.scannedAt);
    const running = (await get("/activities")).Activity.map((a: JsonRow) => a.type);
    assertEquals(running, ["butler", "library.update.item.metadata"]);
    await scanned;
    assertEquals((await get("/activities")).Activity.map((a: JsonRow) => a.type), ["butler"]);
    await ear.close();
  });
});

const scans = [
  { what: "the whole section", query: "", found: ["A", "B"] },
  { what: "one folder", query: "?path=%2Fdata%2Fscenes%2Fa", found: ["A"] },
  { what: "the location itself", query: "?path=%2Fdata%2Fscenes", found: ["A", "B"] },
  {
    what: "the location with a slash at its end",
    query: "?path=%2Fdata%2Fscenes%2F",
    found: ["A", "B"],
  },
  { what: "a neighbour of the location", query: "?path=%2Fdata%2Fscenes2", found: [] },
  { what: "an unknown folder", query: "?path=%2Fnowhere", found: [] },
];
for (const { what, query, found } of scans) {
  for (const method of ["GET", "POST"]) {
    Deno.test(`${method} refresh of ${what} answers 200 at once and finds ${found.join(" and ") || "nothing"}`, async () => {
      await withSim({}, async ({ sim, send }) => {
        sim.addUnscannedFiles([{ path: "/data/scenes/a/A.mp4" }, {
          path: "/data/scenes/ab/B.mp4",
        }]);
        const ear = await listen(sim);
        const path = "/library/sections/1/refresh";
        const response = await send(method, path + query);
        assertEquals([response.status, await response.text()], [200, ""]);
        assertEquals(sim.items(), []);
        // Scans run in turn: once this one of an empty folder is over, so is the first.
        if (found.length === 0) await status(send("GET", `${path}?path=%2Fdata%2Fscenes%2Fnone`));
        await ear.until("Library scan complete");
        assertEquals(sim.items().map((view) => view.title), found);
        await ear.close();
      });
    });
  }
}

for (const [style, type] of [["state9", 1], ["type-1", -1]] as const) {
  Deno.test(`a vanished file is told as a deletion in the style ${style}`, async () => {
    await withSim({ items: scenes("a"), switches: { deletionStyle: style } }, async ({ sim }) => {
      const ear = await listen(sim);
      await sim.removeFile("/data/scenes/a.mp4");
      await ear.until("timeline 9 1");
      const entry = ear.frames.flatMap((f) => f.TimelineEntry ?? []).find((e) => e.state === 9);
      assertEquals([entry.type, entry.metadataState], [type, "deleted"]);
      assertEquals(sim.items(), []);
      await ear.close();
    });
  });
}

Deno.test("with trash kept, a file that comes back revives its ratingKey; else it gets a new one", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, send, get }) => {
    await status(send("PUT", "/:/prefs?autoEmptyTrash=0"));
    await sim.removeFile("/data/scenes/a.mp4");
    const trashed = (await get("/library/sections/1/all?type=1")).Metadata[0];
    assertEquals(typeof trashed.deletedAt, "number");
    await sim.addFiles([file("a.mp4")]);
    const [revived] = (await get("/library/sections/1/all?type=1")).Metadata;
    assertEquals([revived.ratingKey, revived.deletedAt], ["1", undefined]);
    await sim.removeFile("/data/scenes/a.mp4");
    assertEquals(await status(send("PUT", "/library/sections/1/emptyTrash")), 200);
    await sim.addFiles([file("a.mp4")]);
    assertEquals(sim.items().map((view) => view.ratingKey), ["2"]);
  });
});

Deno.test("own edits echo as timeline entries, once with mediaState where there is noise", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, put }) => {
    const ear = await listen(sim, "/:/websocket/notifications");
    await put("/library/metadata/1", { "title.value": "b" });
    await ear.until("timeline 5 1 media");
    assertEquals(ear.lines(), ["timeline 5 1", "timeline 5 1 media"]);
    const [entry] = ear.frames[0]?.TimelineEntry ?? [];
    assertEquals([entry.itemID, entry.sectionID, entry.title], ["1", "1", "b"]);
    sim.switches.numericIds = true;
    sim.switches.noise = false;
    await put("/library/metadata/1", { "title.value": "c" });
    await ear.until("timeline 5 1");
    sim.switches.echoEdits = false;
    await put("/library/metadata/1", { "title.value": "d" });
    await status(
      fetch(`${sim.url}/library/metadata/1`, { headers: { "X-Plex-Token": sim.token } }),
    );
    await sim.addFiles([file("n.mp4")]);
    await ear.until("started library.update.section");
    const last = ear.frames.findLast((f) => f.TimelineEntry?.[0].title === "c")?.TimelineEntry[0];
    assertEquals([last.itemID, last.sectionID], [1, 1]);
    assert(!ear.frames.some((f) => f.TimelineEntry?.[0].title === "d"));
    await ear.close();
  });
});

Deno.test("browsing emits library.refresh.items unless skipRefresh is sent", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, get }) => {
    const ear = await listen(sim);
    await get("/library/metadata/1?skipRefresh=1");
    await get("/library/metadata/1");
    await ear.until("ended library.refresh.items with context");
    assertEquals(ear.frames.length, 2);
    const { Context } = ear.frames[0]?.ActivityNotification[0].Activity;
    assertEquals([Context.key, Context.refreshed], ["/library/metadata/1", false]);
    await ear.close();
  });
});

Deno.test("noise brings foreign identifiers and mediaState entries, storms repeat the last state", async () => {
  await withSim({ switches: { stateStorm: 3 } }, async ({ sim }) => {
    const ear = await listen(sim);
    await sim.addFiles([file("a.mp4")]);
    await ear.until("ended library.update.item.metadata with context");
    const entries = ear.frames.flatMap((f) => f.TimelineEntry ?? []);
    assert(
      entries.some((e) => e.identifier !== "com.plexapp.plugins.library" && e.sectionID === -1),
    );
    assertEquals(ear.lines().filter((line) => line === "timeline 1 1").length, 4);
    assertEquals(ear.lines().filter((line) => line === "timeline 1 1 media").length, 1);
    await ear.close();
  });
});

Deno.test("dropped listeners see the cut, and nothing is replayed to those that return", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, put }) => {
    const first = await listen(sim);
    assertEquals(sim.listeners(), 1);
    sim.dropListeners();
    await first.closed;
    await put("/library/metadata/1", { "title.value": "missed" });
    const second = await listen(sim);
    await put("/library/metadata/1", { "title.value": "heard" });
    await second.until("timeline 5 1");
    assertEquals(second.frames[0]?.TimelineEntry[0].title, "heard");
    await second.close();
  });
});

Deno.test("a silent socket stays open and says nothing", async () => {
  await withSim({ items: scenes("a"), switches: { silentSockets: true } }, async ({ sim, put }) => {
    const ear = await listen(sim);
    await put("/library/metadata/1", { "title.value": "unheard" });
    sim.switches.silentSockets = false;
    await put("/library/metadata/1", { "title.value": "heard" });
    await ear.until("timeline 5 1");
    assertEquals(ear.frames[0]?.TimelineEntry[0].title, "heard");
    await ear.close();
  });
});

for (const [token, want] of [["wrong", "401"], [undefined, "101"]] as const) {
  Deno.test(`the upgrade with ${token ?? "the right"} token answers ${want}, and pings get pongs`, async () => {
    await withSim({}, async ({ sim }) => {
      const { hostname, port } = new URL(sim.url);
      using connection = await Deno.connect({ hostname, port: Number(port) });
      const lines = [
        "GET /:/websockets/notifications HTTP/1.1",
        `Host: ${hostname}:${port}`,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        `X-Plex-Token: ${token ?? sim.token}`,
      ];
      await connection.write(new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
      const buffer = new Uint8Array(4096);
      const read = async () => buffer.slice(0, await connection.read(buffer) ?? 0);
      const answer = new TextDecoder().decode(await read());
      assertStringIncludes(answer, `HTTP/1.1 ${want} `);
      assertEquals(sim.requests().at(-1)?.status, Number(want));
      if (want === "401") return;
      // The accept value that RFC 6455 gives for this key.
      assertStringIncludes(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      const mask = [1, 2, 3, 4];
      const masked = [104, 105].map((byte, index) => byte ^ (mask[index] ?? 0));
      await connection.write(Uint8Array.from([0x89, 0x82, ...mask, ...masked]));
      assertEquals([...await read()], [0x8a, 2, 104, 105]);
    });
  });
}

Deno.test("server-sent events carry single objects, filtered, with pings between", async () => {
  await withSim({ items: scenes("a"), switches: { ssePingMs: 5 } }, async ({ sim, send, put }) => {
    const response = await send("GET", "/:/eventsource/notifications?filters=timeline");
    assertEquals(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (done: () => boolean) => {
      while (!done()) text += (await reader?.read())?.value ?? "";
    };
    await until(() => text.split("event: ping").length > 2);
    await put("/library/metadata/1", { "title.value": "b" });
    await sim.addFiles([file("n.mp4")]);
    await until(() => text.includes('"itemID":"2"'));
    const [, data = ""] = /event: timeline\ndata: (.*)\n\n/.exec(text) ?? [];
    assertEquals(JSON.parse(data).TimelineEntry.itemID, "1");
    assert(!text.includes("event: activity"));
    sim.dropListeners();
    await reader?.cancel().catch(() => {});
  });
});

const filters: [string, string[]][] = [
  ["-log", ["timeline", "activity"]],
  ["", ["timeline", "activity", "log"]],
  ["timeline,log", ["timeline", "log"]],
  ["-timeline,log", ["activity"]],
];
for (const [filter, want] of filters) {
  Deno.test(`eventFilter("${filter}") lets ${want.join(", ")} through`, () => {
    assertEquals(["timeline", "activity", "log"].filter(eventFilter(filter)), want);
  });
}

Deno.test("activities: a permanent butler that nobody can cancel, unknown ones 404", async () => {
  await withSim({ items: scenes("a") }, async ({ send, get }) => {
    assertEquals(titles(await get("/library/sections/1/all")), ["a"]);
    const [butler] = (await get("/activities")).Activity;
    assertEquals([butler.type, butler.progress], ["butler", 100]);
    assertEquals(await status(send("DELETE", `/activities/${butler.uuid}`)), 400);
    assertEquals(await status(send("DELETE", "/activities/none")), 404);
  });
});
