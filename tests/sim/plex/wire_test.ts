import { assert, assertEquals, assertMatch } from "@std/assert";
import { XMLParser } from "fast-xml-parser";
import { scenes, status, withSim } from "./testing.ts";

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" });
const decodingParser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  htmlEntities: true,
  trimValues: false,
});

Deno.test("answers are XML by default and JSON only when asked for", async () => {
  await withSim({ items: scenes("a") }, async ({ send }) => {
    for (const accept of ["*/*", "text/html"]) {
      const xml = await send("GET", "/library/sections/1/all", { headers: { Accept: accept } });
      assertMatch(xml.headers.get("content-type") ?? "", /^text\/xml/);
      const { MediaContainer } = parser.parse(await xml.text());
      assertEquals([MediaContainer.size, MediaContainer.Video.ratingKey], ["1", "1"]);
    }
    const json = await send("GET", "/library/sections/1/all");
    assertEquals(json.headers.get("content-type"), "application/json");
    assertEquals(json.headers.get("x-plex-protocol"), "1.0");
    assertEquals((await json.json()).MediaContainer.Metadata[0].ratingKey, "1");
  });
});

Deno.test("XML keeps every character that XML can carry, JSON keeps all", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, send, put, item }) => {
    const text = "a & b <c> \"d\" 'e'\nnext\tline é 日本 \u{1f600}";
    assertEquals(await put("/library/metadata/1", { "summary.value": text }), 200);
    assertEquals((await item("1")).summary, text);
    const xml = await send("GET", "/library/metadata/1", { headers: { Accept: "*/*" } });
    const { MediaContainer } = decodingParser.parse(await xml.text());
    assertEquals(MediaContainer.Video.summary, text);
    assertEquals(sim.items()[0]?.summary, text);
  });
});

Deno.test("ids have the types of a real server, empty lists and unset scalars are absent", async () => {
  await withSim({ items: scenes("a") }, async ({ get }) => {
    const section = (await get("/library/sections")).Directory[0];
    assertEquals([section.key, section.hidden, section.refreshing], ["1", 0, false]);
    assertEquals(section.Location, [{ id: 1, path: "/data/scenes" }]);
    const container = await get("/library/sections/1/all?type=1");
    assertEquals(container.librarySectionID, 1);
    const row = container.Metadata[0];
    assertEquals([row.ratingKey, row.type, row.title], ["1", "movie", "a"]);
    for (const name of ["studio", "year", "Genre", "Field"]) assert(!(name in row), name);
    assert(!("Metadata" in await get("/library/sections/1/all?type=1&title=zzz")));
  });
});

const errors: { what: string; method: string; target: string; want: number }[] = [
  { what: "an unknown path", method: "GET", target: "/nowhere", want: 404 },
  { what: "an unknown item", method: "GET", target: "/library/metadata/99", want: 404 },
  { what: "an unknown section", method: "GET", target: "/library/sections/9/all", want: 404 },
  {
    what: "an edit of an unknown item",
    method: "PUT",
    target: "/library/metadata/9?x=1",
    want: 404,
  },
];
for (const { what, method, target, want } of errors) {
  Deno.test(`${what} answers ${want} as HTML although JSON was asked for`, async () => {
    await withSim({}, async ({ send }) => {
      const response = await send(method, target);
      assertEquals([response.status, response.headers.get("content-type")], [want, "text/html"]);
      assertEquals(
        await response.text(),
        "<html><head><title>Not Found</title></head><body><h1>404 Not Found</h1></body></html>",
      );
    });
  });
}

Deno.test("a write answers 200 with empty HTML, or with a container where the switch says so", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, send }) => {
    for (const path of ["/library/metadata/1", "/library/sections/1/all"]) {
      const response = await send("PUT", `${path}?type=1&id=1&title.value=b`);
      assertEquals([response.status, response.headers.get("content-type")], [200, "text/html"]);
      assertEquals(await response.text(), "");
    }
    sim.switches.sectionPutAnswer = "container";
    const response = await send("PUT", "/library/sections/1/all?type=1&id=1&title.value=c");
    assertEquals((await response.json()).MediaContainer.size, 1);
  });
});

