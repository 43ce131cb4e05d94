import { assert } from "@std/assert";
import { plexFacts } from "../sim/plex/route_names.ts";
import { IMPATIENT } from "./fault_case.ts";
import { proveRows } from "./rows.ts";
import { until, withWorld, type World } from "./world.ts";

/** Of the service as a process of its own, runtime and program included. */
const MOST_MB = 250;
const MEBIBYTE = 2 ** 20;

/** The largest answers that there are. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "JSON that never ends": { answer: "endless" },
  "a gigabyte of JSON, packed": { answer: "gzip_bomb" },
  "65 MiB of JSON": { answer: "large" },
  // It is not refused for its size, but read to its end.
  "31 MiB of JSON": { answer: "large", bytes: 31 * MEBIBYTE },
  "31 MiB of small objects": { answer: "crowded" },
};

interface Route {
  server: "plex" | "stash";
  route: string;
}

/** All that the service asks while it works. */
const ROUTES: readonly Route[] = [
  ...["identity", "sections", "listing", "item", "edit", "upload", "images", "rate"]
    .map((route) => ({ server: "plex" as const, route })),
  { server: "stash", route: "graphql" },
  { server: "stash", route: "cover" },
];

/** The most memory that a process has had so far, in MB. */
async function peakOf(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(new TextDecoder().decode(stdout))!;
  return Math.round(Number(kibibytes) * 1024 / 1e6);
}

/** How many requests for a route came to their end. */
function ended(world: World, { server, route }: Route): number {
  const list = server === "plex"
    ? world.plex.requests().filter(({ method, path, query }) =>
      plexFacts(method, `${path}?${query}`).route === route
    )
    : world.stash.requests().filter(({ path }) =>
      path === "/graphql" ? route === "graphql" : route === "cover" && path.includes("/screenshot")
    );
  return list.filter(({ status, ms }) => status > 0 || ms > 0).length;
}

/** All scenes change in all that is synced, and one comes for which Plex is to be listed. */
function change({ stash }: World): void {
  stash.upsert([
    ...stash.scenes().map(({ id }) => ({
      id,
      title: `Anew ${id}`,
      rating100: 40,
      cover: btoa(`\x89PNG\r\n\x1a\n${id}`),
    })),
    { title: "Not in Plex", details: "Text.", files: [{ path: "/data/scenes/none.mp4", size: 9 }] },
  ]);
}

const ROWS = ROUTES.flatMap((route) =>
  Object.entries(ANSWERS).map(([what, answer]) => ({
    when: `${route.server}'s route "${route.route}" answers with ${what}`,
    route,
    answer,
  }))
);

Deno.test({
  name: `the service takes at most ${MOST_MB} MB while`,
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    const config = { ...IMPATIENT, poll_interval: 0.2, sync_rating: true };
    const prove = async ({ when, route, answer }: typeof ROWS[number]) => {
      await withWorld({ scenes: 6, seed: 3, config }, async (world) => {
        await world.syncAll();
        await using service = await world.start(["run"]);
        await service.stderr.line("starts");
        world[route.server].clearRequests();
        world[route.server].setFaults([{ route: route.route, ...answer }]);
        change(world);
        await until("two such answers", () => ended(world, route) >= 2, 60_000);
        const peak = await peakOf(service.pid);
        if (Deno.env.get("SHOW_MEMORY")) console.log(`${peak} MB ${when}`);
        assert(peak <= MOST_MB, `${peak} MB`);
        world[route.server].setFaults([]);
        await until("in sync", async () => (await world.differences()).length === 0, 120_000);
        service.kill();
        await service.result;
      });
    };
    // Each keeps a processor busy for a while.
    await proveRows(t, ROWS, prove, 4);
  },
});
