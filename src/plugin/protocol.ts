import { UserError } from "../core/failures/errors.ts";
import type { HookContext } from "../core/jobs/hook.ts";
import { isRecord, text } from "../core/text/json.ts";
import type { ServerConnection } from "../stash/stash_config.ts";

/** Largest input: a cover of tens of megabytes travels inside a hook's input. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** What Stash hands to a raw plugin on stdin. */
export interface PluginInput {
  /** null when the document names no port. */
  connection: ServerConnection | null;
  args: Readonly<Record<string, unknown>>;
  /** Set for hooks, null for tasks; nothing else tells them apart. */
  hook: HookContext | null;
}

/** What Stash reads from stdout: one JSON object. */
export type PluginAnswer = { output: unknown } | { error: string };

/**
 * Reads the document leniently: newer versions of Stash add members.
 * @throws {UserError} it is too large, no JSON object, or its hook or the hook's type is of an odd
 * kind
 */
export function parsePluginInput(bytes: Uint8Array): PluginInput {
  if (bytes.length > MAX_INPUT_BYTES) throw tooLarge();
  const document = parse(bytes);
  if (!isRecord(document)) throw unreadable("it must be a JSON object");
  const args = isRecord(document.args) ? document.args : {};
  const context = args.hookContext ?? null;
  const hook = isRecord(context) ? context : null;
  if (context !== null && hook === null) throw unreadable("args.hookContext must be an object");
  if (hook !== null && typeof (hook.type ?? "") !== "string") {
    throw unreadable("args.hookContext.type must be a text");
  }
  return { connection: readConnection(document.server_connection), args, hook };
}

/** The error for an input above `MAX_INPUT_BYTES`. */
export function tooLarge(): UserError {
  return unreadable(`it has more than ${MAX_INPUT_BYTES / 1024 / 1024} MiB`);
}

function unreadable(why: string): UserError {
  return new UserError(`Cannot read what Stash sent to the plugin: ${why}`, "failed");
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw unreadable("it is empty");
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Not the parser's own message: it quotes the text, which holds the session.
    throw unreadable("it is not JSON");
  }
}

function readConnection(value: unknown): ServerConnection | null {
  const connection = isRecord(value) ? value : {};
  const port = Number(connection.Port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null;
  const scheme = text(connection.Scheme).toLowerCase() === "https" ? "https" : "http";
  const cookie = isRecord(connection.SessionCookie) ? connection.SessionCookie : {};
  const session = { name: text(cookie.Name), value: text(cookie.Value) };
  return {
    url: `${scheme}://${reachable(text(connection.Host))}:${port}`,
    session: session.name === "" || session.value === "" ? null : session,
  };
}

/** The host is what Stash is bound to; "all addresses" is none that can be asked. */
function reachable(host: string): string {
  const bare = host.replace(/^\[|\]$/g, "");
  if (bare === "" || bare === "0.0.0.0") return "127.0.0.1";
  if (bare === "::") return "[::1]";
  return bare.includes(":") ? `[${bare}]` : bare;
}
