/** What a person and a file system do meanwhile: scenes change, come and go, files get to Plex. */
import * as words from "../../tests/sim/library_words.ts";
import type { SimFileSeed } from "../../tests/sim/plex/server.ts";
import { type Random, seededRandom } from "../../tests/sim/random.ts";
import { coverPng } from "../../tests/sim/stash/png.ts";
import type { SceneInput } from "../../tests/sim/stash/server.ts";
import type { World } from "../../tests/e2e/world.ts";
import { CHANGES, type Planned } from "./plan.ts";

const FOLDER = "/data/scenes/New (unsorted)";
const BURST = 12;

type ChangeName = keyof typeof CHANGES;

export class SceneChanges {
  /** How often each kind happened. */
  readonly counts = new Map<string, number>();
  /** Scans of the simulated Plex that are under way. */
  readonly #scans: Promise<void>[] = [];
  readonly #alive: string[];
  /** First files of the scenes that Plex lacks: a second one would be an item of its own there. */
  readonly #lacking: SimFileSeed[];
  readonly #fewest: number;
  #made = 0;

  /** @param destroyed Told of each scene that is gone, as Stash's hook tells it */
  constructor(private readonly world: World, private readonly destroyed: (id: string) => void) {
    const { scenes, missingIds } = world.library;
    this.#alive = scenes.map(({ id }) => String(id));
    this.#fewest = Math.ceil(scenes.length / 2);
    this.#lacking = missingIds.flatMap((id) => scenes[Number(id) - 1]?.files?.[0] ?? [])
      .map(({ path, size, duration = 0 }) => ({ path, size, durationMs: duration * 1000 }));
  }

  /** Scenes that exist now. */
  get alive(): readonly string[] {
    return this.#alive;
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, n) => sum + n, 0);
  }

  perform({ what, seed }: Planned): void {
    const random = seededRandom(seed);
    if (this.#change(what as ChangeName, random)) {
      this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    }
  }

  /** Resolves when Plex has seen all files that came. */
  async scanned(): Promise<void> {
    await Promise.all(this.#scans);
  }

  /** @returns false when there is nothing to do it to */
  #change(what: ChangeName, random: Random): boolean {
    switch (what) {
      case "create":
        return this.#create(random);
      case "arrive":
        return this.#arrive(random);
      case "destroy":
        return this.#destroy(random);
      case "rename":
        return this.#rename(random);
      case "burst":
        for (let n = 0; n < BURST; n++) this.#edit({ title: titleOf(random) }, random);
        return true;
      default:
        this.#edit(fieldsOf(what, random), random);
        return true;
    }
  }

  #edit(fields: SceneInput, random: Random): void {
    this.world.stash.upsert([{ id: random.pick(this.#alive), ...fields }]);
  }

  #create(random: Random): boolean {
    this.#made++;
    const file = {
      path: `${FOLDER}/${titleOf(random)} [new ${this.#made}].mp4`,
      size: random.whole(10_000_000, 2_000_000_000),
      duration: random.whole(60_000, 7_200_000) / 1000,
    };
    const [id] = this.world.stash.upsert([{
      title: titleOf(random),
      files: [file],
      ...fieldsOf("details", random),
      ...fieldsOf("tags", random),
      ...fieldsOf("studio", random),
    }]);
    this.#alive.push(id!);
    this.#lacking.push({ path: file.path, size: file.size, durationMs: file.duration * 1000 });
    return true;
  }

  #arrive(random: Random): boolean {
    if (this.#lacking.length === 0) return false;
    const [file] = this.#lacking.splice(random.whole(0, this.#lacking.length - 1), 1);
    this.#scans.push(this.world.plex.addFiles([file!]));
    return true;
  }

  #destroy(random: Random): boolean {
    if (this.#alive.length <= this.#fewest) return false;
    const [id] = this.#alive.splice(random.whole(0, this.#alive.length - 1), 1);
    this.world.stash.destroy([id!]);
    this.destroyed(id!);
    return true;
  }

  #rename(random: Random): boolean {
    const scenes = this.world.stash.scenes();
    const { studio, tags, performers } = random.pick(scenes);
    const kind = random.pick(["studio", "tag", "performer"] as const);
    const named = { studio, tag: tags[0], performer: performers[0] }[kind];
    if (!named) return false;
    this.#made++;
    this.world.stash.updateEntity(kind, named.id, { name: `Renamed ${kind} ${this.#made}` });
    return true;
  }
}

function titleOf(random: Random): string {
  if (random.chance(5)) return `${random.pick(words.ODD_TITLES)} ${random.whole(1, 999)}`;
  const [first, second] = [random.pick(words.ADJECTIVES), random.pick(words.NOUNS)];
  return `${first} ${second} ${random.whole(1, 9_999)}`;
}

/** Every scene keeps something beside its title: one without is not synced at all. */
function fieldsOf(what: ChangeName, random: Random): SceneInput {
  switch (what) {
    case "tags":
      return {
        tags: several(
          random.whole(1, 8),
          () => random.pick(random.chance(5) ? words.ODD_TAGS : words.TAGS),
        ),
      };
    case "performers":
      return { performers: several(random.whole(0, 4), () => performerOf(random)) };
    case "studio": {
      if (random.chance(80)) return { studio: random.pick(words.STUDIOS) };
      return { studio: null, ...fieldsOf("details", random) };
    }
    case "details":
      return { details: `${random.pick(words.SENTENCES)} ${random.pick(words.SENTENCES)}` };
    case "cover":
      return { cover: coverOf(random) };
    default:
      return { title: titleOf(random) };
  }
}

function performerOf(random: Random): string {
  return `${random.pick(words.FIRST_NAMES)} ${random.pick(words.LAST_NAMES)}`;
}

/** Base64. */
function coverOf(random: Random): string {
  return btoa(String.fromCharCode(...coverPng(random.whole(1_000_000, 2_000_000_000))));
}

function several(count: number, make: () => string): string[] {
  return [...new Set(Array.from({ length: count }, make))];
}
