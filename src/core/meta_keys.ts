/** The small facts that outlive the process, each with its name and how it is read back. */
import type { Breaker } from "./jobs/breaker.ts";
import { type FieldName, FIELDS } from "./sync/fields.ts";
import { isRecord } from "./text/json.ts";
import type { LearnedRule } from "./match/learned_rules.ts";
import type { PathRule } from "./match/path.ts";

/** The name of a fact, and the reader of its stored value. */
export interface MetaKey<T> {
  readonly name: string;
  /** The value, or undefined for one that is not what was once stored. */
  read(value: unknown): T | undefined;
}

const text = (name: string): MetaKey<string> => ({
  name,
  read: (value) => typeof value === "string" ? value : undefined,
});

const count = (name: string): MetaKey<number> => ({
  name,
  read: (value) => isNumber(value) ? value : undefined,
});

/** Epoch ms. */
const instant = count;

/** Which server a target's item ids belong to: they mean nothing on another one. */
export const machineOf = (target: string) => text(`${target}_machine`);

/** Up to when the files of a target were compared with the scenes that they may concern. Epoch ms. */
export const healedAtOf = (target: string) => instant(`${target}_healed_at`);

/** How fresh the index was when it was last compared with the jobs that wait for a file. Epoch ms. */
export const wokenAtOf = (target: string) => instant(`${target}_woken_at`);

/** How many items of the batch that is in work are written, and not settled yet; absent for none. */
export const writtenInBatchOf = (target: string) => count(`${target}_written_in_batch`);

/** The rules by which the scenes of a target were last matched. */
export const rulesOf = (target: string) => text(`${target}_match_rules`);

/** Keys of what the daemon writes to. */
export const TARGET_KEYS: MetaKey<string[]> = {
  name: "targets",
  read: (value) =>
    Array.isArray(value) && value.every((key) => typeof key === "string") ? value : undefined,
};

/** When the owner agreed that all scenes are written. Epoch ms. */
export const FULL_SYNC_AGREED_AT = instant("full_sync_agreed_at");

/** Who plexsync is to Plex: a new id each time fills its list of devices. */
export const CLIENT_IDENTIFIER = text("client_identifier");

/** Why scenes could not be found, and what to do about it. */
export interface UnfitSetup {
  summary: string;
  hint: string;
  /** error: none was found. */
  severity: "error" | "warning";
  /** The settings that it was seen with: with others it says nothing. */
  settings: string;
  /** The whole `path_map` that the hint says to set; null where it says something else. */
  rules: readonly PathRule[] | null;
}

export const setupOf = (target: string): MetaKey<UnfitSetup> => ({
  name: `${target}_unfit_setup`,
  read(value) {
    if (!isRecord(value)) return undefined;
    const { summary, hint, severity, settings, rules } = value;
    const fits = typeof summary === "string" && typeof hint === "string" &&
      typeof settings === "string" && (severity === "error" || severity === "warning") &&
      (rules === null || (Array.isArray(rules) && rules.every(isPathRule)));
    return fits ? { summary, hint, severity, settings, rules } : undefined;
  },
});

/** A library that the target cannot list, while it lists others. */
export interface UnreadSection {
  section: string;
  title: string;
  /** Epoch ms. */
  since: number;
  /** What failed. */
  message: string;
  /** Since when it is not among the target's libraries either, epoch ms; null while it is. */
  absentSince: number | null;
  /** Whether a person was told of it: not while it may be gone. */
  told: boolean;
}

export const unreadSectionsOf = (target: string): MetaKey<readonly UnreadSection[]> => ({
  name: `${target}_unread_sections`,
  read(value) {
    const fits = Array.isArray(value) &&
      value.every((each) =>
        isRecord(each) && typeof each.section === "string" && typeof each.title === "string" &&
        isNumber(each.since) && typeof each.message === "string" &&
        isNumberOrNull(each.absentSince) && typeof each.told === "boolean"
      );
    return fits ? value : undefined;
  },
});

/** A field of which a target takes no edit. */
export interface RestingField {
  field: FieldName;
  /** When it is to be tried again, epoch ms. */
  until: number;
  /** What the target answers. */
  why: string;
}

