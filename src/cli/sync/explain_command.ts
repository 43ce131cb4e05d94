import { explainScene, type Explanation } from "../../app/scenes/explain.ts";
import { openInstallation, openServerSettings } from "../../app/installation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { UserError } from "../../core/failures/errors.ts";
import { instant } from "../../core/text/wording.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { facts, print } from "../terminal/output.ts";
import { planText } from "./plan_text.ts";

export const command: Command = {
  usage: "explain SCENE",
  summary: "Tell why a scene is written to an item of Plex, or to none",
  notes: [
    "SCENE is the scene's number in Stash, as in its address: /scenes/12. Nothing is written.",
  ],
  isServed: true,
  examples: [
    { line: "plexsync explain 12", tells: "files, candidates, decision, and what would change" },
  ],
  words: "SCENE",
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [scene = ""] = invocation.words;
  if (!/^[1-9]\d{0,17}$/.test(scene)) {
    throw new UserError(`Not a number: "${scene}"`, "usage", "For example: plexsync explain 12");
  }
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  using installation = await openInstallation(settings);
  const found = redactorOf(settings)(await explainScene(scene, installation));
  print(invocation, found, () => found.map(textOf).join("\n"));
  return 0;
}

function textOf(found: Explanation): string {
  const { job, dead_letter: letter } = found;
  const rows: string[][] = [["Scene", `${found.scene_id} ${found.title}`]];
  for (const { stash, path, rule, there, shared } of found.files) {
    rows.push(["File in Stash", shared ? `${stash} (another scene has the same file)` : stash]);
    const by = rule === null ? "same path" : rule === "owner" ? "by path_map" : "by a learned rule";
    rows.push(["Looked for at", `${path} (${by}; ${there ? "it is there" : "not there"})`]);
  }
  if (found.pinned_to !== null) rows.push(["Pinned to", found.pinned_to]);
  for (const { text } of found.candidates) rows.push(["Candidate", text]);
  rows.push(["Decision", found.because]);
  for (const { item, written_at, evidence } of found.written) {
    rows.push(["Written", `to item ${item}, ${instant(written_at)} (${evidence ?? "unknown"})`]);
  }
  if (job !== null) {
    rows.push(["Job", `${job.state}, ${job.looks} vain looks, next ${instant(job.next_at)}`]);
  }
  if (letter !== null) {
    rows.push(["Dead letter", `#${letter.id} ${letter.error_type}: ${letter.error_message}`]);
    rows.push(["Hint", letter.hint]);
  }
  return `${facts(rows)}\n${found.plans.map(planText).join("")}`;
}
