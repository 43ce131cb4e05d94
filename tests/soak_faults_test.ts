/** The faults that the soak injects and those that the chapter tells of are the same. */
import { assertEquals } from "@std/assert";
import { PLEX_TROUBLES, STASH_TROUBLES } from "../scripts/soak/trouble.ts";

const OF_ONE_ITEM = "edits, reads or uploads of one item fail";
const OF_ANSWERS = "answers of Plex or Stash leave out all, or give others";
const LOST_ANSWER = "the edit took effect, the answer is lost";
const CUT_OFF = "reset in the middle of an answer";
const NO_IMAGE = "no image is taken";
const OTHER_LIST = "a listing of Plex leaves an item out, or names it wrongly";
const STASH_LIST = "Stash lists a scene under a foreign id, or leaves it out";
const ODD_STAMP = "a scene's time stamp lies ahead, or is no time";

/** For each fault of the soak the row of the chapter that promises what becomes of it. */
const PLEX_ROWS: Readonly<Record<string, string>> = {
  "503": "502, 503, 504",
  "writes to some items answer 500": "500 once",
  "reads of some items answer 500": "one item spoils every read of many",
  "answers are cut off": CUT_OFF,
  "connections are reset": CUT_OFF,
  "silence": "hang before the headers",
  "writes are done, answers lost": LOST_ANSWER,
  "writes are done, answers 500": LOST_ANSWER,
  "deaf": "200, and nothing changed",
  "slow": "an answer that drips in",
  "401": "401",
  "refused": "Plex refuses connections",
  "listeners dropped": "Plex's notifications break off",
  "edits of one item answer 503": OF_ONE_ITEM,
  "edits of one item are reset": OF_ONE_ITEM,
  "edits of one item hang": OF_ONE_ITEM,
  "one item hears nothing": "200, and nothing changed",
  "one item may not be written": "403 on writes",
  "reads of one item answer 502": OF_ONE_ITEM,
  "uploads to one item answer 503": OF_ONE_ITEM,
  "uploads answer 500": NO_IMAGE,
  "no item can be read": "every read of items fails",
  "a third of the writes fail": "some of all writes fail, at random",
  "the token may not write": "403 on writes",
  "long requests are dropped": "a request line is dropped for its length",
  "its database cannot be written": "Plex reads and cannot write (a locked database, a full disk)",
  "an item was added days ahead": 'an item of Plex was added "next week"',
  "its listing leaves out an item": OTHER_LIST,
  "its listing gives an item another key": OTHER_LIST,
  "its listing is empty": "a listing of Plex is empty, or ends too soon",
  "its answers leave out an item": "answers of Plex leave one item out",
  "its answers leave out all items": OF_ANSWERS,
  "its answers give other items": OF_ANSWERS,
};

const STASH_ROWS: Readonly<Record<string, string>> = {
  "503": "Stash refuses connections",
  "covers answer 500": "covers hang, all of them",
  "answers are cut off": "Stash refuses connections",
  "connections are reset": "Stash refuses connections",
  "silence": "Stash is too slow",
  "its database is locked": "Stash's database is locked",
  "401": "Stash answers 401",
  "refused": "Stash refuses connections",
  "one cover answers 502": "a cover fails for now",
  "one cover hangs": "a cover fails for now",
  "one scene answers 500": "a GraphQL error for one scene",
  "one scene comes with a wrong id": "a GraphQL error for one scene",
  "it lists a scene under a foreign id": STASH_LIST,
  "its lists leave out a scene": STASH_LIST,
  "it lists nothing": "Stash lists nothing of what it has",
  "it answers that no scene is there": OF_ANSWERS,
  "it needs a migration": "Stash needs a migration",
  "it has locked itself out of its database": "Stash's database is locked",
  "a stamp of 2099": ODD_STAMP,
  "a stamp that is no time": ODD_STAMP,
  "another zone": "Stash is restarted in another zone, or daylight saving begins or ends",
  "its clock is set": "Stash's clock is set back, or was ahead for a while",
};

