import {
  openInstallation,
  openServerSettings,
  openSettings,
  openToAsk,
} from "../../app/installation.ts";
import { lockHolder } from "../../app/data/lock.ts";
import { listPins, pinScene, unpinScene } from "../../app/scenes/pins.ts";
import { redactorOf } from "../../app/redactor.ts";
import { UserError } from "../../core/failures/errors.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { instant } from "../../core/text/wording.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print, table } from "../terminal/output.ts";
import { targetNamed } from "../../app/targets.ts";

export const command: Command = {
  usage: "match",
  summary: "Say which item of Plex a scene is, or that it is none",
  notes: [
    "SCENE is the scene's number in Stash, as in its address: /scenes/12. ITEM is the item's " +
    "ratingKey in Plex, which stands in its address behind metadata%2F, or none.",
    "A pin is stronger than any other evidence and stays until unpin. It follows the files of the " +
    "scene and of the item, and ends with a move to another Plex server.",
    "A scene that is pinned to none is skipped: what was written for it is taken back.",
    "The scene is queued: the daemon (plexsync run) writes it.",
  ],
  actions: {
    list: { summary: "the pins" },
    pin: { words: "SCENE ITEM", summary: "the scene is this item, or none" },
    unpin: { words: "SCENE", summary: "let the evidence decide again" },
  },
  usualAction: "list",
  isServed: true,
  examples: [
    { line: "plexsync match pin 12 3456", tells: "scene 12 is item 3456" },
    { line: "plexsync match pin 12 none", tells: "scene 12 is never written to Plex" },
    { line: "plexsync match unpin 12", tells: "let the evidence decide again" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [scene = "", item = ""] = invocation.words;
  switch (invocation.action) {
    case "pin":
      return await pin(readNumber(scene), readItem(item), invocation);
    case "unpin":
      return await unpin(readNumber(scene), invocation);
    default:
      return await list(invocation);
  }
}

function readNumber(word: string): string {
  if (/^[1-9]\d{0,17}$/.test(word)) return word;
  throw new UserError(
    `Not a number: "${word}"`,
    "usage",
    "For example: plexsync match pin 12 3456",
  );
}

/** ITEM; where there are several targets, the key of one stands before it: plex:3456. */
function readItem(word: string): { target: string | null; item: string | null } {
  const [first, second] = word.split(":", 2);
  const [target, item] = second === undefined ? [null, first!] : [first!, second];
  return { target, item: item === "none" ? null : readNumber(item) };
}

async function list(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  const pins = redactorOf(settings)(listPins(installation));
  print(invocation, pins.map(pinJson), (paint) =>
    table(
      ["SCENE", "ITEM", "MADE", "FILE OF THE SCENE", "FILE OF THE ITEM"],
      pins.map(({ target, scene_id, item, made_at, files, paths }) => [
        scene_id,
        (target === undefined ? "" : `${target}:`) + (item ?? "none"),
        instant(made_at),
        files[0]?.path ?? "",
        paths[0] ?? "",
      ]),
      paint,
    ) || "No pins\n");
  return 0;
}

/** A pin as `--json` has it. Names are stable. */
function pinJson({ files, ...pin }: ReturnType<typeof listPins>[number]) {
  return {
    ...pin,
    files: files.map(({ path, size, durationMs }) => ({ path, size, duration_ms: durationMs })),
  };
}

async function pin(
  sceneId: string,
  { target, item }: ReturnType<typeof readItem>,
  invocation: Invocation,
): Promise<number> {
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  using installation = await openInstallation(settings);
  const { pin: { paths }, owners } = await pinScene(
    sceneId,
    item,
    targetNamed(installation.targets, target).key,
    installation,
  );
  const daemon = lockHolder(settings.files.lock)?.pid ?? null;
  print(invocation, { scene_id: sceneId, item, owners, daemon }, () => {
    const to = item === null ? "no item" : `item ${item}, ${escapeLine(paths[0] ?? "")}`;
    const until = owners.length === 0
      ? ""
      : `Until now it was written for scene ${owners.join(", ")}\n`;
    return `Pinned scene ${sceneId} to ${to}\n${until}${daemonHint(daemon)}`;
  });
  return 0;
}

async function unpin(sceneId: string, invocation: Invocation): Promise<number> {
  // Stash may hold the rules for paths, which tell whom the change concerns.
  using settings = await openServerSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  unpinScene(sceneId, installation);
  const daemon = lockHolder(settings.files.lock)?.pid ?? null;
  print(
    invocation,
    { scene_id: sceneId, daemon },
    () => `Unpinned scene ${sceneId}\n${daemonHint(daemon)}`,
  );
  return 0;
}

function daemonHint(daemon: number | null): string {
  return daemon === null ? "No daemon runs: start it with plexsync run\n" : "";
}
