/** What the settings of the older plugins, Stash2Plex and its forerunner PlexSync, mean here. */

/** What became of one of them. */
export interface TakenRow {
  /** Its name there. */
  setting: string;
  /** differs: taken, but it means something else here. */
  verdict: "taken" | "differs" | "left";
  /** Its name here; null where there is none. */
  becomes: string | null;
  /** What differs, or why it was left. */
  note: string | null;
}

/** A setting of ours, with the value that it gets. */
export interface TakenSetting {
  key: string;
  value: unknown;
}

interface Meaning {
  becomes?: string;
  /** Undefined: it says nothing that we need to be told. */
  value?: (raw: unknown) => unknown;
  /** Said when it is taken. */
  differs?: string;
  /** It is not taken: why. */
  left?: (raw: unknown) => string | null;
}

/** Those whose name or meaning is another one; all else has our name, or none. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  plex_connect_timeout: { becomes: "connect_timeout" },
  plex_read_timeout: { becomes: "read_timeout" },
  debug_logging: {
    becomes: "log_level",
    value: (raw) => isOn(raw) ? "debug" : undefined,
  },
  plex_unmatched_path_map: {
    becomes: "path_map",
    value: pathRules,
    differs: "there for reports and scans alone; here items are found by it",
  },
  preserve_plex_edits: {
    differs:
      "there every value that Plex has is kept; here what a person changed there, and what " +
      "plexsync wrote itself stays up to date",
  },
  strict_matching: {
    differs: "there an ambiguous scene is left out; here it is a dead letter with its candidates",
  },
  poll_interval: {
    differs: "there how often the queue is looked at; here how often Stash is asked for changes",
  },
  enabled: {
    left: (raw) => isOn(raw) ? null : "it was off; plexsync is on unless you set enabled = false",
  },
  strict_mode: {
    left: () => "what cannot be written in full is always cut, and said",
  },
};

/**
 * Brings settings of the older plugins to ours.
 * @param old As they are kept in Stash, by name
 * @param problemOf Why our setting cannot have a value; null when it can, undefined: no such setting
 */
export function takeOver(
  old: Readonly<Record<string, unknown>>,
  problemOf: (setting: TakenSetting) => string | null | undefined,
): { settings: TakenSetting[]; rows: TakenRow[] } {
  const settings: TakenSetting[] = [];
  const rows: TakenRow[] = [];
  for (const [name, raw] of Object.entries(old)) {
    // An emptied field of Stash's page.
    if (raw === null || raw === undefined || raw === "") continue;
    const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name]! : {};
    const left = (note: string) =>
      rows.push({ setting: name, verdict: "left", becomes: null, note });
    const why = meaning.left?.(raw) ?? null;
    if (why !== null) {
      left(why);
      continue;
    }
    const key = meaning.becomes ?? name;
    const value = meaning.value === undefined ? raw : meaning.value(raw);
    if (value === undefined) continue;
    const problem = problemOf({ key, value });
    if (problem === undefined) left("there is no such setting here");
    else if (problem !== null) left(`as ${key} it ${problem}`);
    else {
      settings.push({ key, value });
      const verdict = meaning.differs === undefined ? "taken" : "differs";
      rows.push({ setting: name, verdict, becomes: key, note: meaning.differs ?? null });
    }
  }
  return { settings, rows };
}

function isOn(raw: unknown): boolean {
  return raw === true || /^(true|1|yes|on)$/i.test(String(raw).trim());
}

/** `/plex=>/stash; /x=>/y`: what it is no rule stays as text, which our setting then refuses. */
function pathRules(raw: unknown): unknown {
  const parts = String(raw).split(";").map((part) => part.trim()).filter((part) => part !== "");
  return parts.map((part) => {
    const [plex, stash] = part.split("=>").map((side) => side.trim().replace(/\/+$/, ""));
    return plex && stash ? { stash, plex } : part;
  });
}

/**
 * The settings of one plugin in Stash's own config file, as Stash writes it: a name and a plain
 * value in each line.
 */
export function settingsInStashFile(text: string, plugin: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const path: { indent: number; name: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, blanks, name, value] = /^( *)["']?([\w.-]+)["']?:(?: +(.*))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    while (path.length > 0 && path.at(-1)!.indent >= blanks!.length) path.pop();
    const above = path.map((each) => each.name).join("/").toLowerCase();
    if (above === `plugins/settings/${plugin}`.toLowerCase()) found[name] = scalar(value ?? "");
    path.push({ indent: blanks!.length, name });
  }
  return found;
}

function scalar(text: string): unknown {
  const plain = text.trim();
  const quoted = /^'((?:[^']|'')*)'$/.exec(plain)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  if (plain.startsWith('"')) {
    try {
      return JSON.parse(plain);
    } catch {
      return plain;
    }
  }
  if (plain === "true" || plain === "false") return plain === "true";
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : plain;
}
