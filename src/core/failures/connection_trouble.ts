/** Why no connection came about, where a person has to do something about it. */
export type ConnectionTrouble =
  /** The certificate is of nobody who is trusted here. */
  | "untrusted"
  /** The certificate is for another name than the one that was asked for. */
  | "wrong name"
  | "certificate out of date"
  /** TLS was spoken to a port that does not. */
  | "no TLS there"
  /** TLS was not spoken to a port that does. */
  | "TLS there";

/** By the code of the system's error. */
const BY_CODE: Readonly<Record<string, ConnectionTrouble>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "untrusted",
  CERT_SIGNATURE_FAILURE: "untrusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong name",
  CERT_HAS_EXPIRED: "certificate out of date",
  CERT_NOT_YET_VALID: "certificate out of date",
  ERR_SSL_WRONG_VERSION_NUMBER: "no TLS there",
  HPE_INVALID_CONSTANT: "TLS there",
};

/** What `fetch` says instead, which has no codes: only the hint for a person rests on it. */
const BY_TEXT: readonly (readonly [RegExp, ConnectionTrouble])[] = [
  [/invalid HTTP version parsed/, "TLS there"],
  [/InvalidContentType/, "no TLS there"],
  [/not valid for (name|any names)/, "wrong name"],
  [/UnknownIssuer|CaUsedAsEndEntity/, "untrusted"],
  [
    /invalid peer certificate: (Expired|NotValidYet|certificate (expired|not valid yet))/,
    "certificate out of date",
  ],
];

/** @param thrown What `fetch`, or a request of Node's, rejected with */
export function troubleOf(thrown: unknown): ConnectionTrouble | undefined {
  const { code, message, cause } = (thrown ?? {}) as {
    code?: unknown;
    message?: unknown;
    cause?: { message?: unknown };
  };
  const known = typeof code === "string" ? BY_CODE[code] : undefined;
  if (known !== undefined) return known;
  const text = `${message} ${cause?.message}`;
  return BY_TEXT.find(([pattern]) => pattern.test(text))?.[1];
}

/** Whether another certificate, or another `ca_file`, would help. */
export function isCertificateTrouble(trouble: ConnectionTrouble | undefined): boolean {
  return trouble === "untrusted" || trouble === "wrong name" ||
    trouble === "certificate out of date";
}
