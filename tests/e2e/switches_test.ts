import { assertEquals } from "@std/assert";
import { seededRandom } from "../sim/random.ts";
import type { SimPlexSwitches } from "../sim/plex/server.ts";
import { encodePng } from "../sim/stash/png.ts";
import type { SceneInput } from "../sim/stash/server.ts";
import { assertBalanced } from "./books.ts";
import { isWrite } from "./care.ts";
import { proveRows } from "./rows.ts";
import type { Added } from "./sameness.ts";
import { withWorld, type World } from "./world.ts";

type Switches = Partial<SimPlexSwitches>;

const SCENES = 60;

/** The contested ways of editing tags: all their combinations. */
const TAG_EDITS = {
  singleTagEdit: ["replace", "add", "replace_unless_removal"],
  removalDecoding: ["double", "single"],
  removalList: ["all", "first_only"],
  removalOrder: ["before_adds", "after_adds"],
} as const;

/** All else: two positions each, dealt with a seed with which any two switches meet in all ways. */
const OTHERS: readonly Switches[][] = [
  [{ capitalizeTags: true }, { capitalizeTags: false }],
  [{ tagCase: "separate" }, { tagCase: "fold" }],
  [{ lockOnWrite: false }, { lockOnWrite: true }],
  [{ trimValues: false }, { trimValues: true }],
  [{ editsBumpUpdatedAt: true }, { editsBumpUpdatedAt: false }],
  [{ plusIsSpace: true }, { plusIsSpace: false }],
  [{ sectionPutAnswer: "empty" }, { sectionPutAnswer: "container" }],
  [{ missingSize: "all" }, { missingSize: "400" }],
  [{ pageCap: 0 }, { pageCap: 7 }],
  [{ dateCompare: "inclusive" }, { dateCompare: "strict" }],
  [{ missingIds: "partial" }, { missingIds: "404" }],
  [{ listedTags: 3, labelsInListing: false }, { listedTags: 2, labelsInListing: true }],
];

function combinations(): Switches[] {
  let rows: Switches[] = [{}];
  for (const [name, values] of Object.entries(TAG_EDITS)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  }
  const random = seededRandom(1);
  return rows.map((row, at) =>
    Object.assign({}, ...OTHERS.map((pair) => pair[at === 0 ? 0 : random.whole(0, 1)]), row)
  );
}

/** Names with which a careless encoding goes wrong. */
const NAMES = [
  "Smith, Jane",
  "a, b & c",
  "100%",
  "50%25 off",
  "rock+roll",
  "#1 fan",
  "two words",
  "key=value",
  "Été",
  "日本語",
  "semi;colon",
  'say "so"',
  "plain",
  "back\\slash",
  "%2C",
];

/** Every scene gets other tags and performers; some lose all of them. */
function changes(seed: number): SceneInput[] {
  const random = seededRandom(seed);
  const some = () => NAMES.filter(() => random.chance(40));
  return Array.from({ length: SCENES }, (_, at) => ({
    id: at + 1,
    tags: at % 10 === 1 ? [] : some(),
    performers: at % 10 === 2 ? [] : some(),
    studio: at % 10 === 3 ? null : `Studio ${random.pick(NAMES)}`,
  }));
}

/** A person adds a genre and a collection to two items; several ids add in every position. */
async function addByHand(world: World, name: string): Promise<Added> {
  const [first, second] = world.plex.items().map((item) => item.ratingKey);
  const value = encodeURIComponent(name);
  const query =
    `type=1&id=${first},${second}&genre[0].tag.tag=${value}&collection[0].tag.tag=${value}`;
  const answer = await fetch(`${world.plex.url}/library/sections/1/all?${query}`, {
    method: "PUT",
    headers: { "X-Plex-Token": world.plex.token },
  });
  await answer.body?.cancel();
  assertEquals(answer.status, 200);
  const own = { genres: [name], collections: [name] };
  return new Map([[first ?? "", own], [second ?? "", own]]);
}

// Images have their own test: they would be most of the work here.
const NO_IMAGES = { sync_poster: false, sync_background: false };

async function proveConvergence(switches: Switches) {
  await withWorld({
    scenes: SCENES,
    seed: 21,
    plex: { switches },
    config: NO_IMAGES,
  }, async (world) => {
    const wrong = async (added?: Added) =>
      (await world.differences(added)).filter((line) => !/: (poster|background) is /.test(line));
    world.stash.upsert(changes(31));
    await world.syncAll();
    assertEquals(await wrong(), []);
    const added = await addByHand(world, "Kept by hand, & more");
    world.stash.upsert(changes(32));
    await world.syncAll();
    assertEquals(await wrong(added), []);
    world.plex.clearRequests();
    await world.syncAll();
    assertEquals(world.plex.requests().filter(isWrite).map((r) => `${r.method} ${r.query}`), []);
    assertEquals(await wrong(added), []);
    assertBalanced(world);
  });
}

Deno.test("tags converge and hand-made ones stay, whatever Plex does: tag edits are", async (t) => {
  const rows = combinations().map((switches) => {
    const { singleTagEdit, removalDecoding, removalList, removalOrder } = switches;
    const when = [singleTagEdit, removalDecoding, removalList, removalOrder].join(", ");
    return { when, switches };
  });
  // Each keeps a processor busy.
  await proveRows(t, rows, ({ switches }) => proveConvergence(switches), 3);
});

Deno.test("images converge, changed back and forth, whatever Plex does: it", async (t) => {
  const rows = [
    { when: "selects what is posted again, and locks nothing", switches: {} },
    { when: "does not select what is posted again", switches: { repostSelects: false } },
    { when: "locks each image", switches: { imageLocks: true } },
    { when: "shows images at once", switches: { imageLagMs: 0 } },
  ];
  const [red, blue] = [0xff0000, 0x0000ff].map((colour) => encodePng(2, 2, () => colour));
  await proveRows(t, rows, async ({ switches }) => {
    // A clock of its own: Stash's time stamps have whole seconds, and each change is in another.
    let now = Date.now();
    const stash = { now: () => now };
    await withWorld({ scenes: 3, seed: 22, plex: { switches }, stash }, async (world) => {
      for (const cover of [undefined, red, blue, red]) {
        now += 2_000;
        if (cover !== undefined) world.stash.setCover("1", cover);
        await world.syncAll();
        assertEquals(await world.differences(), []);
      }
      world.plex.clearRequests();
      await world.syncAll();
      assertEquals(world.plex.requests().filter(isWrite).map((r) => `${r.method} ${r.path}`), []);
    });
  });
});
