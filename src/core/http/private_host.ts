import { bareHost, isLoopback } from "./listen_address.ts";

/** Names that are given out inside a house only. */
const HOUSE_NAMES =
  /\.(local|lan|home|internal|intranet|private|localdomain|localhost|home\.arpa|fritz\.box|docker)$/;

/** The name that Plex gives to an address, `192-168-1-5.HASH.plex.direct`. */
const PLEX_DIRECT = /^(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})\.[0-9a-f]+\.plex\.direct$/;

/**
 * Whether a host is of this machine or of the network around it, as far as its name tells: a proxy
 * to the internet would not find it, or should not hear of it.
 * @param host Of a URL; IPv6 in brackets or without
 */
export function isPrivateHost(host: string): boolean {
  const name = bareHost(host);
  const direct = PLEX_DIRECT.exec(name);
  if (direct !== null) return isPrivateAddress(direct.slice(1).join("."));
  if (isLoopback(name) || isPrivateAddress(name)) return true;
  return !name.includes(".") && !name.includes(":") || HOUSE_NAMES.test(name);
}

function isPrivateAddress(address: string): boolean {
  if (address.includes(":")) {
    // Loopback, unique local, link local; and what stands for an address of IPv4, which nobody
    // writes down but for a machine nearby.
    return /^(::1?$|::ffff:|f[cd]|fe[89ab])/.test(address);
  }
  const parts = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(address);
  if (parts === null) return false;
  const [first, second] = [Number(parts[1]), Number(parts[2])];
  return first === 0 || first === 10 || first === 127 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) || (first === 169 && second === 254) ||
    // Shared address space, which VPNs such as Tailscale give out.
    (first === 100 && second >= 64 && second < 128);
}
