/** Hazards of what Plex knows of a file: nothing, too little, or something else than Stash. */
import { CLIPS, type Content, type CorpusBuilder, FILMS, placeIn } from "./builder.ts";
import type { Family } from "./family.ts";
import { found, type Verdict, waits } from "./truth.ts";

/** What a film's item is told to be, seen from its scene. */
interface Known {
  hazard: string;
  weight: number;
  /** What Plex says of the file. */
  says(b: CorpusBuilder, content: Content): Partial<Content>;
  /** Under a path map that names its folder. */
  mapped(item: string): Verdict;
  /** Without a rule for it. */
  unmapped(item: string): Verdict[];
}

/** A file at its right path, of which Plex knows something else than Stash. */
const KNOWN: Known[] = [
  {
    hazard: "size and length unknown",
    weight: 3,
    says: () => ({}),
    mapped: (item) => found(item),
    unmapped: () => [waits()],
  },
  {
    hazard: "size unknown",
    weight: 2,
    says: (_b, { durationMs }) => ({ durationMs }),
    mapped: (item) => found(item),
    unmapped: (item) => [found(item), waits()],
  },
  {
    hazard: "length unknown",
    weight: 2,
    says: (_b, { size }) => ({ size }),
    mapped: (item) => found(item),
    unmapped: (item) => [found(item), waits()],
  },
  {
    hazard: "re-encoded",
    weight: 4,
    says: (b, content) => b.reencoded(content),
    mapped: (item) => found(item),
    unmapped: (item) => [found(item), waits()],
  },
  {
    hazard: "other size, length unknown",
    weight: 2,
    says: (b) => ({ size: b.content().size }),
    mapped: (item) => found(item),
    unmapped: () => [waits()],
  },
  {
    hazard: "other size and other length",
    weight: 2,
    says: (b, content) => b.unlike(content),
    mapped: (item) => found(item),
    unmapped: () => [waits()],
  },
];

const underARule = KNOWN.map((known): Family => ({
  hazard: known.hazard,
  weight: known.weight,
  scenes: 1,
  make(b, hazard) {
    const [place, content] = [placeIn(FILMS, `${b.folder()}/${b.name()}.mp4`), b.content()];
    const item = b.film(FILMS.section, place.plex, known.says(b, content));
    const scene = b.scene({ path: place.stash, content });
    b.tell(scene, hazard, [item], known.mapped(item), ...known.unmapped(item));
  },
}));

/** The same where both servers use one path: no rule of the owner speaks for it. */
const underOnePath = KNOWN.map((known): Family => ({
  hazard: `${known.hazard}, on a share under one path`,
  weight: known.weight / 2,
  scenes: 1,
  make(b, hazard) {
    const [place, content] = [placeIn(CLIPS, `${b.folder()}/${b.name()}.mp4`), b.content()];
    const says = known.says(b, content);
    const item = b.film(CLIPS.section, place.plex, says);
    const scene = b.scene({ path: place.stash, content });
    const agrees = says.size === content.size || says.durationMs === content.durationMs;
    const verdict = agrees ? found(item) : waits();
    b.tell(scene, hazard, [item], verdict, verdict);
  },
}));

export const KNOWN_FAMILIES: Family[] = [...underARule, ...underOnePath];
