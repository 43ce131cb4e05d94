import { startSimPlex } from "../sim/plex/server.ts";
import { type Bench, FILES, FULL, type Quirk, SECTIONS } from "./bench.ts";
import { conformance } from "./conformance.ts";
import { fastRuntime } from "./fast_runtime.ts";
import { MemoryTarget } from "./memory_target.ts";
import { targetOf } from "./plex/plex_fixture.ts";

conformance("memory target", () => {
  const target = new MemoryTarget(SECTIONS);
  target.add({
    section: "1",
    files: [FILES.full],
    values: {
      title: [FULL.title],
      studio: [FULL.studio],
      summary: [FULL.summary],
      tagline: [FULL.tagline],
      date: [FULL.date],
      performers: FULL.performers.map(({ name }) => name),
      tags: FULL.tags,
      collection: FULL.collection,
      rating: [String(FULL.rating)],
    },
    roles: { Ann: "Lead" },
    locked: FULL.locked,
  });
  target.add({ section: "1", files: [FILES.bare], values: { title: ["bare"] } });
  target.add({ section: "2", files: [FILES.episode], values: { title: ["one"] } });
  const quirks: Record<Quirk, keyof typeof target.quirks> = {
    "adds names": "addsNames",
    "removes one name": "removesOne",
    "deaf": "deaf",
    "trims": "trims",
    "lags with images": "lagsWithImages",
  };
  const sectionOf = (path: string) =>
    SECTIONS.find(({ folders }) => folders.some((folder) => path.startsWith(`${folder}/`)))!.id;
  const bench: Bench = {
    target,
    server: target.server,
    // Nothing in it takes time.
    runtime: { ...fastRuntime(1), sleep: () => Promise.resolve() },
    set(quirk) {
      target.quirks[quirks[quirk]] = true;
    },
    addFile(path) {
      target.add({ section: sectionOf(path), files: [{ path, size: 1, durationMs: null }] });
      return Promise.resolve();
    },
    retitle: (item, title) => Promise.resolve(target.edit(item.id, { title: [title] })),
    passSecond: () => target.showSent(),
    uploads: () => target.uploads,
    scans: () => target.scans,
    refuseToken() {
      target.fault = "unauthorized";
    },
    stop() {
      target.fault = "down";
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return Promise.resolve(bench);
});

/** How much faster than real time the Plex target waits for Plex to have finished. */
const SPEED = 20;
/** Long ago in Plex's clock, so that what changes in a test is later than all that stood there. */
const ADDED_AT = 1_700_000_000;

conformance("Plex", async () => {
  let aheadMs = 0;
  const sim = await startSimPlex({
    sections: SECTIONS.map(({ id, title, type, folders }) => ({
      key: id,
      title,
      type: type === "movie" ? "movie" : "show",
      locations: [...folders],
    })),
    items: [
      {
        files: [FILES.full],
        addedAt: ADDED_AT,
        updatedAt: ADDED_AT,
        title: FULL.title,
        studio: FULL.studio,
        summary: FULL.summary,
        tagline: FULL.tagline,
        originallyAvailableAt: FULL.date,
        actors: FULL.performers,
        genres: [...FULL.tags],
        collections: [...FULL.collection],
        userRating: FULL.rating,
        locked: ["title", "genre", "titleSort"],
      },
      { files: [FILES.bare], addedAt: ADDED_AT, updatedAt: ADDED_AT },
      { files: [FILES.episode], addedAt: ADDED_AT, updatedAt: ADDED_AT },
    ],
    switches: { trimValues: false },
    now: () => Date.now() + aheadMs,
  });
  sim.switches.imageLagMs = 0;
  let open = true;
  const { token, url } = sim;
  const runtime = fastRuntime(SPEED);
  const close = async () => {
    if (open) await sim.close();
    open = false;
  };
  return {
    target: targetOf({ url }, { token, runtime }),
    server: sim.machineIdentifier,
    runtime,
    set(quirk) {
      if (quirk === "adds names") sim.switches.singleTagEdit = "add";
      else if (quirk === "removes one name") sim.switches.removalList = "first_only";
      else if (quirk === "deaf") sim.switches.deaf = true;
      else if (quirk === "trims") sim.switches.trimValues = true;
      else sim.switches.imageLagMs = 1_000;
    },
    addFile: (path) => sim.addFiles([{ path }]),
    async retitle({ id }, title) {
      const query = `title.value=${encodeURIComponent(title)}`;
      const headers = { "X-Plex-Token": token };
      const put = await fetch(`${url}/library/metadata/${id}?${query}`, { method: "PUT", headers });
      await put.body?.cancel();
    },
    passSecond() {
      aheadMs += 1_000;
    },
    uploads: () => sim.requests().filter(({ method }) => method === "POST").length,
    scans: () =>
      sim.requests().flatMap((request) => {
        const [, section] = /^\/library\/sections\/(\d+)\/refresh$/.exec(request.path) ?? [];
        return section === undefined ? [] : [{ section, folder: request.param("path")! }];
      }),
    refuseToken: () => sim.setToken("another"),
    stop: close,
    [Symbol.asyncDispose]: close,
  };
});