const accesses: {
  what: string;
  headers: Record<string, string>;
  query?: string;
  read: number;
  write: number;
}[] = [
  { what: "no token", headers: {}, read: 401, write: 401 },
  { what: "a wrong token", headers: { "X-Plex-Token": "no" }, read: 401, write: 401 },
  { what: "the owner's token", headers: { "X-Plex-Token": "owner" }, read: 200, write: 200 },
  {
    what: "the token in the query",
    headers: {},
    query: "X-Plex-Token=owner",
    read: 200,
    write: 200,
  },
  { what: "another user's token", headers: { "X-Plex-Token": "guest" }, read: 200, write: 403 },
];
for (const { what, headers, query = "", read, write } of accesses) {
  Deno.test(`${what}: reading answers ${read}, writing ${write}, /identity always 200`, async () => {
    await withSim(
      { items: scenes("a"), token: "owner", nonOwnerToken: "guest" },
      async ({ sim }) => {
        const send = (method: string, target: string) =>
          status(fetch(`${sim.url}${target}&${query}`, { method, headers }));
        assertEquals(await send("GET", "/library/sections/1/all?type=1"), read);
        assertEquals(await send("GET", "/?"), read);
        assertEquals(await send("PUT", "/library/metadata/1?title.value=b"), write);
        assertEquals(await send("GET", "/identity?"), 200);
      },
    );
  });
}

Deno.test("a revoked token answers 401, and an allowed network needs none", async () => {
  await withSim({ items: scenes("a") }, async ({ sim }) => {
    const old = sim.token;
    sim.setToken("new");
    const read = (headers: Record<string, string>) => status(fetch(`${sim.url}/`, { headers }));
    assertEquals(await read({ "X-Plex-Token": old }), 401);
    assertEquals(await read({ "X-Plex-Token": "new" }), 200);
    sim.switches.allowedNetworks = true;
    assertEquals(await read({}), 200);
  });
});

const hosts = [
  { host: "127.0.0.1:1", unknownHost: "needs_token", withToken: 200, without: 200 },
  { host: "localhost:1", unknownHost: "refuse", withToken: 200, without: 200 },
  { host: "plex:32400", unknownHost: "needs_token", withToken: 200, without: 401 },
  { host: "plex:32400", unknownHost: "refuse", withToken: 401, without: 401 },
  { host: "plex:32400", unknownHost: "accept", withToken: 200, without: 200 },
] as const;
for (const { host, unknownHost, withToken, without } of hosts) {
  Deno.test(`Host ${host} with unknownHost ${unknownHost}: ${withToken} with token, ${without} without`, async () => {
    await withSim({ switches: { unknownHost, allowedNetworks: true } }, async ({ sim }) => {
      const ask = async (extra: string, path = "/") => {
        const { hostname, port } = new URL(sim.url);
        const connection = await Deno.connect({ hostname, port: Number(port) });
        const request =
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${extra}\r\n`;
        await connection.write(new TextEncoder().encode(request));
        const text = await new Response(connection.readable).text();
        return Number(text.split(" ")[1]);
      };
      assertEquals(await ask(`X-Plex-Token: ${sim.token}\r\n`), withToken);
      assertEquals(await ask(""), without);
      assertEquals(await ask("", "/identity"), 200);
    });
  });
}

Deno.test("/ and /identity name the server, and another server can take its place", async () => {
  await withSim({}, async ({ sim, get }) => {
    const identity = await get("/identity");
    assertEquals(identity.machineIdentifier, sim.machineIdentifier);
    assertMatch(identity.version, /^\d+\.\d+\.\d+\.\d+-\w+$/);
    assertEquals((await get("/")).machineIdentifier, sim.machineIdentifier);
    sim.setServerIdentity("0123456789abcdef");
    sim.switches.version = "1.20.0.1-old";
    assertEquals((await get("/identity")).machineIdentifier, "0123456789abcdef");
    assertEquals((await get("/")).version, "1.20.0.1-old");
  });
});
