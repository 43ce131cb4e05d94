import { createHash } from "node:crypto";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { ErrorType } from "../../src/core/failures/error_types.ts";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import {
  type FieldName,
  IMAGE_FIELDS,
  LIST_FIELDS,
  TEXT_FIELDS,
  type TextField,
} from "../../src/core/sync/fields.ts";
import type { Edit, IndexedFile, Item } from "../../src/core/sync/item.ts";
import { type Shortfall, shortfall } from "../../src/core/sync/verify.ts";
import type { Image, ListingPage, News, Section, Target } from "../../src/target/target.ts";
import { type Bench, FILES, FULL, SECTIONS } from "./bench.ts";

const [FILMS, SERIES] = SECTIONS as [Section, Section];

/** What of an edit did not take, for an item that nothing is known of. */
function shortfallOf(target: Target, change: Edit, before: Item, after: Item): Shortfall | null {
  return shortfall(change, before, after, { ways: target, memory: null });
}

/** Repairs until nothing is missing. */
async function mend(target: Target, change: Edit, before: Item): Promise<void> {
  for (let round = 0;; round++) {
    const after = (await target.read([before.id])).get(before.id)!;
    const rest = shortfallOf(target, change, before, after);
    if (rest === null) return target.repaired(before);
    assert(await target.repair(before, rest, round), `still ${after.values.tags}`);
  }
}

