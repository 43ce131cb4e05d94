import { machineOf } from "../../core/meta_keys.ts";
import { webLink } from "../../target/plex/web_link.ts";
import type { Installation } from "../installation.ts";
import { targetNamed } from "../targets.ts";

/** Where a person finds an item of a target; null while it is not known whose item it is. */
export function itemLink(
  target: string,
  item: string,
  { store, targets }: Pick<Installation, "store" | "targets">,
): string | null {
  const { url } = targetNamed(targets, target);
  const server = store.meta.get(machineOf(target));
  return url === "" || server === undefined ? null : webLink(url, server, item);
}
