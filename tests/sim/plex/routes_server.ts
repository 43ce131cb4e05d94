/** The server itself: identity, preferences, activities, sessions, ratings. */
import { container, empty, htmlError, type SimCall } from "./answer.ts";
import { storedRating } from "./edits.ts";
import { PREFERENCES } from "./preferences.ts";
import type { Route } from "./router.ts";
import type { Row } from "./wire.ts";
import type { World } from "./world.ts";

export const serverRoutes: Route[] = [
  { methods: ["GET"], path: /^\/identity$/, answer: (world) => container(identity(world)) },
  { methods: ["GET"], path: /^\/$/, answer: root },
  {
    methods: ["GET"],
    path: /^\/activities$/,
    answer: (world) => container({ Activity: world.activities.list().map((a) => ({ ...a })) }),
  },
  {
    methods: ["DELETE"],
    path: /^\/activities\/([^/]+)$/,
    answer(world, _call, uuid = "") {
      const activity = world.activities.get(uuid);
      if (activity === undefined) return htmlError(404);
      if (!activity.cancellable) return htmlError(400);
      world.activities.end(activity);
      return empty();
    },
  },
  {
    methods: ["GET"],
    path: /^\/status\/sessions$/,
    answer: (world) => container({ Metadata: world.sessions }),
  },
  { methods: ["GET"], path: /^\/status\/sessions\/background$/, answer: () => container({}) },
  { methods: ["GET"], path: /^\/:\/prefs$/, answer: (world) => container(preferences(world)) },
  {
    methods: ["GET"],
    path: /^\/:\/prefs\/get$/,
    answer(world, call) {
      const wanted = call.query.get("id");
      const found = preferences(world).Setting.filter((setting) => setting.id === wanted);
      return found.length === 0 ? htmlError(404) : container({ Setting: found });
    },
  },
  { methods: ["PUT"], path: /^\/:\/prefs$/, answer: setPreferences },
  { methods: ["PUT", "GET"], path: /^\/:\/rate$/, answer: rate },
  {
    methods: ["PUT", "GET"],
    path: /^\/:\/(scrobble|unscrobble)$/,
    answer(world, call, verb) {
      const item = world.library.items.get(call.query.get("key") ?? "");
      if (item === undefined) return htmlError(404);
      item.viewCount = verb === "scrobble" ? (item.viewCount ?? 0) + 1 : undefined;
      item.lastViewedAt = verb === "scrobble" ? world.seconds() : undefined;
      world.touch(item);
      return empty();
    },
  },
  {
    methods: ["GET"],
    path: /^\/:\/eventsource\/notifications$/,
    answer: (_world, call) => ({
      kind: "events",
      filter: call.query.get("filters") ?? call.query.get("filter") ?? "-log",
    }),
  },
];

function identity(world: World): Row {
  return {
    claimed: true,
    machineIdentifier: world.machineIdentifier,
    version: world.switches.version,
  };
}

function root(world: World, call: SimCall) {
  const names = ["activities", "butler", "hubs", "identity", "library", "prefs", "status"];
  return container({
    size: names.length,
    ...identity(world),
    claimed: undefined,
    allowMediaDeletion: false,
    allowSync: call.owner,
    eventStream: true,
    friendlyName: "Simulated Plex",
    multiuser: true,
    myPlex: true,
    myPlexSigninState: "ok",
    myPlexUsername: "owner@example.invalid",
    ownerFeatures: "pass",
    platform: "Linux",
    platformVersion: "6.1",
    transcoderActiveVideoSessions: 0,
    updatedAt: world.startedAt,
    Directory: names.map((key) => ({ count: 1, key, title: key })),
  });
}

function preferences(world: World): { Setting: Row[] } {
  return {
    Setting: PREFERENCES.map((setting) => ({
      ...setting,
      value: world.preferences.get(setting.id) ?? setting.default,
    })),
  };
}

function setPreferences(world: World, call: SimCall) {
  const wanted = call.query.params.filter((p) => !/^x-plex-/i.test(p.key));
  const known = (id: string) => PREFERENCES.some((setting) => setting.id === id);
  if (world.switches.unknownPreference === 400 && !wanted.every((p) => known(p.key))) {
    return htmlError(400);
  }
  for (const { key, value } of wanted) {
    if (known(key)) world.preferences.set(key, value);
  }
  return empty();
}

/** 0 to 10, -1 clears; belongs to the owner of the token. */
function rate(world: World, call: SimCall) {
  const rating = Number(call.query.get("rating") || NaN);
  const ratedAt = Number(call.query.get("ratedAt") ?? world.seconds());
  const cleared = rating === -1;
  if (
    !(cleared || rating >= 0 && rating <= 10) || !(ratedAt <= world.seconds()) ||
    call.query.get("identifier") === undefined
  ) return htmlError(400);
  const record = world.record(call.query.get("key") ?? "");
  if (record === undefined) return htmlError(404);
  if (world.switches.ratingIgnored) return empty();
  if (cleared) delete record.values.userRating;
  else record.values.userRating = storedRating(world.switches, rating);
  record.lastRatedAt = cleared ? undefined : ratedAt;
  world.touch(record);
  return empty();
}