/** Everything that plexsync relies on in a target, as tests named after `name`. */
export function conformance(name: string, open: () => Promise<Bench>): void {
  const test = (what: string, body: (bench: Bench) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      await using bench = await open();
      await body(bench);
    });

  test("identity() and checkAccess() say who answers", async ({ target, server }) => {
    const identity = await target.identity();
    assertEquals(identity.server, server);
    assertNotEquals(identity.version, "");
    assertNotEquals((await target.checkAccess()).version, "");
    assertNotEquals(target.id, "");
    assertNotEquals(target.title, "");
  });

  test("sections() gives the libraries with the type of their items", async ({ target }) => {
    assertEquals(await target.sections(), { sections: [...SECTIONS], isWhole: true });
  });

  test("listing() of all gives every file once, and says that it saw all", async ({ target }) => {
    const pages = await collect(target.listing(FILMS, null));
    assertEquals(pages.map(({ complete }) => complete), [...pages.slice(1).map(() => false), true]);
    assertEquals(pages.at(-1)!.total, 2);
    assert(newest(pages) > 0);
    const { full, bare } = await idsOf(target);
    assertEquals(filesOf(pages).sort(byPath), [
      { ...FILES.bare, item: bare, section: "1" },
      { ...FILES.full, item: full, section: "1" },
    ]);
  });

  test("listing() since a cursor gives what is new or changed, never all", async (bench) => {
    const { target } = bench;
    const cursor = newest(await collect(target.listing(FILMS, null)));
    await bench.addFile("/data/films/new.mp4");
    const fresh = await collect(target.listing(FILMS, cursor));
    assert(filesOf(fresh).some(({ path }) => path === "/data/films/new.mp4"));
    assertEquals(fresh.some(({ complete }) => complete), false);
    assert(newest(fresh) > cursor);

    await bench.retitle(await itemOf(target, "full"), "Renamed");
    const paths = filesOf(await collect(target.listing(FILMS, newest(fresh))))
      .map(({ path }) => path);
    assert(paths.includes(FILES.full.path), paths.join(" "));
    assert(!paths.includes(FILES.bare.path), paths.join(" "));
  });

  test("read() gives all fields, roles, locks and files, and leaves out what is missing", async ({ target }) => {
    const ids = await idsOf(target);
    const items = await target.read([ids.full, "99999", ids.episode]);
    assertEquals([...items.keys()].sort(), [ids.full, ids.episode].sort());
    const full = items.get(ids.full)!;
    const { poster: _poster, background: _background, ...values } = full.values;
    assertEquals(values, {
      title: [FULL.title],
      studio: [FULL.studio],
      summary: [FULL.summary],
      tagline: [FULL.tagline],
      date: [FULL.date],
      performers: ["Ann", "Bob"],
      tags: ["One", "Two"],
      collection: ["Set"],
      rating: ["7.5"],
    });
    assertEquals(full.roles, { Ann: "Lead" });
    assertEquals([...full.locked].sort(), [...FULL.locked].sort());
    assertEquals(full.files, [FILES.full]);
    assertEquals([full.id, full.section, full.type], [ids.full, "1", "movie"]);
    const episode = items.get(ids.episode)!;
    assertEquals([episode.section, episode.type], ["2", "episode"]);
    assertEquals((await target.read(["99999"])).size, 0);
  });

  test("read() gives [] for fields that hold nothing", async ({ target }) => {
    const { values, roles, locked } = await itemOf(target, "bare");
    for (const field of [...TEXT_FIELDS, ...LIST_FIELDS, "rating"] as const) {
      if (field !== "title") assertEquals(values[field], [], field);
    }
    assertEquals([roles, locked], [{}, []]);
  });

  const texts: Record<TextField, string> = {
    title: "Ümläut & 50% + #1",
    studio: "A, B",
    summary: "Line 1\nLine 2",
    tagline: "語",
    date: "1999-12-31",
  };
  for (const field of TEXT_FIELDS) {
    test(`write() sets and clears the ${field}`, async ({ target }) => {
      const item = await itemOf(target, "bare");
      await target.write(item, edit({ text: { [field]: texts[field] } }));
      assertEquals((await itemOf(target, "bare")).values[field], [texts[field]]);
      if (field === "title") return;
      await target.write(item, edit({ text: { [field]: "" } }));
      assertEquals((await itemOf(target, "bare")).values[field], []);
    });
  }

  for (const field of LIST_FIELDS) {
    test(`write() sets, changes and clears the ${field}`, async ({ target }) => {
      const item = await itemOf(target, "bare");
      const put = async (want: string[], remove: string[]) => {
        const names = { [field]: { want: want.map((name) => ({ name })), remove } };
        await target.write(item, edit({ names }));
        return (await itemOf(target, "bare")).values[field];
      };
      assertEquals(await put(["Aa", "Bb, Jr"], []), ["Aa", "Bb, Jr"]);
      assertEquals(await put(["Cc", "Aa"], ["Bb, Jr"]), ["Cc", "Aa"]);
      assertEquals(await put([], ["Aa", "Cc"]), []);
    });
  }

  test("write() sets and clears the rating", async ({ target }) => {
    const item = await itemOf(target, "bare");
    await target.write(item, edit({ rating: 8.5 }));
    assertEquals((await itemOf(target, "bare")).values.rating, ["8.5"]);
    await target.write(item, edit({ rating: null }));
    assertEquals((await itemOf(target, "bare")).values.rating, []);
  });

  test("write() locks what it is told to, fields and images, and changes nothing else", async ({ target }) => {
    const before = await itemOf(target, "full");
    const lock: FieldName[] = ["title", "studio", "date", "performers", "poster", "background"];
    await target.write(before, edit({ text: { title: "Other" }, lock }));
    const after = await itemOf(target, "full");
    assertEquals([...after.locked].sort(), [...new Set([...lock, ...FULL.locked])].sort());
    assertEquals(withoutImages(after), { ...withoutImages(before), title: ["Other"] });
  });

  test("write() unlocks what it is told to, with a value or without, and nothing else", async ({ target }) => {
    const before = await itemOf(target, "full");
    const lock: FieldName[] = ["title", "studio", "tags", "poster"];
    await target.write(before, edit({ lock }));
    const names = { tags: { want: [{ name: "One" }], remove: ["Two"] } };
    const unlock: FieldName[] = ["title", "tags", "poster"];
    await target.write(before, edit({ text: { title: "Other" }, names, unlock }));
    const after = await itemOf(target, "full");
    const locked = new Set<FieldName>([...FULL.locked, "studio"]);
    for (const name of unlock) locked.delete(name);
    assertEquals([...after.locked].sort(), [...locked].sort());
    const { title, tags } = after.values;
    assertEquals([title, tags], [["Other"], ["One"]]);
  });

  test("write() carries an edit of everything at once, to an episode too", async ({ target }) => {
    const item = await itemOf(target, "episode");
    const change = edit({
      text: { title: "Ep", summary: "S", date: "2001-02-03" },
      names: { collection: { want: [{ name: "Cc" }], remove: [] } },
      rating: 4,
      lock: ["title", "summary", "date", "collection"],
    });
    await target.write(item, change);
    assertEquals(shortfallOf(target, change, item, await itemOf(target, "episode")), null);
  });

  for (const quirk of [null, "adds names"] as const) {
    test(
      `a list has just the wanted names, roles kept, on a target that ${quirk ?? "replaces lists"}`,
      async (bench) => {
        const { target } = bench;
        if (quirk !== null) bench.set(quirk);
        const want = [{ name: "Cid" }, { name: "Ann", role: "Lead" }];
        const change = edit({ names: { performers: { want, remove: ["Bob"] } } });
        const before = await itemOf(target, "full");
        await target.write(before, change);
        const after = await itemOf(target, "full");
        assertEquals(shortfallOf(target, change, before, after), null);
        assertEquals([...after.values.performers].sort(), ["Ann", "Cid"]);
        assertEquals(after.roles, { Ann: "Lead" });
      },
    );
  }

  test("repair() takes the names away that a write left", async (bench) => {
    const { target } = bench;
    const item = await itemOf(target, "bare");
    const names = ["Aa", "Bb", "Cc", "Dd"].map((name) => ({ name }));
    await target.write(item, edit({ names: { tags: { want: names, remove: [] } } }));
    bench.set("adds names");
    bench.set("removes one name");
    const before = await itemOf(target, "bare");
    const want = [{ name: "Dd" }];
    const change = edit({ names: { tags: { want, remove: ["Aa", "Bb", "Cc"] } } });
    await target.write(before, change);
    const rest = shortfallOf(target, change, before, await itemOf(target, "bare"));
    assertEquals(rest?.surplus, { tags: ["Bb", "Cc"] });
    await mend(target, change, before);
    assertEquals((await itemOf(target, "bare")).values.tags, ["Dd"]);
  });

  test("repair() sends text and rating again, and has an end", async (bench) => {
    const { target } = bench;
    const item = await itemOf(target, "bare");
    const change = edit({ text: { studio: "New" }, rating: 5 });
    const rest = shortfallOf(target, change, item, item)!;
    assertEquals(await target.repair(item, rest, 0), true);
    assertEquals(shortfallOf(target, change, item, await itemOf(target, "bare")), null);
    let round = 1;
    while (await target.repair(item, rest, round)) round++;
    assert(round < 5, `${round} rounds`);
  });

  test("a write that changed nothing is seen by reading, whatever it answered", async (bench) => {
    const { target } = bench;
    bench.set("deaf");
    const item = await itemOf(target, "bare");
    const change = edit({ text: { title: "Never" } });
    await target.write(item, change);
    assertEquals(shortfallOf(target, change, item, await itemOf(target, "bare"))?.fields, [
      "title",
    ]);
  });

  test("a text taken without its blanks counts as taken", async (bench) => {
    const { target } = bench;
    bench.set("trims");
    const item = await itemOf(target, "bare");
    const change = edit({ text: { summary: "  Text \n" } });
    await target.write(item, change);
    assertEquals(shortfallOf(target, change, item, await itemOf(target, "bare")), null);
  });

  for (const field of IMAGE_FIELDS) {
    test(`show() sends a ${field} once, and chooses it by its key afterwards`, async (bench) => {
      const { target } = bench;
      const item = await itemOf(target, "bare");
      const first = image(1);
      assertEquals((await target.images(item, field)).shown, null);
      assertEquals((await target.images(item, field)).known.has(first.digest), false);
      await target.show(item, field, first);
      assertEquals((await target.images(item, field)).shown, first.digest);
      const marked = (await itemOf(target, "bare")).values[field];
      assertEquals(marked.length, 1);
      assertNotEquals(marked, item.values[field]);
      await target.show(item, field, image(2));
      const { shown, known, shownKey, keys } = await target.images(item, field);
      assertEquals(shown, image(2).digest);
      assertEquals(shownKey, known.get(image(2).digest));
      assertEquals([...known.values()].filter((key) => !keys.has(key)), []);
      assertEquals([...known.keys()].sort(), [first.digest, image(2).digest].sort());
      assertNotEquals((await itemOf(target, "bare")).values[field], marked);

      const bytes = () => Promise.reject(new Error("the bytes were asked for"));
      await target.show(item, field, { ...first, key: known.get(first.digest), bytes });
      assertEquals((await target.images(item, field)).shown, first.digest);
      assertEquals(bench.uploads(), 2);
    });
  }

  test("an image may show later than it was sent", async (bench) => {
    const { target } = bench;
    bench.set("lags with images");
    const item = await itemOf(target, "bare");
    await target.show(item, "poster", image(1));
    assertEquals((await target.images(item, "poster")).shown, null);
    bench.passSecond();
    assertEquals((await target.images(item, "poster")).shown, image(1).digest);
  });

  test("show() refuses an image that is too large, and sends nothing", async (bench) => {
    const { target } = bench;
    const item = await itemOf(target, "bare");
    const large = new Uint8Array(target.maxImageBytes + 1);
    const bytes = () => Promise.resolve({ bytes: large, contentType: "image/png" });
    await rejects("PlexPermanentError", () => target.show(item, "poster", { ...image(1), bytes }));
    assertEquals(bench.uploads(), 0);
  });

  test("scan() asks for one folder", async (bench) => {
    await bench.target.scan("1", "/data/films/a folder & more");
    assertEquals(bench.scans(), [{ section: "1", folder: "/data/films/a folder & more" }]);
  });

  test("a refused token is PlexUnauthorized everywhere but for the identity", async (bench) => {
    const { target } = bench;
    const item = await itemOf(target, "bare");
    bench.refuseToken();
    for (const [what, call] of calls(target, item)) {
      await rejects("PlexUnauthorized", call, what);
    }
    assertEquals((await target.identity()).server, bench.server);
  });

  test("a target that does not answer is PlexServerDown everywhere", async (bench) => {
    const { target } = bench;
    const item = await itemOf(target, "bare");
    await bench.stop();
    for (const [what, call] of calls(target, item)) await rejects("PlexServerDown", call, what);
    await rejects("PlexServerDown", () => target.identity());
  });

  test("an item that is gone is PlexNotFound", async ({ target }) => {
    const gone: Item = { ...await itemOf(target, "bare"), id: "99999" };
    const change = edit({ text: { title: "x" } });
    await rejects("PlexNotFound", () => target.write(gone, change));
    await rejects("PlexNotFound", () => target.write(gone, edit({ rating: 3 })));
    await rejects("PlexNotFound", () => target.images(gone, "poster"));
    await rejects("PlexNotFound", () => target.show(gone, "poster", image(1)));
  });

  test("listen() tells of new files and of others' edits in wanted libraries alone", async (bench) => {
    const { target } = bench;
    await using ear = new Ear(bench, (section) => section === FILMS.id);
    await ear.hear("connected");
    await ear.hear("files");
    await bench.addFile("/data/films/new.mp4");
    await ear.hear("files");
    await ear.quiet();
    const item = await itemOf(target, "full");
    await bench.retitle(item, "Other");
    await ear.hear("files");
    await ear.quiet();
    const before = ear.heard.length;
    await bench.addFile(`${SERIES.folders[0]}/two.mp4`);
    await ear.quiet();
    assertEquals(ear.heard.slice(before), []);
  });

  test("listen() does not tell of what was written through the target itself", async (bench) => {
    const { target } = bench;
    await using ear = new Ear(bench, () => true);
    await ear.hear("files");
    await ear.quiet();
    const before = ear.heard.length;
    const item = await itemOf(target, "full");
    const bare = await itemOf(target, "bare");
    const episode = await itemOf(target, "episode");
    const change = edit({ text: { title: "Own" } });
    await target.write(item, change);
    await target.repair(bare, shortfallOf(target, change, bare, bare)!, 0);
    await target.show(episode, "poster", image(1));
    await ear.quiet();
    assertEquals(ear.heard.slice(before), []);
  });

  test("listen() ends when it is aborted, and never starts when it was", async ({ target }) => {
    const stop = new AbortController();
    const connected = Promise.withResolvers<void>();
    const listening = target.listen(
      ({ kind }) => kind === "connected" && connected.resolve(),
      stop.signal,
      () => true,
    );
    await connected.promise;
    stop.abort();
    await listening;
    const told: News[] = [];
    await target.listen((news) => void told.push(news), AbortSignal.abort(), () => true);
    assertEquals(told, []);
  });
}

