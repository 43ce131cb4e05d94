/** Hazards of paths: how two systems spell the same one, and where no rule is needed. */
import { CLIPS, FILMS, LOOSE, type Mount, NAS, placeIn, VIDEOS } from "./builder.ts";
import type { Family } from "./family.ts";
import { found, waits } from "./truth.ts";

/** One way in which the two servers spell the same file. */
interface Spelling {
  hazard: string;
  weight: number;
  mount: Mount;
  /** Folder and file below the mount; `%` stands for a part of its own. */
  below: string;
  stash?(path: string): string;
  plex?(path: string): string;
  /** Its name differs too: without a path map there may be nothing but its bytes. */
  mayWait?: boolean;
}

const lower = (path: string) => path.toLowerCase();

const SPELLINGS: Spelling[] = [
  { hazard: "a share under one path", weight: 8, mount: CLIPS, below: "%/%.mp4" },
  { hazard: "a rule onto the root", weight: 5, mount: LOOSE, below: "%/%.mp4" },
  { hazard: "a file right below a rule onto the root", weight: 2, mount: LOOSE, below: "%.mp4" },
  { hazard: "Windows path", weight: 5, mount: VIDEOS, below: "Late Game %/%.mp4" },
  {
    hazard: "Windows path, its rule in another case",
    weight: 3,
    mount: VIDEOS,
    below: "Late Game %/%.mp4",
    stash: (path) => path.replace("F:\\Videos", "f:\\VIDEOS"),
  },
  {
    hazard: "Windows path, in another case than in Plex",
    weight: 3,
    mount: VIDEOS,
    below: "Late Game %/%.MP4",
    stash: lower,
    mayWait: true,
  },
  { hazard: "UNC path", weight: 4, mount: NAS, below: "Late Game %/%.mp4" },
  {
    hazard: "UNC path, in another case than in Plex",
    weight: 3,
    mount: NAS,
    below: "Late Game %/%.mp4",
    plex: lower,
  },
  {
    hazard: "UNC path in its long form",
    weight: 3,
    mount: NAS,
    below: "Late Game %/%.mp4",
    plex: (path) => path.replace("\\\\", "\\\\?\\UNC\\"),
  },
  {
    hazard: "composed in Stash, decomposed in Plex",
    weight: 4,
    mount: FILMS,
    below: "Été %/Zoë Åkesson %.mp4",
    plex: (path) => path.normalize("NFD"),
  },
  {
    hazard: "decomposed in Stash, composed in Plex",
    weight: 4,
    mount: FILMS,
    below: "Über %/한여름 %.mp4",
    stash: (path) => path.normalize("NFD"),
  },
  {
    hazard: "another letter case on a disk that folds it",
    weight: 3,
    mount: FILMS,
    below: "Late Game %/Part %.MP4",
    plex: (path) => path.replace("Late Game", "late game"),
  },
];

const spelt = SPELLINGS.map(({ hazard, weight, mount, below, mayWait = false, ...as }): Family => ({
  hazard,
  weight,
  scenes: 1,
  make(b) {
    const place = placeIn(mount, below.replaceAll("%", () => b.name()));
    const content = b.content();
    const item = b.film(mount.section, as.plex?.(place.plex) ?? place.plex, content);
    const scene = b.scene({ path: as.stash?.(place.stash) ?? place.stash, content });
    const without = mayWait ? [found(item), waits(item)] : [found(item)];
    b.tell(scene, hazard, [item], found(item), ...without);
  },
}));

export const PATH_FAMILIES: Family[] = [
  ...spelt,
  {
    hazard: "another film whose path differs in letter case",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const place = placeIn(FILMS, `${b.folder()}/Part ${b.name()}.mp4`);
      const content = b.content();
      b.film(FILMS.section, place.plex.toLowerCase(), b.unlike(content));
      const scene = b.scene({ path: place.stash, content });
      b.tell(scene, hazard, [], waits(), waits());
    },
  },
];
