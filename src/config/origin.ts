/** Where a value came from. */
export interface Origin {
  source: "flag" | "environment" | "credential" | "file" | "stash" | "default";
  /** Name of the flag or variable, or path of the file. */
  detail?: string;
}

const NAMES: Readonly<Record<Origin["source"], string>> = {
  flag: "flag",
  environment: "environment",
  credential: "credential",
  file: "file",
  stash: "Stash plugin settings",
  default: "default",
};

/** `flag --log-level`, `environment PLEXSYNC_LOG_LEVEL`, `file /etc/plexsync/plexsync.toml`. */
export function describeOrigin({ source, detail }: Origin): string {
  return detail === undefined ? NAMES[source] : `${NAMES[source]} ${detail}`;
}

/** A value as it was found, not yet checked. */
export interface Given {
  raw: unknown;
  origin: Origin;
}

/** What one source says: values by key, and what is wrong with the source itself. */
export interface Layer {
  values: Map<string, Given>;
  /** Errors: loading fails, after all of them were collected. */
  problems: string[];
  warnings: string[];
}

/** A layer that says nothing yet. */
export function emptyLayer(): Layer {
  return { values: new Map(), problems: [], warnings: [] };
}