/** Longer than a target collects what belongs together before it tells of it. */
const QUIET_MS = 15_000;

/** Listens for the time of one test. */
class Ear implements AsyncDisposable {
  readonly heard: News["kind"][] = [];
  #waiting: (() => void) | null = null;
  /** What was waited for up to here. */
  #taken = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(private readonly bench: Bench, wants: (section: string) => boolean) {
    const tell = ({ kind }: News) => {
      this.heard.push(kind);
      this.#waiting?.();
    };
    this.#done = bench.target.listen(tell, this.#stop.signal, wants);
  }

  /** Resolves at the next news of a kind. */
  async hear(kind: News["kind"]): Promise<void> {
    for (;;) {
      while (this.#taken < this.heard.length) if (this.heard[this.#taken++] === kind) return;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Lets pass what may yet be told of what has happened. */
  async quiet(): Promise<void> {
    await this.bench.runtime.sleep(QUIET_MS);
    this.#taken = this.heard.length;
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort();
    await this.#done;
  }
}

function calls(target: Target, item: Item): [string, () => Promise<unknown>][] {
  const change = edit({ text: { title: "x" } });
  return [
    ["checkAccess", () => target.checkAccess()],
    ["sections", () => target.sections()],
    ["listing", () => collect(target.listing(FILMS, null))],
    ["listing since", () => collect(target.listing(FILMS, 1))],
    ["read", () => target.read([item.id])],
    ["write", () => target.write(item, change)],
    ["rating", () => target.write(item, edit({ rating: 1 }))],
    ["repair", () => target.repair(item, shortfallOf(target, change, item, item)!, 0)],
    ["images", () => target.images(item, "poster")],
    ["show", () => target.show(item, "background", image(1))],
    ["scan", () => target.scan("1", "/data/films")],
  ];
}

async function rejects(type: ErrorType, call: () => Promise<unknown>, what = ""): Promise<void> {
  const error = await assertRejects(call, PlexsyncError);
  assertEquals([what, error.type], [what, type]);
}

function edit(part: Partial<Edit>): Edit {
  return { text: {}, names: {}, lock: [], ...part };
}

function image(seed: number): Image {
  const bytes = new Uint8Array([0x89, 0x50, seed]);
  return {
    digest: createHash("sha1").update(bytes).digest("hex"),
    bytes: () => Promise.resolve({ bytes, contentType: "image/png" }),
  };
}

type ItemName = keyof typeof FILES;

async function idsOf(target: Target): Promise<Record<ItemName, string>> {
  const pages = await Promise.all(SECTIONS.map((each) => collect(target.listing(each, null))));
  const files = filesOf(pages.flat());
  const id = (name: ItemName) => files.find(({ path }) => path === FILES[name].path)!.item;
  return { full: id("full"), bare: id("bare"), episode: id("episode") };
}

async function itemOf(target: Target, name: ItemName): Promise<Item> {
  const id = (await idsOf(target))[name];
  return (await target.read([id])).get(id)!;
}

function withoutImages({ values }: Item): Partial<Item["values"]> {
  const { poster: _poster, background: _background, ...others } = values;
  return others;
}

function filesOf(pages: readonly ListingPage[]): IndexedFile[] {
  return pages.flatMap(({ files }) => files);
}

function newest(pages: readonly ListingPage[]): number {
  return Math.max(0, ...pages.map(({ cursor }) => cursor));
}

function byPath(a: IndexedFile, b: IndexedFile): number {
  return a.path < b.path ? -1 : 1;
}

async function collect<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of walk) all.push(each);
  return all;
}