export const restingFieldsOf = (target: string): MetaKey<readonly RestingField[]> => ({
  name: `${target}_resting_fields`,
  read(value) {
    const fits = Array.isArray(value) &&
      value.every((each) =>
        isRecord(each) && FIELDS.some(({ name }) => name === each.field) &&
        isNumber(each.until) && typeof each.why === "string"
      );
    return fits ? value : undefined;
  },
});

/** What the files that a target and Stash both have say of their paths. */
export interface Learned {
  /** Those that hold. */
  rules: readonly LearnedRule[];
  /** Files of scenes that were looked at. */
  files: number;
  /** When all scenes were walked, and all items of the target listed, that this rests on. Epoch ms. */
  walkedAt: number;
  listedAt: number;
}

export const learnedOf = (target: string): MetaKey<Learned> => ({
  name: `${target}_learned_rules`,
  read(value) {
    if (!isRecord(value)) return undefined;
    const { rules, files, walkedAt, listedAt } = value;
    const fits = isNumber(files) && isNumber(walkedAt) && isNumber(listedAt) &&
      Array.isArray(rules) && rules.every(isLearnedRule);
    return fits ? { rules, files, walkedAt, listedAt } : undefined;
  },
});

function isLearnedRule(value: unknown): value is LearnedRule {
  if (!isRecord(value)) return false;
  const { stash, plex, votes, pairs, files, found } = value;
  return typeof stash === "string" && typeof plex === "string" &&
    [votes, pairs, files, found].every(isNumber);
}

/**
 * The latest time stamp of Stash that a kind of change was seen with. A damaged one reads as a text
 * that is no time: as none at all, all that happened meanwhile would count as seen.
 */
export const newestStampOf = (kind: string): MetaKey<string> => ({
  name: `watch:${kind}s`,
  read: (value) => typeof value === "string" ? value : "unreadable",
});

/** The stamp up to which nothing older can show any more. */
export const settledStampOf = (kind: string) => text(`watch:settled_${kind}s`);

/** Since when jobs may be missing, so that all scenes have to be queued. */
export const REBUILD_WANTED = instant("rebuild_wanted");

/** The newest copy of a run whose file went missing that was made use of. */
export const RESCUE_KNOWN_AT = instant("rescue_known_at");

/** When the database was last written to for the sake of a health check. */
export const HEALTH_CHECKED_AT = instant("health_checked_at");

/** Since when a person lets no job be taken, epoch ms; absent while work goes on. */
export const PAUSED_AT = instant("paused_at");

/** What somebody was told of that is not over, by its key. */
export const NOTIFIED: MetaKey<Readonly<Record<string, string>>> = {
  name: "notified",
  read(value) {
    if (!isRecord(value)) return undefined;
    const texts = Object.entries(value).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    );
    return Object.fromEntries(texts);
  },
};

/** Who is signed in to the page. */
export interface KeptSessions {
  /** Digest of the token that they signed in with. */
  token: string;
  /** Digests of the sessions' ids, and when each began, epoch ms; the oldest first. */
  sessions: readonly { id: string; began_at: number }[];
}

export const PAGE_SESSIONS: MetaKey<KeptSessions> = {
  name: "page_sessions",
  read(value) {
    if (!isRecord(value)) return undefined;
    const { token, sessions } = value;
    const fits = typeof token === "string" && Array.isArray(sessions) &&
      sessions.every((each) =>
        isRecord(each) && typeof each.id === "string" && isNumber(each.began_at)
      );
    return fits ? { token, sessions } : undefined;
  },
};

/** Dead letters that were retried together. */
export interface Retried {
  /** The run of their jobs. */
  run: number;
  count: number;
  /** When the first was, epoch ms. */
  at: number;
}

/** The last ones. */
export const RETRIED: MetaKey<Retried> = {
  name: "retried",
  read(value) {
    if (!isRecord(value)) return undefined;
    const { run, count, at } = value;
    return isNumber(run) && isNumber(count) && isNumber(at) ? { run, count, at } : undefined;
  },
};

/** When a hook last said that no daemon runs. */
export const NO_DAEMON_SAID_AT = instant("no_daemon_said_at");

