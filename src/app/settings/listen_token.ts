import type { Config } from "../../config/config.ts";
import { UserError } from "../../core/failures/errors.ts";
import { removeIfThere } from "../../store/database/remove_if_there.ts";
import { writeAll } from "../../log/write_all.ts";
import { ensureDataDir, guardFile } from "../data/data_folder.ts";
import type { Files } from "../data/data_files.ts";
import { isLoopback, readAddress } from "../../core/http/listen_address.ts";

/** 256 bits, so that nobody finds it by trying. */
const TOKEN_BYTES = 32;
const TOKEN = /^[\x21-\x7e]{16,}$/;

/**
 * The settings with the token in force: that of `listen_token`, else the generated one.
 * @param make The listener is about to start: a missing token is made
 * @throws {UserError} the listener would be open to the network with a token that nobody chose,
 * or the token cannot be made
 */
export function withListenToken(config: Config, files: Files, make: boolean): Config {
  if (config.listenToken !== null) return config;
  if (!make || config.listen === null) {
    return { ...config, listenToken: readToken(files.listenToken) };
  }
  refuseOpenListener(config);
  ensureDataDir(files.folder);
  const known = readToken(files.listenToken);
  return { ...config, listenToken: known ?? makeToken(files.listenToken) };
}

/**
 * What a start of the listener would refuse.
 * @param config As it was loaded: a token that was generated is none that somebody chose
 * @throws {UserError} usage: it would be open to the network without a `listen_token`
 */
export function refuseOpenListener({ listen, listenToken }: Config): void {
  if (listen === null || listenToken !== null) return;
  if (isLoopback(readAddress(listen).hostname)) return;
  throw new UserError(
    `Cannot listen on ${listen}: it is open to the network, and listen_token is not set`,
    "usage",
    "Set listen_token, or listen on 127.0.0.1",
  );
}

/** The token in the file, or null when there is none that can be read. */
function readToken(path: string): string | null {
  guardFile(path);
  try {
    const token = Deno.readTextFileSync(path).trim();
    return TOKEN.test(token) ? token : null;
  } catch {
    // Whoever may not read it does not need it.
    return null;
  }
}

/** In the letters of base64url. */
function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @returns the token that is in the file then, which another process may have made */
function makeToken(path: string): string {
  const own = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    using file = Deno.openSync(own, { createNew: true, write: true, mode: 0o600 });
    writeAll(file, new TextEncoder().encode(randomToken() + "\n"));
    file.syncSync();
    publish(own, path);
  } finally {
    removeIfThere(own);
  }
  const token = readToken(path);
  if (token !== null) return token;
  throw new UserError(
    `Cannot use ${path}: it holds no token of at least 16 characters`,
    "failed",
    "Remove it, and the next start makes a new one; or set listen_token",
  );
}

/** A link, unlike a rename, leaves the token of a process that was faster where it is. */
function publish(own: string, path: string): void {
  try {
    Deno.linkSync(own, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    // A file system without links.
    Deno.renameSync(own, path);
  }
}
