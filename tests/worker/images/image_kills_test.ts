/** The process dies over a cover, and Stash has another one by the time that the next looks. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { KilledWorker, type Moment } from "../killed_worker.ts";
import type { Rig } from "../rig.ts";
import { ask } from "../undo/undo_rig.ts";

/** More than there are in the sync of one scene. */
const MOST_REQUESTS = 40;
/** Until an image shows. */
const LAG_MS = 900;

type Cover = "first" | "second" | "third";
const bytesOf = (cover: Cover) =>
  Uint8Array.from(`\x89PNG\r\n\x1a\n${cover}`, (char) => char.charCodeAt(0));
const digestOf = (cover: Cover) => createHash("sha1").update(bytesOf(cover)).digest("hex");

interface Play {
  /** The first cover was synced and seen before; else the scene is new to Plex. */
  isKnown?: boolean;
  preserve?: boolean;
}

async function open({ isKnown = true, preserve = false }: Play): Promise<KilledWorker> {
  const killed = await KilledWorker.open({
    library: { scenes: 1 },
    plex: { switches: { imageLagMs: LAG_MS } },
    settings: { preservePlexEdits: preserve },
  });
  if (!isKnown) return killed;
  change(killed, "first");
  await killed.run();
  killed.rig.runtime.jump(2 * 60_000);
  return killed;
}

/** Stash has this cover now, which a job is to bring to Plex. */
function change({ rig }: KilledWorker, cover: Cover): void {
  // Each change is in a second of its own, however soon the next process comes.
  const [scene] = rig.stash.scenes();
  const updated = new Date(Date.parse(scene!.updated_at) + 2_000).toISOString();
  const encoded = btoa(String.fromCharCode(...bytesOf(cover)));
  rig.stash.upsert([{ id: "1", details: "Known", cover: encoded, updated_at: updated }]);
  rig.enqueue();
}

/** The images once Plex had its time to show them. */
function shown({ rig }: KilledWorker): (string | null)[] {
  rig.runtime.jump(LAG_MS);
  const [item] = rig.plex.items();
  return [item!.poster, item!.art];
}

const MOMENTS: readonly Moment[] = ["before", "after"];

for (const preserve of [false, true]) {
  for (const isKnown of [false, true]) {
    for (const next of ["first", "second", "third"] as const) {
      const when = `${isKnown ? "a known" : "a new"} scene, ${next} cover next` +
        (preserve ? ", persons' edits kept" : "");
      Deno.test(`an image is what Stash has, wherever the process was killed: ${when}`, async () => {
        for (const moment of MOMENTS) {
          for (let request = 1;; request++) {
            assertEquals(request < MOST_REQUESTS, true, "it ends");
            await using killed = await open({ isKnown, preserve });
            change(killed, "second");
            if (!await killed.run(request, moment)) break;
            // While what was sent may not show yet; or when it shows, and looks like a person's.
            if (preserve) killed.rig.runtime.jump(LAG_MS);
            if (next !== "second") change(killed, next);
            await killed.run();
            const want = digestOf(next);
            assertEquals(shown(killed), [want, want], `killed ${moment} request ${request}`);
          }
        }
      });
    }
  }
}

Deno.test("an image of ours is no person's choice, though the process was killed twice", async () => {
  for (const isKnown of [false, true]) {
    for (let first = 1;; first++) {
      await using one = await open({ isKnown, preserve: true });
      change(one, "second");
      if (!await one.run(first, "after")) break;
      // Only what may have changed something makes a difference to the next.
      if (one.rig.plex.requests().at(-1)?.method === "GET") continue;
      for (let second = 1;; second++) {
        await using killed = await open({ isKnown, preserve: true });
        change(killed, "second");
        await killed.run(first, "after");
        change(killed, isKnown ? "first" : "second");
        const isOver = !await killed.run(second);
        change(killed, isKnown ? "first" : "third");
        await killed.run();
        const want = digestOf(isKnown ? "first" : "third");
        assertEquals(shown(killed), [want, want], `killed at ${first}, then at ${second}`);
        if (isOver) break;
      }
    }
  }
});

/** A process that was killed once a request of its own was answered that did this. */
async function killedWhen(play: Play, isDone: (rig: Rig) => boolean): Promise<KilledWorker> {
  for (let request = 1; request < MOST_REQUESTS; request++) {
    const killed = await open(play);
    const before = killed.rig.writes().length;
    change(killed, "second");
    await killed.run(request, "after");
    if (killed.rig.writes().length > before && isDone(killed.rig)) return killed;
    await killed[Symbol.asyncDispose]();
  }
  throw new Error("It never came to that");
}

Deno.test("what a person chose after the process was killed is kept", async () => {
  for (const isKnown of [false, true]) {
    const isSent = (rig: Rig) => rig.writes().at(-1)!.endsWith("/posters");
    await using killed = await killedWhen({ isKnown, preserve: true }, isSent);
    await ask(killed.rig, "POST", "/library/metadata/1/posters", bytesOf("third"));
    killed.rig.runtime.jump(LAG_MS);
    change(killed, "first");
    await killed.run();
    assertEquals(shown(killed)[0], digestOf("third"));
  }
});
