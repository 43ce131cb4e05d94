/** Hazards of how Plex makes items of files: versions, parts, trash, episodes. */
import { type CorpusBuilder, FILMS, part, placeIn, SERIES, version } from "./builder.ts";
import type { Family } from "./family.ts";
import { found, shared, waits } from "./truth.ts";

function films(b: CorpusBuilder, count: number) {
  return Array.from({ length: count }, () => ({
    place: placeIn(FILMS, `${b.folder()}/${b.name()}.mp4`),
    content: b.content(),
  }));
}

export const ITEM_FAMILIES: Family[] = [
  {
    hazard: "an item with two versions",
    weight: 4,
    scenes: 1,
    make(b, hazard) {
      const versions = films(b, 2);
      const item = b.item(
        FILMS.section,
        versions.map(({ place, content }) => version(place.plex, content)),
      );
      // The scene has both, or only the second.
      const files = b.random.chance(50) ? versions : versions.slice(1);
      const scene = b.scene(...files.map(({ place, content }) => ({ path: place.stash, content })));
      b.tell(scene, hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "a scene with several items",
    weight: 4,
    scenes: 1,
    make(b, hazard) {
      const files = films(b, b.random.whole(2, 3));
      const items = files.map(({ place, content }) => b.film(FILMS.section, place.plex, content));
      const scene = b.scene(...files.map(({ place, content }) => ({ path: place.stash, content })));
      b.tell(scene, hazard, items, found(...items), found(...items));
    },
  },
  {
    hazard: "a scene with two files, one of them in Plex",
    weight: 2,
    scenes: 1,
    make(b, hazard) {
      const files = films(b, 2);
      const [first] = files as [(typeof files)[number]];
      const item = b.film(FILMS.section, first.place.plex, first.content);
      // Which of them is the primary one says nothing.
      const order = b.random.chance(50) ? files : [...files].reverse();
      const scene = b.scene(...order.map(({ place, content }) => ({ path: place.stash, content })));
      b.tell(scene, hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "an item with two scenes' files",
    weight: 3,
    scenes: 2,
    make(b, hazard) {
      const files = films(b, 2);
      const item = b.item(
        FILMS.section,
        files.map(({ place, content }) => version(place.plex, content)),
      );
      const scenes = files.map(({ place, content }) => b.scene({ path: place.stash, content }));
      for (const scene of scenes) {
        b.tell(scene, hazard, [item], shared(item, ...scenes), shared(item, ...scenes));
      }
    },
  },
  {
    hazard: "an item with two scenes' files, one of them moved there",
    weight: 2,
    scenes: 2,
    make(b, hazard) {
      const [here, moved] = films(b, 2) as [
        ReturnType<typeof films>[0],
        ReturnType<typeof films>[0],
      ];
      const name = moved.place.plex.slice(moved.place.plex.lastIndexOf("/"));
      const elsewhere = placeIn(FILMS, b.folder()).plex + name;
      const item = b.item(FILMS.section, [
        version(here.place.plex, here.content),
        version(elsewhere, moved.content),
      ]);
      const scenes = [here, moved].map(({ place, content }) =>
        b.scene({ path: place.stash, content })
      ) as [string, string];
      // The exact path owns it; where no rule says what is exact, both have the same right.
      b.tell(scenes[0], hazard, [item], found(item), found(item), shared(item, ...scenes));
      b.tell(scenes[1], hazard, [item], waits(), waits(), shared(item, ...scenes));
    },
  },
  {
    hazard: "stacked parts of one scene",
    weight: 2,
    scenes: 1,
    make(b, hazard) {
      const files = stack(b);
      const item = b.item(FILMS.section, [
        { parts: files.map(({ place, content }) => part(place.plex, content)) },
      ]);
      const scene = b.scene(...files.map(({ place, content }) => ({ path: place.stash, content })));
      b.tell(scene, hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "stacked parts of two scenes",
    weight: 2,
    scenes: 2,
    make(b, hazard) {
      const files = stack(b);
      const item = b.item(FILMS.section, [
        { parts: files.map(({ place, content }) => part(place.plex, content)) },
      ]);
      const scenes = files.map(({ place, content }) => b.scene({ path: place.stash, content }));
      for (const scene of scenes) {
        b.tell(scene, hazard, [item], shared(item, ...scenes), shared(item, ...scenes));
      }
    },
  },
  {
    hazard: "optimised version beside the original",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const [film] = films(b, 1) as [ReturnType<typeof films>[0]];
      const item = b.item(FILMS.section, [
        version(film.place.plex, film.content),
        { proxyType: 42, ...version(optimised(film.place.plex), b.reencoded(film.content)) },
      ]);
      const scene = b.scene({ path: film.place.stash, content: film.content });
      b.tell(scene, hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "a scene of an optimised version",
    weight: 2,
    scenes: 1,
    make(b, hazard) {
      const [film] = films(b, 1) as [ReturnType<typeof films>[0]];
      const copy = b.reencoded(film.content);
      b.item(FILMS.section, [
        version(film.place.plex, film.content),
        { proxyType: 42, ...version(optimised(film.place.plex), copy) },
      ]);
      // Stash has scanned Plex's own folder: what lies there is no film of the owner's.
      const scene = b.scene({ path: optimised(film.place.stash), content: copy });
      b.tell(scene, hazard, [], waits(), waits());
    },
  },
  {
    hazard: "item in the trash",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const [film] = films(b, 1) as [ReturnType<typeof films>[0]];
      const media = [version(film.place.plex, film.content)];
      if (b.random.chance(50)) b.item(FILMS.section, media, { deletedAt: DELETED_AT });
      else {
        b.item(FILMS.section, [
          ...media.map((each) => ({ ...each, deletedAt: DELETED_AT })),
          version(placeIn(FILMS, `${b.folder()}/${b.name()}.mp4`).plex, b.content()),
        ]);
      }
      const scene = b.scene({ path: film.place.stash, content: film.content });
      b.tell(scene, hazard, [], waits(), waits());
    },
  },
  {
    hazard: "item in the trash beside its successor",
    weight: 3,
    scenes: 1,
    make(b, hazard) {
      const [film] = films(b, 1) as [ReturnType<typeof films>[0]];
      const media = [version(film.place.plex, film.content)];
      b.item(FILMS.section, media, { deletedAt: DELETED_AT });
      const item = b.item(FILMS.section, media);
      const scene = b.scene({ path: film.place.stash, content: film.content });
      b.tell(scene, hazard, [item], found(item), found(item));
    },
  },
  {
    hazard: "episode",
    weight: 8,
    scenes: 1,
    make(b, hazard) {
      const show = `Series ${b.random.whole(1, 30)}`;
      const below = `${show}/Season ${b.random.whole(1, 9)}/${b.name()}.mp4`;
      const [place, content] = [placeIn(SERIES, below), b.content()];
      const item = b.item(SERIES.section, [version(place.plex, content)], { show });
      b.tell(b.scene({ path: place.stash, content }), hazard, [item], found(item), found(item));
    },
  },
];

const DELETED_AT = Date.UTC(2024, 5, 1) / 1000;

function stack(b: CorpusBuilder) {
  const stem = `${b.folder()}/${b.name()}`;
  return [1, 2].map((number) => ({
    place: placeIn(FILMS, `${stem} - pt${number}.mp4`),
    content: b.content(),
  }));
}

/** Where a transcoded copy of a file is kept. */
function optimised(path: string): string {
  const at = path.lastIndexOf("/");
  return `${path.slice(0, at)}/Plex Versions/Optimized for Mobile${path.slice(at)}`;
}
