/** Where the listener waits. */
export interface Address {
  /** A name or an IP address; IPv6 without brackets. */
  hostname: string;
  /** 0 for any that is free. */
  port: number;
}

/** Reads what the setting `listen` has passed: `host:port`, IPv6 in brackets. */
export function readAddress(listen: string): Address {
  const at = listen.lastIndexOf(":");
  return { hostname: bareHost(listen.slice(0, at)), port: Number(listen.slice(at + 1)) };
}

/** The address as text, such as `127.0.0.1:9797` or `[::1]:9797`. */
export function addressText({ hostname, port }: Address): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** Whether only programs of this machine reach it. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Where a program of the same machine reaches it: "all addresses" is none to connect to. */
export function localAddress({ hostname, port }: Address): Address {
  const local: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return { hostname: local[hostname] ?? hostname, port };
}

/** A host as it is compared: small letters, no brackets, no dot at the end. */
export function bareHost(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

/**
 * Whether a `Host` header names this listener. A page of the web can make a browser send
 * requests here under a name of its own (DNS rebinding), and read the answers.
 * @param listening Host that it listens on
 */
export function isOurHost(header: string | null, listening: string): boolean {
  const host = hostOf(header ?? "");
  if (host === null) return false;
  if (host === bareHost(listening) || isLoopback(host)) return true;
  if (isLoopback(bareHost(listening))) return false;
  // Open to the network, it is reached by whatever names this machine has there.
  return isAmongOwnNames(host);
}

/**
 * Whether it is a name that nobody else could give to a server of his own: the web has neither
 * addresses nor names without a dot to give away.
 * @param host Bare
 */
export function isAmongOwnNames(host: string): boolean {
  return isIpAddress(host) || (host !== "" && !host.includes("."));
}

/** The bare host of `host`, `host:port`, `[v6]:port`; null for anything else. */
export function hostOf(header: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header);
  return match === null ? null : bareHost(match[1]!);
}

function isIpAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
