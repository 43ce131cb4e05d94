import { assert, assertEquals, assertMatch } from "@std/assert";
import { TASKS } from "../../src/plugin/tasks.ts";
import { TRIGGERS } from "../../src/plugin/manifest.ts";
import { until, type World } from "../e2e/world.ts";
import type { Program } from "../program.ts";
import { hasBusybox, PluginRig } from "./plugin_rig.ts";

const TOKEN = "canary-listen-token-of-a-test";

/** The daemon with its listener, and the plugin that posts to it with busybox. */
async function withRemote(use: (world: World, daemon: Program) => Promise<void>): Promise<void> {
  const rig = await PluginRig.open({
    scenes: 4,
    seed: 2,
    config: { listen: "127.0.0.1:0", listen_token: TOKEN },
  });
  try {
    const { world } = rig;
    await using daemon = await world.start(["run"]);
    const line = await daemon.stderr.line("HTTP listens on ");
    const address = /HTTP listens on (\S+)/.exec(line)![1]!;
    await rig.install("--remote", `http://${address}`, "--timeout", "2s");
    await use(world, daemon);
  } finally {
    await rig.close();
  }
}

function remoteTest(name: string, use: (world: World, daemon: Program) => Promise<void>): void {
  Deno.test({
    name: hasBusybox ? name : `${name} (skipped: no /bin/busybox)`,
    ignore: !hasBusybox,
    fn: () => withRemote(use),
  });
}

remoteTest(
  "hooks of every type reach the daemon by busybox, and Plex at the end",
  async (world) => {
    const [scene] = world.stash.scenes();
    world.stash.upsert([{ id: scene!.id, title: "Known by a hook alone" }]);
    for (const trigger of TRIGGERS) {
      const id = trigger.startsWith("Scene.") ? Number(scene!.id) : 99;
      const input = trigger === "Tag.Merge.Post" ? { source: ["98"], destination: "99" } : null;
      const [run] = await world.stash.runHooks({ trigger, id, input });
      assertEquals([run!.code, run!.output, run!.error], [0, "queued", undefined], trigger);
    }
    await until("the scene is synced", () => {
      const done = world.query("SELECT 1 FROM outcomes WHERE scene_id = ?", scene!.id);
      return done.length > 0 && world.query("SELECT 1 FROM fanouts").length === 0;
    });
    const titles = world.plex.items().map(({ title }) => title);
    assert(titles.includes("Known by a hook alone"), titles.join());
  },
);

remoteTest(
  "tasks are answered at once, and what takes long goes on in the daemon",
  async (world, daemon) => {
    // One long one at a time; what each came to stands in the daemon's log.
    const linesOfTasks = () =>
      daemon.stderr.lines.filter((line) => line.includes("[PlexSync Task]")).length;
    for (const { name, mode } of TASKS) {
      const said = linesOfTasks();
      const before = world.stash.logs().length;
      const { status } = await world.stash.runTask("plexsync", name);
      const lines = world.stash.logs().slice(before).filter(({ level }) => level === "info")
        .map(({ message }) => message);
      assertEquals(status, "FINISHED");
      assert(lines.some((line) => line.startsWith("[PlexSync Task] ")), `${name}: ${lines}`);
      if (!/^(sync|reconcile)-/.test(mode)) continue;
      await until(`${name} is through`, () => linesOfTasks() > said);
    }
  },
);

remoteTest(
  "a daemon that is gone is an error in Stash, and no hook waits for it",
  async (world, daemon) => {
    daemon.kill();
    await daemon.result;
    const [run] = await world.stash.runHooks({ trigger: "Scene.Create.Post", id: 1 });
    assertEquals(run!.error, "exit status 1");
    const errors = world.stash.logs().filter(({ level }) => level === "error");
    assertMatch(errors[0]!.message, /^wget: can't connect to remote host/);
    assert(!JSON.stringify(world.stash.logs()).includes(TOKEN));
  },
);

remoteTest(
  "what a task warns of, or fails over, has its level in Stash's log",
  async (world) => {
    await world.plex.close();
    await world.stash.runTask("plexsync", "Health check");
    world.stash.setFaults([{ path: "/graphql", hang: true }]);
    await world.stash.runTask("plexsync", "Sync all, confirmed");
    await world.stash.runTask("plexsync", "Reconcile all");
    const said = world.stash.logs().filter(({ level }) => level !== "debug")
      .map(({ level, message }) => `${level}: ${message}`);
    assert(said.some((line) => line.startsWith("info: [PlexSync Task] Plex: does not answer")));
    const down = said.find((line) => line.startsWith("warning: "));
    assertMatch(down!, /^warning: \[PlexSync Task\] Plex does not answer: /);
    // A long one at a time.
    const refused = said.find((line) => line.startsWith("error: "));
    assertMatch(refused!, /^error: \[PlexSync Task\] Queueing all scenes is under way/);
    await world.reopenPlex();
  },
);
