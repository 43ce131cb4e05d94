import { textOf } from "../../core/match/candidate_text.ts";
import type { AttemptFacts } from "./ledger.ts";
import type { Ready } from "./gathered.ts";

/** Which item an attempt was about, at which of its files, and why it is the scene's. */
export function itemFacts(
  { item, match, memory }: Pick<Ready, "item" | "match" | "memory">,
): Pick<AttemptFacts, "items" | "path" | "candidates"> {
  const made = match ?? memory?.match ?? null;
  if (made === null) {
    return { items: [item.id], path: item.files[0]?.path ?? null, candidates: [] };
  }
  const { path, evidence } = made;
  const text = textOf({ item: item.id, path, evidence, contradicted: false });
  return { items: [item.id], path, candidates: [text] };
}
