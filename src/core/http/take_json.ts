import { release, TransportFailure } from "./bounded_fetch.ts";

/**
 * Each value may take 60 times its bytes: 31 MiB of empty objects took 1.2 GiB. 50 scenes of 3,000
 * performers each have half as many.
 */
export const MAX_VALUES = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * The JSON of an answer's body, which is empty afterwards: beside what is read of 32 MiB its bytes
 * need not be kept.
 * @throws {TransportFailure} it holds more than a million values
 * @throws {SyntaxError} it is none; the message quotes it
 */
export function takeJson(body: Uint8Array<ArrayBuffer>): unknown {
  // Each takes a byte at least.
  const fits = body.length <= MAX_VALUES || !hasMoreValues(body, MAX_VALUES);
  const text = fits ? new TextDecoder().decode(body) : "";
  release([body]);
  if (fits) return JSON.parse(text);
  const most = MAX_VALUES.toLocaleString("en");
  throw new TransportFailure("body-too-large", `answered with more than ${most} values`);
}

/** Counts what begins lists and objects, and what parts their values, outside of strings. */
function hasMoreValues(json: Uint8Array, most: number): boolean {
  let count = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) {
      if (++count > most) return true;
    }
  }
  return false;
}