/** Faults of the servers that the soak does not inject; each has its own test. */
const NOT_INJECTED: readonly string[] = [
  "the name of the server is unknown (DNS)",
  "hang within an answer",
  "an edit that is never answered",
  "wrong content type, HTML instead of JSON",
  "truncated JSON",
  "400",
  "token revoked in the middle of a run",
  "403 on everything",
  "a redirect (3xx), 401, 403, 404 or another refusal of all writes while Plex answers otherwise",
  "any refusal, or 500, 502, 503, of all writes that an undo makes",
  "a refusal (3xx, 4xx) of all edits of a field or several, such as all lists, while others are taken",
  "such refusals (3xx, 4xx) one by one, by small batches or after each kill, in a library that nobody was asked of yet",
  "all ratings are refused, or fail, while other edits are taken",
  "edits of a field or several are answered with 200, and it changes on no item, while others are heard",
  "the same of one item alone",
  "the same of one item's tags alone",
  "a refusal of all lists of images, all uploads, or all choices of an image",
  "a redirect (3xx), 401, 403 or another refusal of what is one item's",
  "ratings are answered with 200 or a log-in page, and none changes",
  "404 on everything (not a Plex)",
  "404 on an item that is gone",
  "409",
  "413 on an image",
  "a refusal of one image, others being taken",
  "images are answered with 200 or a log-in page, and none is shown",
  "a listing of Plex fails, or hangs, wherever one item stands",
  "one library of Plex cannot be listed",
  "a library of Plex is deleted, or made anew",
  "Plex starts and lists only some of its libraries",
  "not even the id of a scene can be listed",
  "a cover that Stash refuses (4xx), or that is no image",
  "all covers refused, or no images, for a while",
  "414",
  "429 with Retry-After",
  "500 or 429 on every write",
  "500 on every request",
  "503 during maintenance",
  '"still starting up" on writes only',
  "a one-hour outage",
  "another Plex under the same address",
  "another Plex comes while the daemon works",
  "an item got another ratingKey",
  "Plex is put back from a copy: items have each other's ratingKeys",
  "the same between the look at an item and its write",
  "items were merged",
  "an item is in the trash",
  "a file has a size in one answer and none in the next",
  "the only row of a poll is under a foreign id",
  "a list of Stash fails over one scene: too large, an error, garbage",
  "Stash lists a scene twice",
  "a scene is deleted in the middle of its job",
  "a scene changes in the very second in which a clock is set",
];

/** Where the faults of the servers end: behind it come those of this machine. */
const OWN_FAULTS_BEGIN = "the disk is full";
const ALSO_SERVERS = [
  ODD_STAMP,
  "Stash is restarted in another zone, or daylight saving begins or ends",
  "Stash's clock is set back, or was ahead for a while",
  "a scene changes in the very second in which a clock is set",
  'an item of Plex was added "next week"',
];

async function rows(): Promise<string[]> {
  const chapter = await Deno.readTextFile(new URL("../src/cli/help/faults.md", import.meta.url));
  const table = /<!-- faults: .*-->\s+<!--.*-->\s+((?:\|.*\n)+)/.exec(chapter)![1]!;
  return table.trimEnd().split("\n").slice(2).map((row) => row.split(" | ")[0]!.slice(2));
}

Deno.test("each fault that the soak injects has its row in the chapter, and each row its fault", async () => {
  assertEquals(Object.keys(PLEX_ROWS), Object.keys(PLEX_TROUBLES));
  assertEquals(Object.keys(STASH_ROWS), Object.keys(STASH_TROUBLES));
  const told = await rows();
  const promised = new Set([...Object.values(PLEX_ROWS), ...Object.values(STASH_ROWS)]);
  assertEquals([...promised, ...NOT_INJECTED].filter((row) => !told.includes(row)), []);
  const ofServers = [...told.slice(0, told.indexOf(OWN_FAULTS_BEGIN)), ...ALSO_SERVERS];
  const open = ofServers.filter((row) => !promised.has(row) && !NOT_INJECTED.includes(row));
  assertEquals(open, []);
  assertEquals(NOT_INJECTED.filter((row) => promised.has(row)), []);
});