/** The breaker of a server. */
export const breakerOf = (server: string): MetaKey<Breaker> => ({
  name: `breaker:${server}`,
  read(value) {
    if (!isRecord(value)) return undefined;
    const { state, work, failures, failingSinceAt, openedAt, probes, nextProbeAt, cause } = value;
    const fits = (state === "closed" || state === "open" || state === "half_open") &&
      (work === "read" || work === "write") && isNumber(failures) && isNumber(probes) &&
      isNumberOrNull(failingSinceAt) &&
      isNumberOrNull(openedAt) && isNumberOrNull(nextProbeAt) && isTextOrNull(cause);
    return fits
      ? { state, work, failures, failingSinceAt, openedAt, probes, nextProbeAt, cause }
      : undefined;
  },
});

/** A fault that only a person can mend: work pauses, jobs stay. */
export interface Attention {
  message: string;
  hint: string;
  /** Epoch ms. */
  since: number;
}

/** What a server's work rests for. */
export const attentionOf = (server: string): MetaKey<Attention> => ({
  name: `attention:${server}`,
  read(value) {
    if (!isRecord(value)) return undefined;
    const { message, hint, since } = value;
    const fits = typeof message === "string" && typeof hint === "string" && isNumber(since);
    return fits ? { message, hint, since } : undefined;
  },
});

/** When a sweep over all scenes first noted the files of each. Epoch ms. */
export const FILES_KNOWN_AT = instant("files_known_at");

/** How far the sweep over all scenes of Stash is. */
export interface SweepState {
  /** When the last sweep that came to its end began, epoch ms; 0 before the first. */
  doneAt: number;
  /** Greatest scene id of that sweep; null before the first. */
  greatest: number | null;
  /** The sweep under way, and the last scene it saw; counts as in its report. */
  underWay: { startedAt: number; last: number; walked: number; queued: number } | null;
}

export const SWEEP: MetaKey<SweepState> = {
  name: "sweep",
  read(value) {
    if (!isRecord(value)) return undefined;
    const { doneAt, greatest, underWay } = value;
    if (!isNumber(doneAt) || !isNumberOrNull(greatest)) return undefined;
    if (underWay === null) return { doneAt, greatest, underWay };
    if (!isRecord(underWay)) return undefined;
    const { startedAt, last, walked, queued } = underWay;
    const fits = isNumber(startedAt) && isNumber(last) && isNumber(walked) && isNumber(queued);
    return fits ? { doneAt, greatest, underWay: { startedAt, last, walked, queued } } : undefined;
  },
};

const SINGLE: readonly MetaKey<unknown>[] = [
  TARGET_KEYS,
  CLIENT_IDENTIFIER,
  FULL_SYNC_AGREED_AT,
  REBUILD_WANTED,
  RESCUE_KNOWN_AT,
  HEALTH_CHECKED_AT,
  NO_DAEMON_SAID_AT,
  FILES_KNOWN_AT,
  SWEEP,
  PAUSED_AT,
  NOTIFIED,
  PAGE_SESSIONS,
  RETRIED,
];

/** The key of each name, as it may stand in a database of this version. */
const BY_NAME: readonly (readonly [RegExp, (part: string) => MetaKey<unknown>])[] = [
  [/^(.+)_machine$/, machineOf],
  [/^(.+)_healed_at$/, healedAtOf],
  [/^(.+)_woken_at$/, wokenAtOf],
  [/^(.+)_written_in_batch$/, writtenInBatchOf],
  [/^(.+)_match_rules$/, rulesOf],
  [/^(.+)_learned_rules$/, learnedOf],
  [/^(.+)_unfit_setup$/, setupOf],
  [/^(.+)_unread_sections$/, unreadSectionsOf],
  [/^(.+)_resting_fields$/, restingFieldsOf],
  [/^watch:settled_(.+)s$/, settledStampOf],
  [/^watch:(.+)s$/, newestStampOf],
  [/^breaker:(.+)$/, breakerOf],
  [/^attention:(.+)$/, attentionOf],
];

/** The key that has this name; null for what this version does not know. */
export function metaKeyNamed(name: string): MetaKey<unknown> | null {
  const single = SINGLE.find((key) => key.name === name);
  if (single !== undefined) return single;
  for (const [pattern, keyOf] of BY_NAME) {
    const part = pattern.exec(name)?.[1];
    if (part !== undefined) return keyOf(part);
  }
  return null;
}

function isPathRule(value: unknown): value is PathRule {
  return isRecord(value) && typeof value.stash === "string" && typeof value.plex === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || isNumber(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}
