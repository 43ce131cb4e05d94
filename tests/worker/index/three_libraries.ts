/** Three libraries of Plex, of which something befalls the second. */
import { unreadSectionsOf } from "../../../src/core/meta_keys.ts";
import { TARGET } from "../../one_target.ts";
import { file, itemOf, libraryOf, sceneOf } from "../match/matching_cases.ts";
import type { Rig, RigOptions } from "../rig.ts";

export const WELL = ["1", "3"];
export const SICK = "2";
/** So many scenes have their items in each of the three libraries. */
export const EACH = 3;

export const FILES = ["1", "2", "3"].flatMap((section) =>
  Array.from({ length: EACH }, (_, n) => ({
    section,
    file: file(
      `/data/${section}/${n}.mp4`,
      100 * Number(section) + n,
      60 * Number(section) + 5 * n,
    ),
  }))
);

export function threeLibraries(): NonNullable<RigOptions["document"]> {
  const document = libraryOf(
    FILES.map((each, n) => sceneOf(n + 1, each.file)),
    FILES.map((each, n) => itemOf(String(100 + n), each.section, each.file)),
  );
  document.plex.sections = [...WELL, SICK].toSorted().map((key) => ({
    key,
    title: `Library ${key}`,
    type: "movie",
    locations: [`/data/${key}`],
  }));
  return document;
}

export function spoil(rig: Rig, effect: Readonly<Record<string, unknown>>, section = SICK): void {
  rig.plex.setFaults([{ route: "listing", path: `^/library/sections/${section}/all`, ...effect }]);
}

/** Lines that people see, but for what was written. */
export function said(rig: Rig): string[] {
  return rig.lines.filter(({ fields }) => String(fields.event).startsWith("section_"))
    .map(({ level, message }) => `${level}: ${message}`);
}

export function unread(rig: Rig): string[] {
  return (rig.store.meta.get(unreadSectionsOf(TARGET)) ?? []).map(({ section }) => section);
}

/** Scenes of which nothing was written yet. */
export function unwritten(rig: Rig): string[] {
  const titles = rig.plex.items().map(({ title }) => title);
  return rig.stash.scenes().filter(({ title }) => !titles.includes(title!)).map(({ id }) => id!);
}

export const OF_SICK = FILES.flatMap(({ section }, n) => section === SICK ? [String(n + 1)] : []);
