import { BlockList, isIPv6 } from "node:net";
import type { TrustedProxy } from "../config/reverse_proxy.ts";
import { hostOf, isAmongOwnNames } from "../core/http/listen_address.ts";
import type { Asked } from "./listener.ts";

/** More is no name. */
const MAX_NAME = 200;

/** What is believed of requests that a reverse proxy sends on, and of no other. */
export class ProxyTrust {
  readonly #addresses = new BlockList();

  constructor(private readonly settings: TrustedProxy | null) {
    for (const each of settings?.addresses ?? []) {
      const [address, bits] = each.split("/");
      const family = isIPv6(address!) ? "ipv6" : "ipv4";
      if (bits === undefined) this.#addresses.addAddress(address!, family);
      else this.#addresses.addSubnet(address!, Number(bits), family);
    }
  }

  /** Whether the proxy sent it, by where the connection comes from. */
  sent({ peer }: Pick<Asked, "peer">): boolean {
    if (this.settings === null || peer === null) return false;
    // A socket for both kinds of addresses shows those of IPv4 as `::ffff:192.0.2.1`.
    const address = peer.replace(/^::ffff:(?=\d+\.)/i, "");
    return this.#addresses.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }

  /** Who is signed in with the proxy; null for nobody, and for whoever is not sent by it. */
  personOf(asked: Pick<Asked, "peer" | "headers">): string | null {
    return this.sent(asked) ? this.#named(asked) : null;
  }

  /** Somebody else than the proxy names who is signed in. */
  isForged(asked: Pick<Asked, "peer" | "headers">): boolean {
    return !this.sent(asked) && this.#named(asked) !== null;
  }

  /**
   * Whether a `Host` header that came through the proxy is one of its names. Of others a page of the
   * web might make a browser beside the proxy ask (DNS rebinding), with any header it likes.
   */
  hasName(host: string | null): boolean {
    const name = hostOf(host ?? "");
    if (name === null) return false;
    return isAmongOwnNames(name) || (this.settings?.hosts.includes(name) ?? false);
  }

  #named({ headers }: Pick<Asked, "headers">): string | null {
    const header = this.settings?.header ?? null;
    const name = header === null ? "" : asUtf8(headers.get(header) ?? "").trim();
    return name === "" || name.length > MAX_NAME ? null : name;
  }
}

/** A value whose bytes were taken for characters each, as they are in headers, as its sender meant it. */
function asUtf8(value: string): string {
  const bytes = Uint8Array.from(value, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}
