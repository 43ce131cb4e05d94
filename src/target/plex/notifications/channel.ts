import type { Fetch } from "../../../core/http/bounded_fetch.ts";

/** What a connection for notifications is made from, and whom it tells. */
export interface ChannelOptions {
  /** Base URL without a slash at the end. */
  base: string;
  /** With the token, which never is in the URL: logs of proxies hold those. */
  headers: Record<string, string>;
  fetch: Fetch;
  /** Certificates in PEM for who does not connect by `fetch`; undefined for those of the system. */
  ca?: string | undefined;
  /** Ends the connection, or the attempt to get one. */
  signal: AbortSignal;
  onOpen(): void;
  /** Called for anything that comes, pings included: the server is there. */
  onHeard(): void;
  /** Called for each message. */
  onMessage(text: string): void;
}

/** How a connection ended. Reasons are predicates of Plex, without URL or token. */
export type ChannelEnd =
  /** Plex, or a proxy before it, answered with something else than notifications. */
  | { kind: "refused"; status: number }
  /** No answer came. */
  | { kind: "failed"; reason: string }
  /** It stood, and is over. */
  | { kind: "lost"; reason: string };

/** One connection. */
export interface Channel {
  /** Asks for a sign of life, on a connection that cannot give one by itself. */
  ping(): void;
  /** Resolves when the connection is closed; never rejects. */
  ended: Promise<ChannelEnd>;
}

export type Connect = (options: ChannelOptions) => Channel;

/**
 * Longest message, in bytes: about 16,000 timeline entries. Whoever sends more is cut off, and
 * the refresh after the next connection makes up for it.
 */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** For the reason why it was cut off. */
export const TOO_LONG = `of more than ${MAX_MESSAGE_BYTES / 1024} KiB`;
