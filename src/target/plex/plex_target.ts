import type { ItemRef } from "../../core/sync/item.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { ListedImages, Section, Target } from "../target.ts";
import { createPlexClient, LISTING_PAGE_SIZE } from "./client.ts";
import { isPlexForm } from "./forms.ts";
import { createPlexHttp, type PlexHttpOptions } from "./http.ts";
import { MAX_IMAGE_BYTES, type Poster } from "./images.ts";
import { TYPE_NUMBER, typeInSection } from "./item_types.ts";
import { type Manners, politeHttp } from "./manners.ts";
import { PlexNews } from "./notifications/news.ts";
import { followNotifications } from "./notifications/notifications.ts";
import type { PlexSection } from "./server.ts";
import { PlexWriter } from "./writer.ts";

export interface PlexTargetOptions extends PlexHttpOptions {
  /** Certificates in PEM for the WebSocket; undefined for those of the system. */
  ca?: string | undefined;
  runtime: Runtime;
  /** How room is made for who watches; default none. */
  manners?: Manners | undefined;
  /** Default `plex`. */
  id?: string | undefined;
  /** Default `Plex`. */
  title?: string | undefined;
}

/** Plex may compare strictly, and its stamps have whole seconds. */
const OVERLAP_SECONDS = 60;

/**
 * A Plex server as a target. Only the owner's token may write.
 * @throws {UserError} the token cannot be a header value
 */
export function createPlexTarget(options: PlexTargetOptions): Target {
  const { runtime, manners, signal } = options;
  const plain = createPlexHttp(options);
  const http = manners === undefined ? plain : politeHttp(plain, manners, runtime, signal);
  const client = createPlexClient(http);
  const writer = new PlexWriter(client);
  let wants: (section: string) => boolean = () => true;
  // One for the life of the target: what is written while nobody listens comes back later too.
  const news = new PlexNews({
    follow: (hear, signal) => followNotifications(options, hear, signal),
    isOurs: (section) => wants(section),
    runtime,
  });
  const aboutToWrite = ({ id }: Pick<ItemRef, "id">) => news.wrote(id);

  return {
    id: options.id ?? "plex",
    title: options.title ?? "Plex",
    maxImageBytes: MAX_IMAGE_BYTES,

    async identity() {
      const { machineIdentifier, version, now } = await client.identity();
      return { server: machineIdentifier, version, now };
    },

    async checkAccess() {
      const { friendlyName, version } = await client.checkToken();
      return { name: friendlyName, version };
    },

    async sections() {
      const { sections, isWhole } = await client.sections();
      return { sections: sections.flatMap(asSection), isWhole };
    },

    listing: ({ id, type }, since) =>
      since === null
        ? client.sweep(id, TYPE_NUMBER[type], LISTING_PAGE_SIZE)
        : client.delta(id, TYPE_NUMBER[type], Math.max(0, since - OVERLAP_SECONDS)),

    read: (items) => client.items(items),

    isFormOf: isPlexForm,

    fit: (item, edit) => writer.fit(item, edit),

    write(item, edit) {
      aboutToWrite(item);
      return writer.write(item, edit);
    },

    repair(item, rest, round) {
      aboutToWrite(item);
      return writer.repair(item, rest, round);
    },

    repaired: (item) => writer.repaired(item),

    cherished: (section, leaving) => client.cherished(section, leaving),

    images: async (item, field) => asListedImages(await client.posters(item.id, field)),

    picture: (mark) => client.picture(mark),

    async show(item, field, image) {
      aboutToWrite(item);
      if (image.key !== undefined) return await client.selectImage(item.id, field, image.key);
      const { bytes, contentType } = await image.bytes();
      await client.uploadImage(item.id, field, bytes, contentType);
    },

    scan: (section, folder) => client.refreshPath(section, folder),

    listen(tell, signal, isWanted) {
      wants = isWanted;
      return news.listen(tell, signal);
    },
  };
}

/** Libraries of music and photos hold nothing that is in Stash. */
function asSection({ key, title, type, locations }: PlexSection): Section[] {
  const itemType = typeInSection(type);
  return itemType === undefined ? [] : [{ id: key, title, type: itemType, folders: locations }];
}

/** Plex's address of an upload ends in the SHA-1 of its bytes; what comes before differs by list. */
const UPLOAD = /^upload:\/\/.*?([0-9a-f]{40})$/i;

function asListedImages(posters: readonly Poster[]): ListedImages {
  const known = new Map<string, string>();
  let shown: string | null = null;
  for (const { ratingKey, selected } of posters) {
    const digest = UPLOAD.exec(ratingKey)?.[1]?.toLowerCase();
    if (digest === undefined) continue;
    known.set(digest, ratingKey);
    if (selected) shown = digest;
  }
  return {
    shown,
    known,
    shownKey: posters.find(({ selected }) => selected)?.ratingKey ?? null,
    keys: new Set(posters.map(({ ratingKey }) => ratingKey)),
  };
}
