/** Hazards of names and bytes: which of several films that look alike is the scene's. */
import {
  AGAIN,
  ARCHIVE,
  type Content,
  type CorpusBuilder,
  FILMS,
  OTHER_DISK,
  placeIn,
} from "./builder.ts";
import { ambiguous, found, waits } from "./truth.ts";
import type { Family } from "./family.ts";

const COMMON = ["1.mp4", "01.mp4", "clip.mp4", "video.mkv"];

/** A place in a Season folder of a series of its own, under a name that many have. */
function season(b: CorpusBuilder) {
  const folder = `${b.name()}/Season ${b.random.whole(1, 9)}`;
  return placeIn(FILMS, `${folder}/${b.random.pick(COMMON)}`);
}

function own(b: CorpusBuilder, file = `${b.name()}.mp4`) {
  return placeIn(FILMS, `${b.folder()}/${file}`);
}

/** A scene without anything in Plex but what is said here. */
function missing(b: CorpusBuilder, hazard: string, path: string, content: Content): void {
  b.tell(b.scene({ path, content }), hazard, [], waits(), waits());
}

/** Another film on the other disk, under the path that the scene's own has in Stash. */
function elsewhere(b: CorpusBuilder, below: string, content: Content): void {
  const known = b.random.chance(20) ? {} : b.unlike(content);
  b.film(OTHER_DISK.section, `${OTHER_DISK.plex}/${below}`, known);
}

