/**
 * The library of random histories: scenes with several items, episodes, an item of two files that
 * two scenes may come to share, one that passes between them, and a second target.
 */
import type { LibraryDocument } from "../../sim/library_document.ts";
import { MemoryTarget } from "../../target/memory_target.ts";

export const SCENES = ["1", "2"];

/** Folder and library of each file, and the scene that has it at first. */
const FILES = [
  { name: "films/1", scene: "1" },
  { name: "more/1", scene: "1" },
  { name: "films/2", scene: "2" },
  { name: "shows/2", scene: "2" },
  { name: "films/3", scene: "1" },
  { name: "films/4a", scene: "1" },
  { name: "films/4b", scene: "1" },
];
/** Those that may pass from one scene to the other. */
export const MOVABLE = ["films/3", "films/4b"];
/** Those that are the only one of a film. */
export const SINGLE = ["films/1", "more/1", "films/2", "films/3"];
/** Of each item its files and its library. */
const ITEMS = [
  { section: "1", files: ["films/1"] },
  { section: "2", files: ["more/1"] },
  { section: "1", files: ["films/2"] },
  { section: "3", files: ["shows/2"] },
  { section: "1", files: ["films/3"] },
  { section: "1", files: ["films/4a", "films/4b"] },
];
const SECTIONS = [
  { key: "1", title: "Films", type: "movie", locations: ["/data/films"] },
  { key: "2", title: "More", type: "movie", locations: ["/data/more"] },
  { key: "3", title: "Shows", type: "show", locations: ["/data/shows"] },
] satisfies LibraryDocument["plex"]["sections"];
/** Of the items that the second target has too. */
const SECOND = ["films/1", "films/2", "films/3"];

const pathOf = (name: string) => `/data/${name}.mp4`;
const sizeOf = (name: string) => 1_000 + FILES.findIndex((file) => file.name === name);

/** A file as Plex finds it. */
export function plexFile(name: string) {
  return { path: pathOf(name), size: sizeOf(name), durationMs: 60_000 };
}

/** A file as Stash has it. */
function stashFile(name: string) {
  return { path: pathOf(name), size: sizeOf(name), duration: 60 };
}

/** The files of each scene. @param movedTo Where a file is that is not its first scene's now */
export function filesOf(movedTo: ReadonlyMap<string, string>) {
  return SCENES.map((id) => ({
    id,
    files: FILES.filter(({ name, scene }) => (movedTo.get(name) ?? scene) === id)
      .map(({ name }) => stashFile(name)),
  }));
}

export function libraryDocument(): LibraryDocument {
  const items = ITEMS.map(({ section, files }, at) => ({
    ratingKey: at + 1,
    section,
    title: `Item ${at + 1}`,
    media: files.map((name) => ({
      parts: [{ file: pathOf(name), size: sizeOf(name), duration_ms: 60_000 }],
    })),
  }));
  const scenes = filesOf(new Map()).map((scene) => ({
    ...scene,
    title: `Scene ${scene.id}`,
    details: "",
    code: "",
    studio: "Works",
    tags: ["One"],
    performers: [],
  }));
  return { plex: { sections: SECTIONS, items }, stash: { scenes } };
}

/** A second target, of another kind. */
export function secondTarget(): MemoryTarget {
  const library = { id: "1", title: "Films", type: "movie", folders: ["/data"] } as const;
  const target = new MemoryTarget([{ ...library, folders: [...library.folders] }], "second");
  for (const name of SECOND) {
    const file = { path: pathOf(name), size: sizeOf(name), durationMs: 60_000 };
    target.add({ section: "1", files: [file], values: { title: [name] } });
  }
  return target;
}
