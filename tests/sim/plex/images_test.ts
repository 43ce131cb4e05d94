import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { SimPlexSwitches } from "./server.ts";
import { type JsonRow, scenes, status, type TestClient, withSim } from "./testing.ts";

const ONE = new TextEncoder().encode("first image");
const TWO = new TextEncoder().encode("second image");
const SHOWN_AT_ONCE = { imageLagMs: 0 };
const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest("hex");

function post(
  { send }: TestClient,
  bytes: Uint8Array<ArrayBuffer>,
  path = "/library/metadata/1/posters",
) {
  return status(send("POST", path, { body: bytes, headers: { "Content-Type": "image/jpeg" } }));
}

/** ratingKeys of the candidates, the selected one marked with a star. */
async function listed({ get }: TestClient, path = "/library/metadata/1/posters") {
  const rows: JsonRow[] = (await get(path)).Metadata ?? [];
  return rows.map((row) => `${row.ratingKey}${row.selected ? "*" : ""}`);
}

Deno.test("a new upload is addressed by its SHA-1 and selected; the same bytes make no duplicate", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    assertEquals(await listed(client), ["media://1/frame.jpg*"]);
    assertEquals(await post(client, ONE), 200);
    const one = `upload://posters/${sha1(ONE)}`;
    assertEquals(await listed(client), ["media://1/frame.jpg", `${one}*`]);
    assertEquals(await post(client, ONE), 200);
    assertEquals(await listed(client), ["media://1/frame.jpg", `${one}*`]);
    await post(client, TWO);
    assertEquals(await listed(client), [
      "media://1/frame.jpg",
      one,
      `upload://posters/${sha1(TWO)}*`,
    ]);
    assertEquals(client.sim.items()[0]?.poster, sha1(TWO));
    assertEquals(client.sim.items()[0]?.art, null);
  });
});

Deno.test("both spellings of the upload path work, for posters and backgrounds", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    for (const name of ["posters", "poster", "thumb"]) {
      assertEquals(await post(client, ONE, `/library/metadata/1/${name}`), 200);
    }
    for (const name of ["arts", "art"]) {
      assertEquals(await post(client, TWO, `/library/metadata/1/${name}`), 200);
    }
    const [view] = client.sim.items();
    assertEquals([view?.poster, view?.art], [sha1(ONE), sha1(TWO)]);
    assertEquals(await listed(client, "/library/metadata/1/arts"), [`upload://art/${sha1(TWO)}*`]);
  });
});

Deno.test("an existing candidate is selected by the singular path, an unknown one is 404", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    await post(client, ONE);
    await post(client, TWO);
    const select = (url: string) =>
      status(client.send("PUT", `/library/metadata/1/poster?url=${encodeURIComponent(url)}`));
    assertEquals(await select(`upload://posters/${sha1(ONE)}`), 200);
    assertEquals(client.sim.items()[0]?.poster, sha1(ONE));
    assertEquals(await select("media://1/frame.jpg"), 200);
    assertEquals(client.sim.items()[0]?.poster, null);
    assertEquals(await select("upload://posters/0000"), 404);
  });
});

Deno.test("an image that is lost is no candidate any more, and shown it leaves the video's own", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    for (const bytes of [ONE, TWO]) await post(client, bytes);
    client.sim.loseImage("1", "posters", `upload://posters/${sha1(ONE)}`);
    assertEquals(await listed(client), [
      "media://1/frame.jpg",
      `upload://posters/${sha1(TWO)}*`,
    ]);
    client.sim.loseImage("1", "posters", `upload://posters/${sha1(TWO)}`);
    assertEquals(await listed(client), ["media://1/frame.jpg*"]);
  });
});

const reposts: [Partial<SimPlexSwitches>, Uint8Array][] = [
  [{}, ONE],
  [{ repostSelects: false }, TWO],
];
for (const [switches, want] of reposts) {
  Deno.test(`re-posting known bytes with ${JSON.stringify(switches)}`, async () => {
    const all = { ...SHOWN_AT_ONCE, ...switches };
    await withSim({ items: scenes("a"), switches: all }, async (client) => {
      for (const bytes of [ONE, TWO, ONE]) await post(client, bytes);
      assertEquals(client.sim.items()[0]?.poster, sha1(want));
    });
  });
}

Deno.test("imageLagMs hides a fresh upload until its time has come", async () => {
  let now = 1_000_000;
  const options = { items: scenes("a"), switches: { imageLagMs: 700 }, now: () => now };
  await withSim(options, async (client) => {
    await post(client, ONE);
    assertEquals(await listed(client), ["media://1/frame.jpg*"]);
    assertEquals(client.sim.items()[0]?.poster, null);
    now += 700;
    assertEquals(await listed(client), ["media://1/frame.jpg", `upload://posters/${sha1(ONE)}*`]);
  });
});

Deno.test("the thumb's stamp changes with every selection, even within one second", async () => {
  const options = { items: scenes("a"), now: () => 5_000_000, switches: SHOWN_AT_ONCE };
  await withSim(options, async (client) => {
    const seen = [(await client.item("1")).thumb];
    for (const bytes of [ONE, TWO]) {
      await post(client, bytes);
      seen.push((await client.item("1")).thumb);
    }
    assertEquals(new Set(seen).size, 3);
    assertEquals((await client.item("1")).art, undefined);
  });
});

