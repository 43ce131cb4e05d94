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
