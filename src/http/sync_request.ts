import { Refusal } from "./refusal.ts";

const HINT = 'Send {"scenes": [12, 34]} with ids of scenes in Stash';

/**
 * The scene ids in the body of a call to `/api/sync`, each once.
 * @throws {Refusal} it is anything else than `{"scenes": [ids]}`
 */
export function readSyncRequest(body: Uint8Array): string[] {
  const document = parse(body);
  const { scenes, ...others } = isObject(document) ? document : {};
  if (!Array.isArray(scenes)) throw new Refusal(400, 'The body must have a list "scenes"', HINT);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Refusal(400, `Unknown member ${quoted(unknown)}`, HINT);
  return [...new Set(scenes.map(readId))];
}

function readId(value: unknown): string {
  // A larger number was rounded while it was read: it would name another scene.
  const isId = Number.isSafeInteger(value) || typeof value === "string";
  const text = isId ? String(value) : "";
  if (!/^[1-9]\d{0,17}$/.test(text)) {
    throw new Refusal(
      400,
      `A scene id must be a whole number up to 2^53, or a text of digits: it is ${quoted(value)}`,
      HINT,
    );
  }
  return text;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, "The body is not JSON", HINT);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}