Deno.test("the bytes come back by thumb path, by candidate key and through the scaler", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    await post(client, ONE);
    const { thumb } = await client.item("1");
    const [, candidate] = (await client.get("/library/metadata/1/posters")).Metadata;
    const scaled = `/photo/:/transcode?width=100&height=100&url=${encodeURIComponent(thumb)}`;
    for (const path of [thumb, candidate.key, scaled]) {
      const response = await client.send("GET", path);
      assertEquals(new Uint8Array(await response.arrayBuffer()), ONE, path);
    }
  });
});

Deno.test("uploads above 10 MB answer 500, empty ones 400", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    assertEquals(await post(client, new Uint8Array(10 * 1024 * 1024 + 1)), 500);
    assertEquals(await post(client, new Uint8Array()), 400);
    assertEquals(client.sim.items()[0]?.poster, null);
    assertEquals(await post(client, new Uint8Array(10 * 1024 * 1024)), 200);
  });
});

Deno.test("an upload by URL is fetched by the server itself", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    await using web = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) =>
        new URL(request.url).pathname === "/one"
          ? new Response(ONE)
          : new Response("", { status: 404 }),
    );
    const by = (path: string) => {
      const url = encodeURIComponent(`http://127.0.0.1:${web.addr.port}${path}`);
      return status(client.send("POST", `/library/metadata/1/posters?url=${url}`));
    };
    assertEquals(await by("/one"), 200);
    assertEquals(client.sim.items()[0]?.poster, sha1(ONE));
    assertEquals(await by("/missing"), 500);
  });
});

Deno.test("no single upload can be deleted; resetting an element locks it", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    await post(client, ONE);
    const url = encodeURIComponent(`upload://posters/${sha1(ONE)}`);
    assertEquals(
      await status(client.send("DELETE", `/library/metadata/1/posters?url=${url}`)),
      404,
    );
    assertEquals(await status(client.send("DELETE", "/library/metadata/1/thumb")), 200);
    const [view] = client.sim.items();
    assertEquals([view?.poster, view?.locked], [null, ["thumb"]]);
    assertEquals((await listed(client)).length, 2);
  });
});

Deno.test("imageLocks decides whether an upload locks its image", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    await post(client, ONE);
    assertEquals(client.sim.items()[0]?.locked, []);
    client.sim.switches.imageLocks = true;
    await post(client, TWO, "/library/metadata/1/arts");
    assertEquals(client.sim.items()[0]?.locked, ["art"]);
  });
});

Deno.test("an agent refresh reselects an unlocked poster and leaves a locked one", async () => {
  await withSim({ items: scenes("a", "b"), switches: SHOWN_AT_ONCE }, async (client) => {
    for (const id of ["1", "2"]) await post(client, ONE, `/library/metadata/${id}/posters`);
    await client.put("/library/metadata/2", { "thumb.locked": "1" });
    for (const id of ["1", "2"]) {
      await status(client.send("PUT", `/library/metadata/${id}/refresh`));
    }
    assertEquals(client.sim.items().map((view) => view.poster), [null, sha1(ONE)]);
  });
});

Deno.test("an image change bumps the item, and unknown items are 404", async () => {
  await withSim({ items: scenes("a"), switches: SHOWN_AT_ONCE }, async (client) => {
    const before = (await client.get("/library/sections")).Directory[0].contentChangedAt;
    await post(client, ONE);
    const after = (await client.get("/library/sections")).Directory[0].contentChangedAt;
    assertNotEquals(after, before);
    assert((await client.item("1")).Image.length > 0);
    assertEquals(await post(client, ONE, "/library/metadata/99/posters"), 404);
  });
});

Deno.test("an upload shows late unless told otherwise", async () => {
  let now = 1_000_000;
  await withSim({ items: scenes("a"), now: () => now }, async (client) => {
    assertEquals(await post(client, ONE), 200);
    assertEquals(client.sim.items()[0]?.poster, null);
    now += 1_000;
    assertEquals(client.sim.items()[0]?.poster, sha1(ONE));
  });
});

for (const imageStamp of ["edit", "image"] as const) {
  Deno.test(`imageStamp ${imageStamp}: what moves the stamps of poster and background`, async () => {
    const switches = { ...SHOWN_AT_ONCE, imageStamp };
    await withSim({ items: scenes("a"), switches }, async (client) => {
      await post(client, ONE, "/library/metadata/1/arts");
      const stamps = async () => {
        const { thumb, art, updatedAt } = await client.item("1");
        return { shown: [thumb, art], updatedAt };
      };
      const before = await stamps();
      await client.put("/library/metadata/1", { "studio.value": "x" });
      const edited = await stamps();
      for (const at of [0, 1]) {
        if (imageStamp === "image") assertEquals(edited.shown[at], before.shown[at]);
        else assertNotEquals(edited.shown[at], before.shown[at]);
      }
      await post(client, ONE);
      assertNotEquals((await stamps()).shown[0], edited.shown[0]);
    });
  });
}

Deno.test("untouched, an item's stamp is its updatedAt", async () => {
  const items = [{ files: [{ path: "/data/scenes/a.mp4" }], updatedAt: 1234 }];
  await withSim({ items }, async (client) => {
    assertEquals((await client.item("1")).thumb, "/library/metadata/1/thumb/1234");
  });
});
