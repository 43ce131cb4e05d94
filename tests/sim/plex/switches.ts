/**
 * Where sources disagree about Plex, or servers differ, the behaviour is a
 * switch. The first value of each is the default.
 */

interface Switch<T> {
  initial: T;
  /** Allowed values; unset means any value of the same type (whole numbers from 0). */
  oneOf?: readonly T[];
  meaning: string;
}

const flag = (initial: boolean, meaning: string): Switch<boolean> => ({ initial, meaning });
const whole = (initial: number, meaning: string): Switch<number> => ({ initial, meaning });
const text = (initial: string, meaning: string): Switch<string> => ({ initial, meaning });
const choice = <const T extends string | number>(
  [initial, ...others]: readonly [T, ...T[]],
  meaning: string,
): Switch<T> => ({ initial, oneOf: [initial, ...others], meaning });

const SWITCHES = {
  // Tags
  singleTagEdit: choice(
    ["replace", "add", "replace_unless_removal"],
    "what indexed tags do to the list of a single item; several items always add",
  ),
  removalDecoding: choice(
    ["double", "single"],
    "are names in `tag.tag-` percent-decoded once more after the query?",
  ),
  removalList: choice(["all", "first_only"], "how much of the comma list in `tag.tag-` goes"),
  removalOrder: choice(
    ["before_adds", "after_adds"],
    "when `tag.tag-` and `[].tag=` work beside indexed adds in one PUT",
  ),
  capitalizeTags: flag(true, "new tag texts get a capital first letter"),
  tagCase: choice(
    ["separate", "fold"],
    "a tag in another letter case is another tag, or the same row",
  ),
  trimTags: flag(false, "blanks around tag names are cut off"),
  respellSharpS: flag(false, 'a new tag\'s "ß" is stored as "SS"; only that spelling removes it'),
  respellDotlessI: flag(false, 'a new tag\'s "ı" is stored as "I"; only that spelling removes it'),

  // Edits
  lockOnWrite: flag(false, "writing a value or a tag locks it without being told"),
  deaf: flag(false, "writes answer 200 and change nothing"),
  unheardFields: text(
    "",
    "values of these fields and tags (names of an edit, commas between) answer 200 and stay; locks do not",
  ),
  trimValues: flag(false, "blanks around values are cut off; a recorded server keeps them"),
  cutBytes: whole(0, "names and one-line texts are cut at so many bytes of UTF-8; 0: not at all"),
  episodeFields: choice(
    ["ignored", "refused"],
    "what episodes do not have (studio, genre …): no effect, or 400 for the whole edit",
  ),
  ratingStep: choice(
    [0, 0.5, 1],
    "ratings are stored as multiples of it: 0 as sent, 1 half a star",
  ),
  ratingIgnored: flag(false, "`/:/rate` answers 200 and changes nothing"),
  maxUrlLength: whole(
    8192,
    "longer request targets answer 414; the true limit is unknown, tools stay below 8 KB",
  ),
  wrongType: choice(["404", "noop"], "an edit whose `type` is not that of the id"),
  sectionPutAnswer: choice(["empty", "container"], "body of a successful section PUT"),
  plexPass: flag(false, "`editionTitle` takes effect only with it"),
  editsBumpUpdatedAt: flag(true, "off: an edit leaves `updatedAt` as it was"),
  plusIsSpace: flag(true, '"+" in a query means a space'),
  collectionSummaryBug: flag(
    false,
    "as in 1.43.3: the section form with `type=18` and a summary answers 404",
  ),

  // Listings and reads
  labelsInListing: flag(false, "listings show labels"),
  listedTags: choice([3, 2], "how many entries of a tag kind a listing shows"),
  sizeWithoutStart: choice(["ignore", "honour"], "`X-Plex-Container-Size` without `-Start`"),
  missingSize: choice(["all", "400"], "a listing without `X-Plex-Container-Size`"),
  pageCap: whole(0, "most rows of one page, whatever was asked; 0: no cap"),
  fileFilter: choice(["exact", "folder", "ignored"], "what `file=` selects"),
  dateCompare: choice(["inclusive", "strict"], "does `updatedAt>=T` include T?"),
  missingIds: choice(["partial", "404"], "a detail request of which only some ids exist"),

  // Images
  repostSelects: flag(true, "posting bytes that are already there selects them"),
  imageLagMs: whole(300, "from an upload to its being listed and selected"),
  imageStamp: choice(
    ["edit", "image"],
    "`thumb` and `art` end in a stamp that any edit moves, or only another image",
  ),
  imageLocks: flag(false, "an upload or a selection locks the image"),

  // Who may ask
  allowedNetworks: flag(false, "everybody without a token counts as the owner"),
  unknownHost: choice(
    ["needs_token", "refuse", "accept"],
    "a `Host` that is neither an IP address, localhost nor *.plex.direct",
  ),

  // A server as a whole
  startingUp: choice([0, 400, 503], 'writes answer this status with "still starting up"; 0: off'),
  writesFail: choice(
    ["no", "database_locked", "disk_full"],
    "writes answer 500 while reads and /identity work",
  ),
  maintenance: flag(false, "everything answers 503 with the XML of a database migration"),
  identityInMaintenance: flag(true, "is /identity part of that?"),
  overload: flag(
    false,
    "a write that comes while another one runs is never answered and has no effect",
  ),
  latencyMs: whole(
    0,
    "each write takes this long, one after the other; reads take a tenth, side by side",
  ),
  version: text("1.43.2.10687-a1b2c3d4e", "the server's version"),
  unknownPreference: choice(
    [200, 400],
    "an unknown preference in PUT /:/prefs: measured 200, the spec says 400",
  ),

  // Scans and notifications
  scanDelayMs: whole(10, "from the request of a scan to its first event"),
  scanStepMs: whole(5, "between the stages of a scan"),
  noAgentEndState: choice([1, 5], "last state of a new item in a section without an agent"),
  numericIds: flag(false, "ids in notifications are numbers, as on old servers"),
  noise: flag(
    true,
    "foreign identifiers, `mediaState` entries, progress, activities of browsing",
  ),
  echoEdits: flag(true, "own edits come back as timeline entries"),
  deletionStyle: choice(["state9", "type-1"], "how a deletion is told"),
  stateStorm: whole(0, "how often the last entry of a new item is repeated"),
  silentSockets: flag(
    false,
    "half-open: sockets stay, nothing is sent, pings are not answered",
  ),
  ssePingMs: whole(10_000, "between pings of an event stream"),
};

export type SimPlexSwitches = {
  -readonly [K in keyof typeof SWITCHES]: (typeof SWITCHES)[K] extends Switch<infer T> ? T : never;
};

/** Each switch with its values, the default first, and its meaning. */
export function describeSwitches(): { name: string; values: string; meaning: string }[] {
  return Object.entries(SWITCHES).map(([name, spec]) => {
    const { initial, oneOf, meaning }: Switch<unknown> = spec;
    const other = typeof initial === "boolean" ? [initial, !initial] : [initial];
    return { name, values: (oneOf ?? other).join(", "), meaning };
  });
}

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
