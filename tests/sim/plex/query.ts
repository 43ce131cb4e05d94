/** A query string kept both as sent and decoded: to PMS the difference matters. */

export interface Param {
  /** As sent, up to the first literal "=". */
  rawKey: string;
  key: string;
  value: string;
}

export class Query {
  constructor(readonly raw: string, readonly params: readonly Param[]) {}

  /** Decoded value of the first parameter of that name. */
  get(name: string): string | undefined {
    return this.params.find((p) => p.key === name)?.value;
  }

  /** True for `name=1`. */
  flag(name: string): boolean {
    return this.get(name) === "1";
  }

  /** Comma list without blanks and empty entries. */
  list(name: string): string[] {
    return (this.get(name) ?? "").split(",").map((part) => part.trim()).filter((p) => p !== "");
  }
}

/** Splits at "&" and at the first "=" before anything is decoded. */
export function parseQuery(raw: string, plusIsSpace: boolean): Query {
  const decode = (text: string) => decodePercent(plusIsSpace ? text.replaceAll("+", " ") : text);
  const params = raw.split("&").filter((part) => part !== "").map((part): Param => {
    const at = part.indexOf("=");
    const rawKey = at < 0 ? part : part.slice(0, at);
    return { rawKey, key: decode(rawKey), value: at < 0 ? "" : decode(part.slice(at + 1)) };
  });
  return new Query(raw, params);
}

/** Percent-decoding that leaves malformed text as it is. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
