import { dateOf } from "../../core/http/bounded_fetch.ts";
import type { Asked } from "./classify.ts";
import { contentError } from "./classify.ts";
import { assertNumericIds } from "./edit_query.ts";
import type { PlexHttp } from "./http.ts";
import { flag, number, rows, text } from "./lenient.ts";

export interface PlexIdentity {
  /** Another one under the same URL is another server: stored ratingKeys mean nothing there. */
  machineIdentifier: string;
  version: string;
  /** The server's own clock, epoch ms; null where it does not tell. */
  now: number | null;
}

export interface PlexSection {
  key: string;
  title: string;
  /** `movie`, `show`, `artist` or `photo`. */
  type: string;
  /** Folders as Plex sees them. */
  locations: string[];
  /** Seconds of Plex's clock; 0 if never. */
  scannedAt: number;
  /** Opaque; only to compare for change. */
  contentChangedAt: number;
  refreshing: boolean;
  /** False hints at a token that is not the owner's; absent if Plex does not say. */
  allowSync?: boolean;
}

export interface PlexSections {
  sections: PlexSection[];
  /** False for an answer that is empty or does not hold what it counts, as of a Plex that starts. */
  isWhole: boolean;
}

/** The probe has to tell fast whether anything answers. */
const IDENTITY_TIMEOUT_MS = 5_000;
/** They are asked for again and again while something is wrong, and have a few kilobytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface ServerCalls {
  /** Whether Plex answers at all; needs no valid token. */
  identity(): Promise<PlexIdentity>;
  /** @throws {PlexsyncError} PlexUnauthorized if the token is not valid */
  checkToken(): Promise<{ friendlyName: string; version: string }>;
  sections(): Promise<PlexSections>;
  /** Asks for a scan of one folder, which Plex starts later or, for a foreign path, never. */
  refreshPath(sectionId: string, path: string): Promise<void>;
}

export function serverCalls(http: PlexHttp): ServerCalls {
  return {
    async identity() {
      const asked: Asked = { action: "identify the server", subject: "server" };
      const { container, headers } = await http.container({
        ...asked,
        method: "GET",
        path: "/identity",
        timeoutMs: IDENTITY_TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
      });
      const machineIdentifier = text(container.machineIdentifier);
      if (machineIdentifier === "") throw contentError(asked, 200);
      return { machineIdentifier, version: text(container.version), now: dateOf(headers) };
    },

    async checkToken() {
      const asked: Asked = { action: "use plex_token", subject: "server" };
      const { container } = await http.container({
        ...asked,
        method: "GET",
        path: "/",
        maxBytes: MAX_ANSWER_BYTES,
      });
      return { friendlyName: text(container.friendlyName), version: text(container.version) };
    },

    async sections() {
      const asked: Asked = { action: "list the libraries", subject: "server" };
      const { container } = await http.container({
        ...asked,
        method: "GET",
        path: "/library/sections",
        maxBytes: MAX_ANSWER_BYTES,
      });
      const listed = rows(container.Directory);
      const sections = listed.filter(({ key }) => text(key) !== "").map((section) => {
        const allowSync = section.allowSync ?? container.allowSync;
        return {
          key: text(section.key),
          title: text(section.title),
          type: text(section.type),
          locations: rows(section.Location).map((location) => text(location.path)),
          scannedAt: number(section.scannedAt) ?? 0,
          contentChangedAt: number(section.contentChangedAt) ?? 0,
          refreshing: flag(section.refreshing),
          ...(allowSync === undefined ? {} : { allowSync: flag(allowSync) }),
        };
      });
      const counted = number(container.size) ?? listed.length;
      return { sections, isWhole: sections.length > 0 && sections.length === counted };
    },

    async refreshPath(sectionId, path) {
      assertNumericIds(sectionId);
      await http.send({
        action: `scan a folder of section ${sectionId}`,
        subject: "section",
        // GET as every tool has it; the specified POST is not known by old servers.
        method: "GET",
        path: `/library/sections/${sectionId}/refresh?path=${
          encodeURIComponent(path.toWellFormed())
        }`,
      });
    },
  };
}
