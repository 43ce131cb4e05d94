/**
 * A simulated Plex Media Server: made from the fact sheet, not from any
 * client, so that it can tell whether a client is right.
 */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { FaultRules } from "../faults.ts";
import { RequestLog, type SimRequest } from "../request_log.ts";
import { addFiles, itemViews } from "./control.ts";
import { handleRequest, handleUpgrade, type Host } from "./http.ts";
import type {
  SimFileSeed,
  SimItemView,
  SimPlexItemSeed,
  SimPlexOptions,
  SimSectionSeed,
} from "./options.ts";
import { deleteSection } from "./scans.ts";
import { parseSwitches, type SimPlexSwitches } from "./switches.ts";
import type { Row } from "./wire.ts";
import { World } from "./world.ts";

export type { SimRequest } from "../request_log.ts";
export type * from "./options.ts";
export type { SimPlexSwitches } from "./switches.ts";

/** Longest request line plus headers; above the URL limit, so that 414 is the server's word. */
const MAX_HEADER_BYTES = 1 << 20;

export interface SimPlex {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
  readonly machineIdentifier: string;
  /** Take effect at once when changed. */
  readonly switches: SimPlexSwitches;
  items(): SimItemView[];
  /** SHA-1 of the uploads that an item shows, or will once their lag is over. */
  chosenImages(ratingKey: string): { poster: string | null; art: string | null };
  /** An image that an item could show is lost, such as with the folder of its files. */
  loseImage(ratingKey: string, list: "posters" | "arts", url: string): void;
  /** Requests of the imitated API in order of arrival; control requests are not among them. */
  requests(): SimRequest[];
  clearRequests(): void;
  /** Requests that no careful client sends: section edits without ids, DELETE of items. */
  violations(): string[];
  /**
   * Rules as in POST /__sim__/faults.
   * @throws {Error} with the reason; the old rules then stay
   */
  setFaults(rules: unknown[]): void;
  /**
   * New files appear and are scanned.
   * @returns resolved after the last event
   * @throws {Error} a file is in no section
   */
  addFiles(files: SimFileSeed[]): Promise<void>;
  /** New files appear, but Plex does not know of them until somebody asks for a scan. */
  addUnscannedFiles(files: SimFileSeed[]): void;
  /** The file vanishes and its section is scanned; resolved after the last event. */
  removeFile(path: string): Promise<void>;
  /** Another server answers under the same address. */
  setServerIdentity(machineIdentifier: string): void;
  /** The server's clock jumps by so many milliseconds, back below 0. */
  jumpClock(ms: number): void;
  /** Other sections and items take the place of all. @throws {Error} a seed is bad */
  load(sections: SimSectionSeed[], items: SimPlexItemSeed[]): void;
  /** A library is made, with these items. @throws {Error} a seed is bad */
  addSection(section: SimSectionSeed, items: SimPlexItemSeed[]): void;
  /** A library is deleted with its items. @throws {Error} there is none */
  removeSection(key: string): void;
  /** Revokes the owner's token: another one is valid from now on. */
  setToken(token: string): void;
  /** Rows of GET /status/sessions. */
  setSessions(rows: Record<string, unknown>[]): void;
  /** Connected WebSockets and event streams. */
  listeners(): number;
  /** Cuts all listeners off without a word. */
  dropListeners(): void;
  /** Ends everything, open and hanging requests included. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1.
 * @throws {Error} a switch or a seed is bad, or the port is taken
 */
export async function startSimPlex(options: SimPlexOptions = {}): Promise<SimPlex> {
  parseSwitches(options.switches ?? {});
  const world = new World(options);
  const host: Host = { world, faults: new FaultRules(), log: new RequestLog() };
  const running = new Set<Promise<void>>();
  const track = (work: Promise<void>) => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  const upgraded = new Set<Socket>();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES });
  server.on("request", (req, res) => track(handleRequest(host, req, res)));
  server.on("upgrade", (req, socket: Socket) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    track(handleUpgrade(host, req, socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    get token() {
      return world.ownerToken;
    },
    get machineIdentifier() {
      return world.machineIdentifier;
    },
    switches: world.switches,
    items: () => itemViews(world),
    chosenImages: (ratingKey) => ({
      poster: world.images.chosenUpload(ratingKey, "posters"),
      art: world.images.chosenUpload(ratingKey, "arts"),
    }),
    loseImage: (ratingKey, list, url) => world.images.lose(ratingKey, list, url),
    requests: () => host.log.list(),
    clearRequests: () => host.log.clear(),
    violations: () => world.violations(),
    setFaults: (rules) => host.faults.replace(rules),
    addFiles: (files) => addFiles(world, files),
    addUnscannedFiles(files) {
      for (const file of files) world.library.disk.set(file.path, file);
    },
    removeFile(path) {
      world.library.disk.delete(path);
      const section = world.library.sectionOf(path);
      return section === undefined ? Promise.resolve() : world.scanner.scan(section);
    },
    setServerIdentity(machineIdentifier) {
      world.machineIdentifier = machineIdentifier;
    },
    jumpClock: (ms) => world.jumpClock(ms),
    load: (sections, items) => world.load(sections, items),
    addSection(section, items) {
      world.library.addSection(section);
      world.add(items.map((item) => ({ ...item, sectionKey: section.key })));
    },
    removeSection(key) {
      const section = world.library.sections.get(key);
      if (section === undefined) throw new Error(`No section ${key}`);
      deleteSection(world, section);
    },
    setToken(token) {
      world.ownerToken = token;
    },
    setSessions(rows) {
      world.sessions = rows as Row[];
    },
    listeners: () => world.hub.listeners,
    dropListeners: () => world.hub.drop(),
    async close() {
      world.close();
      for (const socket of upgraded) socket.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(running);
    },
  };
}
