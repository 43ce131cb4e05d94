/** The document that a plugin reads from stdin. */
import { atLeast, type StashVersion } from "./schema.ts";

/** How a plugin is told to reach Stash. */
export interface Connection {
  version: StashVersion;
  /** The address Stash is bound to, as it stands in its settings: often no address to connect to. */
  host: string;
  port: number;
  /** Folder of Stash's `config.yml`. */
  dir: string;
}

export interface HookContext {
  /** Left out when 0. */
  id?: number;
  type: string;
  input: unknown;
  /** Left out when empty. */
  inputFields?: string[];
}

/** @param cookie Value of the session cookie, or null when Stash could make none */
export function pluginInput(
  connection: Connection,
  pluginDir: string,
  cookie: string | null,
  args: Record<string, unknown>,
): Record<string, unknown> {
  return {
    server_connection: {
      Scheme: "http",
      Host: connection.host,
      Port: connection.port,
      SessionCookie: cookie === null ? null : goCookie(cookie, connection.version),
      Dir: connection.dir,
      PluginDir: pluginDir,
    },
    args,
  };
}

/** The caller's arguments, and defaults for what is missing. */
export function pluginArgs(
  given: Record<string, unknown>,
  defaults: Record<string, string>,
): Record<string, unknown> {
  return { ...defaults, ...given };
}

/** @param id of the scene or entity; 0 for none */
export function hookContext(
  id: number,
  type: string,
  input: unknown,
  fields: readonly string[],
): HookContext {
  return {
    ...(id === 0 ? {} : { id }),
    type,
    input: input ?? null,
    // Go walks its maps in no order, so any order but that of the request will do.
    ...(fields.length === 0 ? {} : { inputFields: fields.toReversed() }),
  };
}

/** All members of Go's `http.Cookie`; two of them came with Go 1.23. */
function goCookie(value: string, version: StashVersion): Record<string, unknown> {
  const newer = atLeast(version, "0.29");
  return {
    Name: "session",
    Value: value,
    ...(newer ? { Quoted: false } : {}),
    Path: "",
    Domain: "",
    Expires: "0001-01-01T00:00:00Z",
    RawExpires: "",
    MaxAge: 0,
    Secure: false,
    HttpOnly: false,
    SameSite: 0,
    ...(newer ? { Partitioned: false } : {}),
    Raw: "",
    Unparsed: null,
  };
}
