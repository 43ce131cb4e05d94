/** Scans, from the request to the last late event. */
import type { SimActivity } from "./activities.ts";
import { hasAgent, type SimItem, type SimSection, TAG_KIND_NAMES } from "./model.ts";
import { isUnder } from "./paths.ts";
import { sendDeleted, sendForeignNoise, sendTimeline, STATE, timelineEntry } from "./timeline.ts";
import type { World } from "./world.ts";

export class Scanner {
  #tail: Promise<void> = Promise.resolve();

  constructor(private readonly world: World) {}

  /**
   * Asks for a scan of a section, or of one folder of it. Scans run one after
   * the other.
   * @returns resolved after the last event, or early when the server closes
   */
  scan(section: SimSection, folder?: string): Promise<void> {
    const roots = section.locations.map((location) => location.path);
    // Outside the locations nothing happens, and nobody is told.
    if (folder !== undefined && !roots.some((root) => isUnder(folder, root))) {
      return Promise.resolve();
    }
    this.#tail = this.#tail.then(() => this.#run(section, folder));
    return this.#tail;
  }

  async #run(section: SimSection, folder: string | undefined): Promise<void> {
    const { world } = this;
    const { switches, activities, timers } = world;
    if (!(await timers.sleep(switches.scanDelayMs))) return;
    section.refreshing = true;
    const scan = activities.start(
      "library.update.section",
      `Scanning ${section.title}`,
      folder ?? "",
    );
    sendStatus(world, `Scanning the ${section.title} section`);
    if (!(await timers.sleep(switches.scanStepMs))) return;
    // Only now does the activity say which section it is about.
    activities.update(scan, { progress: 50, Context: { librarySectionID: section.key } });
    const fresh = this.#takeNewFiles(section, folder);
    this.#missVanishedFiles(section, folder);
    sendTimeline(
      world,
      fresh.map((item) => timelineEntry(world, item, STATE.created, { metadataState: "created" })),
    );
    const work = fresh.map((item) =>
      activities.start("library.update.item.metadata", "Updating", String(item.values.title), {
        key: `/library/metadata/${item.ratingKey}`,
        librarySectionID: section.key,
      })
    );
    if (!(await timers.sleep(switches.scanStepMs))) return;
    section.scannedAt = Math.max(world.seconds(), section.scannedAt + 1);
    section.refreshing = false;
    activities.end(scan);
    sendStatus(world, "Library scan complete");
    await this.#finish(section, fresh, work);
  }

  /** The part that comes after `refreshing` is false again: a trap for the impatient. */
  async #finish(section: SimSection, fresh: SimItem[], work: SimActivity[]): Promise<void> {
    const { world } = this;
    const { switches, timers } = world;
    sendForeignNoise(world);
    const tell = (state: number, extra = {}) =>
      sendTimeline(world, fresh.map((item) => timelineEntry(world, item, state, extra)));
    if (!(await timers.sleep(switches.scanStepMs))) return;
    const agent = hasAgent(section);
    const last = agent ? STATE.finished : switches.noAgentEndState;
    if (agent) {
      tell(STATE.matching);
      tell(STATE.loading, { metadataState: "loading", queueSize: fresh.length });
    } else if (last !== STATE.progress) tell(STATE.progress);
    if (switches.noise) tell(last, { mediaState: "analyzing" });
    if (!(await timers.sleep(switches.scanStepMs))) return;
    for (let times = 0; times <= switches.stateStorm; times++) {
      tell(last, agent ? { metadataState: "created" } : {});
    }
    for (const activity of work) world.activities.end(activity);
  }

  #takeNewFiles(section: SimSection, folder: string | undefined): SimItem[] {
    const { library } = this.world;
    const fresh: SimItem[] = [];
    for (const file of [...library.disk.values()]) {
      if (!this.#inScope(section, folder, file.path)) continue;
      const known = [...library.withFile(file.path)].filter((i) => i.sectionKey === section.key);
      const [trashed] = known.filter((item) => item.deletedAt !== undefined);
      if (known.length === 0) {
        const { addedAt, ...rest } = file;
        fresh.push(library.add({ sectionKey: section.key, files: [rest], addedAt }));
      } else if (trashed !== undefined && known.length === 1) {
        // A file that is back revives its item under the old ratingKey.
        trashed.deletedAt = undefined;
        for (const media of trashed.media) media.deletedAt = undefined;
        this.world.touch(trashed);
      }
    }
    return fresh;
  }

  #missVanishedFiles(section: SimSection, folder: string | undefined): void {
    const { library } = this.world;
    const gone = [...library.itemsOf(section.key)].filter((item) =>
      item.media.length > 0 && item.deletedAt === undefined &&
      item.media.every(({ parts }) =>
        parts.every(({ file }) => this.#inScope(section, folder, file) && !library.disk.has(file))
      )
    );
    const emptyTrash = this.world.preferences.get("autoEmptyTrash") !== "0";
    for (const item of gone) {
      item.deletedAt = this.world.seconds();
      for (const media of item.media) media.deletedAt = item.deletedAt;
      if (emptyTrash) deleteItem(this.world, item);
      else this.world.touch(item);
    }
  }

  #inScope(section: SimSection, folder: string | undefined, path: string): boolean {
    if (folder !== undefined) return isUnder(path, folder);
    return section.locations.some((location) => isUnder(path, location.path));
  }
}

/** Takes an item out of the library for good and tells everybody. */
export function deleteItem(world: World, item: SimItem): void {
  world.collections.assign(item, []);
  for (const kind of TAG_KIND_NAMES) world.tags.assign(item, kind, []);
  world.images.forget(item.ratingKey);
  world.library.delete(item);
  sendDeleted(world, item);
}

/** A section is deleted with all that is in it, but for the files. */
export function deleteSection(world: World, section: SimSection): void {
  for (const item of [...world.library.itemsOf(section.key)]) deleteItem(world, item);
  world.library.deleteSection(section.key);
}

/** Removes the items of a section whose files are gone. */
export function emptyTrash(world: World, section: SimSection): void {
  const trashed = [...world.library.itemsOf(section.key)].filter((i) => i.deletedAt !== undefined);
  for (const item of trashed) deleteItem(world, item);
}

function sendStatus(world: World, title: string): void {
  world.hub.send("status", "StatusNotification", [
    { title, description: "", notificationName: "LIBRARY_UPDATE" },
  ]);
}
