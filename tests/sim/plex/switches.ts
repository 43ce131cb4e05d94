/**
 * Where sources disagree about Plex, or servers differ, the behaviour is a
 * switch. The first value of each is the default.
 */

interface Switch<T> {
  initial: T;
  /** Allowed values; unset means any value of the same type (whole numbers from 0). */
  oneOf?: readonly T[];
}

const flag = (initial: boolean): Switch<boolean> => ({ initial });
const whole = (initial: number): Switch<number> => ({ initial });
const text = (initial: string): Switch<string> => ({ initial });
const choice = <const T extends string | number>(initial: T, ...others: T[]): Switch<T> => ({
  initial,
  oneOf: [initial, ...others],
});

const SWITCHES = {
  /** What indexed tags do to the list of a single item. Several items always add. */
  singleTagEdit: choice("replace", "add", "replace_unless_removal"),
  /** Are the names in `tag.tag-` percent-decoded once more after the query? */
  removalDecoding: choice("double", "single"),
  /** How much of the comma list in `tag.tag-` is removed. */
  removalList: choice("all", "first_only"),
  /** `tag.tag-` and `[].tag=` beside indexed adds in one PUT. */
  removalOrder: choice("before_adds", "after_adds"),
  /** New tag texts get a capital first letter. */
  capitalizeTags: flag(true),
  /** A tag in another case is another tag, or the same row as before. */
  tagCase: choice("separate", "fold"),
  /** Blanks around tag names are cut off. */
  trimTags: flag(false),
  /** A new tag's "ß" is stored as "SS": only that spelling removes it. */
  respellSharpS: flag(false),
  /** A new tag's "ı" is stored as "I": only that spelling removes it. */
  respellDotlessI: flag(false),

  /** Writing a value or a tag locks it without being told. */
  lockOnWrite: flag(false),
  /** Writes answer 200 and change nothing. */
  deaf: flag(false),
  /** Blanks around values are cut off; a recorded server keeps them. */
  trimValues: flag(false),
  /** An episode's field or tag kind that episodes do not have: no effect, or 400 for the whole edit. */
  episodeFields: choice("ignored", "refused"),
  /** Ratings are stored as multiples of it: 0 as sent, 1 is half a star. */
  ratingStep: choice(0, 0.5, 1),
  /** `/:/rate` answers 200 and changes nothing. */
  ratingIgnored: flag(false),
  /** Longer request targets answer 414. The true limit is unknown; tools stay below 8 KB. */
  maxUrlLength: whole(8192),
  /** An edit whose `type` is not that of the id. */
  wrongType: choice("404", "noop"),
  /** Body of a successful section PUT. */
  sectionPutAnswer: choice("empty", "container"),
  /** `editionTitle` takes effect only with it. */
  plexPass: flag(false),
  /** Off: an edit leaves `updatedAt` as it was. */
  editsBumpUpdatedAt: flag(true),
  /** "+" in a query means a space. */
  plusIsSpace: flag(true),
  /** PMS 1.43.3: section form with `type=18` and a summary answers 404. */
  collectionSummaryBug: flag(false),

  labelsInListing: flag(false),
  /** How many entries of a tag kind a listing shows. */
  listedTags: choice(3, 2),
  sizeWithoutStart: choice("ignore", "honour"),
  missingSize: choice("all", "400"),
  /** Most rows of one page, whatever was asked; 0 = no cap. */
  pageCap: whole(0),
  /** What `file=` selects. */
  fileFilter: choice("exact", "folder", "ignored"),
  /** Does `updatedAt>=T` include T? */
  dateCompare: choice("inclusive", "strict"),
  /** A detail request of which only some ids exist. */
  missingIds: choice("partial", "404"),

  /** Posting bytes that are already there selects them. */
  repostSelects: flag(true),
  /** From an upload to its being listed and selected. */
  imageLagMs: whole(300),
  /** `thumb` and `art` end in a stamp that any edit moves, or only another image. */
  imageStamp: choice("edit", "image"),
  /** An upload or a selection locks the image. */
  imageLocks: flag(false),

  /** Everybody without a token counts as the owner. */
  allowedNetworks: flag(false),
  /** A `Host` that is neither an IP address, localhost nor *.plex.direct. */
  unknownHost: choice("needs_token", "refuse", "accept"),

  /** Writes answer this status with "still starting up"; 0 = off. */
  startingUp: choice(0, 400, 503),
  /** Writes answer 500 while reads and /identity work: a locked database, a full disk. */
  writesFail: choice("no", "database_locked", "disk_full"),
  /** Everything answers 503 with the XML of a database migration. */
  maintenance: flag(false),
  /** Is /identity part of that? */
  identityInMaintenance: flag(true),
  /** A write that comes while another one runs is never answered and has no effect. */
  overload: flag(false),
  /** Each write takes this long, one after the other; reads take a tenth, side by side. */
  latencyMs: whole(0),
  version: text("1.43.2.10687-a1b2c3d4e"),
  /** Unknown preference in PUT /:/prefs: measured 200, the spec says 400. */
  unknownPreference: choice(200, 400),

  /** From the request of a scan to its first event. */
  scanDelayMs: whole(10),
  /** Between the stages of a scan. */
  scanStepMs: whole(5),
  /** Last state of a new item in a section without an agent. */
  noAgentEndState: choice(1, 5),
  /** Ids in notifications are numbers, as on old servers. */
  numericIds: flag(false),
  /** Foreign identifiers, `mediaState` entries, progress, activities of browsing. */
  noise: flag(true),
  /** Own edits come back as timeline entries. */
  echoEdits: flag(true),
  /** How a deletion is told. */
  deletionStyle: choice("state9", "type-1"),
  /** How often the last entry of a new item is repeated. */
  stateStorm: whole(0),
  /** Half-open: sockets stay, nothing is sent, pings are not answered. */
  silentSockets: flag(false),
  ssePingMs: whole(10_000),
};

export type SimPlexSwitches = {
  -readonly [K in keyof typeof SWITCHES]: (typeof SWITCHES)[K] extends Switch<infer T> ? T : never;
};

/** All switches in their default positions. */
export function defaultSwitches(): SimPlexSwitches {
  const pairs = Object.entries(SWITCHES).map(([name, spec]) => [name, spec.initial]);
  return Object.fromEntries(pairs) as SimPlexSwitches;
}

/**
 * Checks a JSON object of switches.
 * @throws {Error} naming the first unknown switch or bad value
 */
export function parseSwitches(json: unknown): Partial<SimPlexSwitches> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error("Switches must be an object");
  }
  for (const [name, value] of Object.entries(json)) {
    if (!Object.hasOwn(SWITCHES, name)) throw new Error(`Unknown switch "${name}"`);
    const spec: Switch<unknown> = SWITCHES[name as keyof typeof SWITCHES];
    if (spec.oneOf !== undefined) {
      if (!spec.oneOf.includes(value)) {
        throw new Error(`Switch ${name} must be one of ${spec.oneOf.join(", ")}`);
      }
    } else if (typeof value !== typeof spec.initial) {
      throw new Error(`Switch ${name} must be a ${typeof spec.initial}`);
    } else if (typeof value === "number" && !(Number.isInteger(value) && value >= 0)) {
      throw new Error(`Switch ${name} must be a whole number from 0`);
    }
  }
  return json as Partial<SimPlexSwitches>;
}