export const NAME_FAMILIES: Family[] = [
  {
    hazard: "plain",
    weight: 60,
    scenes: 1,
    make(b, hazard) {
      const [place, content] = [own(b), b.content()];
      // Two programs seldom measure the same length to the millisecond.
      const durationMs = content.durationMs + (b.random.chance(20) ? b.random.whole(-400, 400) : 0);
      const item = b.film(FILMS.section, place.plex, { ...content, durationMs });
      b.tell(b.scene({ path: place.stash, content }), hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "absent",
    weight: 5,
    scenes: 1,
    make: (b, hazard) => missing(b, hazard, own(b).stash, b.content()),
  },
  {
    hazard: "common name",
    weight: 20,
    scenes: 1,
    make(b, hazard) {
      const [place, content] = [season(b), b.content()];
      const item = b.film(FILMS.section, place.plex, content);
      b.tell(b.scene({ path: place.stash, content }), hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "common name, own file absent",
    weight: 12,
    scenes: 1,
    make: (b, hazard) => missing(b, hazard, season(b).stash, b.content()),
  },
  {
    hazard: "same name and length, other size",
    weight: 4,
    scenes: 1,
    make(b, hazard) {
      const file = `${b.name()}.mp4`;
      const content = b.content();
      const sd = placeIn(FILMS, `${b.folder()} SD/${file}`);
      b.film(FILMS.section, sd.plex, b.reencoded(content));
      missing(b, hazard, placeIn(FILMS, `${b.folder()} UHD/${file}`).stash, content);
    },
  },
  {
    hazard: "equal chapters on two cards, one of them in Plex",
    weight: 4,
    scenes: 2,
    make(b, hazard) {
      const content = b.content();
      const file = `GX${String(b.random.whole(10_000, 99_999))}-${b.name()}.MP4`;
      const [here, there] = ["Card A", "Card B"].map((card) =>
        placeIn(FILMS, `${b.folder()} ${card}/${file}`)
      ) as [ReturnType<typeof placeIn>, ReturnType<typeof placeIn>];
      const item = b.film(FILMS.section, here.plex, content);
      const first = b.scene({ path: here.stash, content });
      b.tell(first, hazard, [item], found(item), found(item), waits(item));
      // The bytes are equal, but the file in Plex is the first one's.
      const second = b.scene({ path: there.stash, content });
      b.tell(second, hazard, [], waits(), waits(), waits(item));
    },
  },
  {
    hazard: "another disk under the same path",
    weight: 6,
    scenes: 1,
    make(b, hazard) {
      const content = b.content();
      const below = `${b.folder()}/${b.random.chance(50) ? `${b.name()}.mp4` : "01.mp4"}`;
      const place = placeIn(FILMS, below);
      elsewhere(b, below, content);
      const item = b.film(FILMS.section, place.plex, content);
      b.tell(b.scene({ path: place.stash, content }), hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "another disk under the same path, own file absent",
    weight: 4,
    scenes: 1,
    make(b, hazard) {
      const below = `${b.folder()}/${b.name()}.mp4`;
      const content = b.content();
      elsewhere(b, below, content);
      missing(b, hazard, placeIn(FILMS, below).stash, content);
    },
  },
  {
    hazard: "backup under another name",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const [place, content] = [own(b), b.content()];
      const item = b.film(FILMS.section, place.plex, content);
      const backup = b.film(ARCHIVE.section, `${ARCHIVE.plex}/${b.name()} (copy).mp4`, content);
      const scene = b.scene({ path: place.stash, content });
      b.tell(scene, hazard, [item, backup], found(item), found(item));
    },
  },
  {
    hazard: "backup under another name, own file absent",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const [place, content] = [own(b), b.content()];
      const backup = b.film(ARCHIVE.section, `${ARCHIVE.plex}/${b.name()} (copy).mp4`, content);
      const scene = b.scene({ path: place.stash, content });
      b.tell(scene, hazard, [backup], waits(backup), waits(backup));
    },
  },
  {
    hazard: "moved: the same file elsewhere",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const file = `${b.name()}.mp4`;
      const [place, content] = [own(b, file), b.content()];
      const item = b.film(ARCHIVE.section, `${ARCHIVE.plex}/${b.folder()}/${file}`, content);
      b.tell(b.scene({ path: place.stash, content }), hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "backup tree with the same names",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const below = `${b.folder()}/${b.name()}.mp4`;
      const [place, content] = [placeIn(FILMS, below), b.content()];
      const item = b.film(FILMS.section, place.plex, content);
      const backup = b.film(ARCHIVE.section, `${ARCHIVE.plex}/backup/${below}`, content);
      const scene = b.scene({ path: place.stash, content });
      b.tell(
        scene,
        hazard,
        [item, backup],
        found(item),
        found(item),
        ambiguous(item, backup),
      );
    },
  },
  {
    hazard: "two copies elsewhere, own file absent",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const file = `${b.name()}.mp4`;
      const [place, content] = [own(b, file), b.content()];
      const copies = ["A", "B"].map((name) =>
        b.film(ARCHIVE.section, `${ARCHIVE.plex}/${name}/${file}`, content)
      );
      const scene = b.scene({ path: place.stash, content });
      b.tell(scene, hazard, copies, ambiguous(...copies), ambiguous(...copies));
    },
  },
  {
    hazard: "right path with a stale size, a copy elsewhere with the right one",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const file = `${b.name()}.mp4`;
      const [place, content] = [own(b, file), b.content()];
      const stale = b.random.chance(50) ? b.unlike(content) : b.reencoded(content);
      const item = b.film(FILMS.section, place.plex, stale);
      const copy = b.film(ARCHIVE.section, `${ARCHIVE.plex}/${b.folder()}/${file}`, content);
      const scene = b.scene({ path: place.stash, content });
      b.tell(scene, hazard, [item, copy], found(item), found(item), found(copy));
    },
  },
  {
    hazard: "two files swapped",
    weight: 2,
    scenes: 2,
    make(b, hazard) {
      const places = [season(b), season(b)] as const;
      const content = b.content();
      const contents = [content, b.unlike(content)] as const;
      const items = places.map(({ plex }, at) =>
        b.film(FILMS.section, plex, contents[1 - at] as Content)
      ) as [string, string];
      places.forEach(({ stash }, at) => {
        const scene = b.scene({ path: stash, content: contents[at] as Content });
        const [byPath, byBytes] = [items[at], items[1 - at]] as [string, string];
        // Names differ as often as not: then its bytes alone are no evidence.
        const sameName = places[0].plex.split("/").at(-1) === places[1].plex.split("/").at(-1);
        const without = sameName ? found(byBytes) : waits(byBytes);
        b.tell(scene, hazard, items, found(byPath), without);
      });
    },
  },
  {
    hazard: "more than 200 files of one name",
    weight: 0,
    scenes: 240,
    make(b, hazard) {
      const file = `scene-${b.name()}.mp4`;
      for (let at = 0; at < 240; at++) {
        const [place, content] = [placeIn(FILMS, `${b.folder()}/${file}`), b.content()];
        if (at % 12 === 0) {
          missing(b, hazard, place.stash, content);
          continue;
        }
        const item = b.film(FILMS.section, place.plex, content);
        b.tell(b.scene({ path: place.stash, content }), hazard, [item], found(item), found(item));
      }
    },
  },
  {
    hazard: "two libraries over one folder",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const place = placeIn(FILMS, `${AGAIN.folder}/${b.name()}.mp4`);
      const content = b.content();
      const items = [FILMS.section, AGAIN.section].map((key) => b.film(key, place.plex, content));
      const scene = b.scene({ path: place.stash, content });
      b.tell(scene, hazard, items, found(...items), found(...items), ambiguous(...items));
    },
  },
];
