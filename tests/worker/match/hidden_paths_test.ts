/** With `obfuscate_paths` no line of the log shows a media path, whatever went wrong. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { collect } from "../../log/harness.ts";
import { ScanRequests } from "../../../src/intake/scan_requests.ts";
import { readLibrary } from "../../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf } from "./matching_cases.ts";
import { Rig, type RigOptions } from "../rig.ts";

/** Stands in every folder and file name. */
const CANARY = "kanari";
const DAY_MS = 24 * 60 * 60_000;

/** The path, each name marked by its place; `C:` stays a drive. */
function marked(path: string): string {
  return path.replace(/[^\\/]+/g, (name) => /^[A-Z]:$/.test(name) ? name : `${CANARY}-${name}`);
}

/** The document and settings with every media path marked. */
function markedOptions(options: RigOptions): RigOptions {
  return JSON.parse(
    JSON.stringify(options),
    (key, value) =>
      key === "locations"
        ? value.map(marked)
        : ["path", "file", "stash", "plex"].includes(key) && typeof value === "string"
        ? marked(value)
        : value,
  );
}

const many = (folder: string, count = 12, from = 1) =>
  Array.from({ length: count }, (_, at) => file(`${folder}/${from + at}.mp4`, 100 + at, 60 + at));
const scenesIn = (folder: string, count = 12) =>
  many(folder, count).map((each, at) => sceneOf(at + 1, each));
const itemsIn = (folder: string, count = 12, first = 100) =>
  many(folder, count).map((each, at) => itemOf(String(first + at), "1", each));

/** Plex has one film alone, which is none of the scenes'. */
function strayed(scenes: ReturnType<typeof scenesIn>) {
  const document = libraryOf(scenes, [itemOf("7", "1", file("/media/z.mp4", 1, 1))]);
  document.plex.sections[0]!.locations = ["/media"];
  return document;
}

interface Case {
  when: string;
  options: RigOptions;
  /** Told by some line, so that the case is the one that is meant. */
  event: string;
  then?: (rig: Rig) => Promise<void>;
}

const CASES: Case[] = [
  {
    when: "a path_map is wrong",
    event: "setup",
    options: {
      document: libraryOf(scenesIn("/data/f"), itemsIn("/media/f")),
      settings: { pathMap: [{ stash: "/data", plex: "/wrong" }] },
    },
  },
  {
    when: "a path_map is wrong for drives and shares",
    event: "setup",
    options: {
      document: libraryOf(scenesIn("C:\\data\\f"), itemsIn("\\\\nas\\media\\f")),
      settings: { pathMap: [{ stash: "C:\\data", plex: "\\\\nas\\wrong" }] },
    },
  },
  {
    when: "no library has the folder",
    event: "setup",
    options: { document: strayed(scenesIn("/data/f")) },
  },
  {
    when: "several items fit, and one item is shared",
    event: "job_dead",
    options: {
      document: libraryOf(
        [
          ...scenesIn("/data/f", 1),
          sceneOf(20, file("/media/s.mp4", 7, 7)),
          sceneOf(21, file("/media/t.mp4", 8, 8)),
        ],
        [
          ...itemsIn("/media/f", 1),
          ...itemsIn("/media/g", 1, 200),
          itemOf("300", "1", file("/media/s.mp4", 7, 7), file("/media/t.mp4", 8, 8)),
        ],
      ),
    },
  },
  {
    when: "a rule is learned and dropped",
    event: "rule_dropped",
    options: {
      document: libraryOf(scenesIn("/data/f", 20), itemsIn("/media/f", 20)),
      settings: { pathMap: null },
    },
    then: async (rig) => {
      const items = [
        ...itemsIn("/media/f", 20),
        ...many("/backup/f", 20).map((each, at) =>
          itemOf(String(200 + at), "1", { ...each, size: 9_000 + at })
        ),
      ];
      const { sections, items: all } = readLibrary(
        markedOptions({ document: libraryOf([], items) }).document!,
      );
      rig.plex.load(sections, all);
      rig.runtime.jump(DAY_MS);
      rig.enqueue(["1"]);
      await rig.once();
    },
  },
  {
    when: "a folder is to be scanned, and Plex is gone",
    event: "scan",
    options: { document: strayed(scenesIn("/media/f", 1)) },
    then: async ({ context: { target, store, log, runtime }, plex }) => {
      const stop = new AbortController();
      const requests = new ScanRequests({
        target: {
          title: target.title,
          sections: () => target.sections(),
          scan: async (...args) => {
            await plex.close();
            await target.scan(...args).finally(() => stop.abort());
          },
        },
        jobs: store.jobs,
        index: store.of(target.id).index,
        log,
        runtime,
      });
      const files = [{ path: marked("/media/f/1.mp4"), size: 1, durationMs: 1 }];
      requests.settled([{ disposition: { to: "waiting", at: 0, files } }]);
      await requests.run(AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]));
      assert(stop.signal.aborted, "Plex was not asked");
    },
  },
];

for (const { when, event, options, then } of CASES) {
  Deno.test(`no line of the log shows a path when ${when}`, async () => {
    const { settings, ...rest } = markedOptions(options);
    await using rig = await Rig.open({
      ...rest,
      settings: { syncPoster: false, syncBackground: false, ...settings },
    });
    rig.enqueue();
    await rig.once();
    await then?.(rig);
    assert(rig.lines.some(({ fields }) => fields.event === event), "the case is not met");
    assertStringIncludes(JSON.stringify(rig.lines), CANARY);
    for (const format of ["text", "json"] as const) {
      const { log, lines } = collect({ format, obfuscatePaths: true, pathSalt: "s" });
      for (const { level, message, fields } of rig.lines) log[level](message, fields);
      assertEquals(lines.filter((line) => line.includes(CANARY)), []);
    }
  });
}
