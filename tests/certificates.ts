/** Certificates for the servers of tests, made anew for each: no key lies about. */

/** A certificate with its private key, both in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  /** Names and IPv4 addresses that it is for. */
  names?: readonly string[];
  /** It calls itself an authority, as what `openssl req -x509` makes does. */
  isAuthority?: boolean;
  /** Who vouches for it; itself by default. */
  by?: Authority;
  /** It was good for a day, a year ago. */
  isExpired?: boolean;
}

/** A certificate that vouches for others. */
export interface Authority extends Certificate {
  signer: CryptoKey;
  name: string;
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const DAY_MS = 24 * 3600_000;

/** The tags of DER that are used here. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  bytes: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  alternativeNames: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
} as const;

/** A certificate for a server. */
export async function certificate(options: CertificateOptions = {}): Promise<Authority> {
  const { names = ["localhost", "127.0.0.1"], isAuthority = false, by, isExpired = false } =
    options;
  const { publicKey, privateKey } = await crypto.subtle.generateKey(CURVE, true, [
    "sign",
    "verify",
  ]);
  const name = `plexsync test ${crypto.randomUUID()}`;
  const begins = Date.now() - (isExpired ? 365 : 1) * DAY_MS;
  const toBeSigned = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, [2])),
    der(TAG.integer, [0x01, ...crypto.getRandomValues(new Uint8Array(8))]),
    der(TAG.sequence, der(TAG.oid, OID.ecdsaWithSha256)),
    nameOf(by?.name ?? name),
    der(TAG.sequence, time(begins), time(begins + (isExpired ? 1 : 3650) * DAY_MS)),
    nameOf(name),
    new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
    der(TAG.extensions, der(TAG.sequence, ...extensions(names, isAuthority))),
  );
  const hash = { name: "ECDSA", hash: "SHA-256" };
  const signer = by?.signer ?? privateKey;
  const signature = new Uint8Array(await crypto.subtle.sign(hash, signer, toBeSigned));
  const whole = der(
    TAG.sequence,
    toBeSigned,
    der(TAG.sequence, der(TAG.oid, OID.ecdsaWithSha256)),
    der(
      TAG.bits,
      [0],
      der(TAG.sequence, unsigned(signature.subarray(0, 32)), unsigned(signature.subarray(32))),
    ),
  );
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return {
    cert: pem("CERTIFICATE", whole),
    key: pem("PRIVATE KEY", pkcs8),
    signer: privateKey,
    name,
  };
}

function extensions(names: readonly string[], isAuthority: boolean): Uint8Array<ArrayBuffer>[] {
  const alternatives = names.map((name) => {
    const parts = name.split(".").map(Number);
    const isAddress = parts.length === 4 && parts.every(Number.isInteger);
    return isAddress ? der(0x87, parts) : der(0x82, new TextEncoder().encode(name));
  });
  const extension = (oid: readonly number[], value: Uint8Array<ArrayBuffer>) =>
    der(TAG.sequence, der(TAG.oid, oid), der(TAG.bytes, value));
  return [
    extension(OID.alternativeNames, der(TAG.sequence, ...alternatives)),
    extension(
      OID.basicConstraints,
      isAuthority ? der(TAG.sequence, der(TAG.boolean, [0xff])) : der(TAG.sequence),
    ),
  ];
}

function nameOf(name: string): Uint8Array<ArrayBuffer> {
  const text = der(TAG.utf8, new TextEncoder().encode(name));
  const part = der(TAG.sequence, der(TAG.oid, OID.commonName), text);
  return der(TAG.sequence, der(TAG.set, part));
}

function time(at: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(at).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(TAG.time, new TextEncoder().encode(`${digits}Z`));
}

/** A number as DER has it: no zeros in front but one that keeps it from being negative. */
function unsigned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(Math.max(first, 0));
  return der(TAG.integer, short[0]! >= 0x80 ? [0] : [], short);
}

function der(tag: number, ...parts: Iterable<number>[]): Uint8Array<ArrayBuffer> {
  const content = parts.flatMap((part) => [...part]);
  const length = content.length < 0x80
    ? [content.length]
    : content.length < 0x100
    ? [0x81, content.length]
    : [0x82, content.length >> 8, content.length & 0xff];
  return Uint8Array.from([tag, ...length, ...content]);
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
