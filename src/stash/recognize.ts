import { createStashHttp, type StashHttpOptions } from "./http.ts";
import { fields } from "./read_scene.ts";

/** Whether a Stash answers there, with a password or without; needs no key, and never rejects. */
export async function isStash(options: StashHttpOptions): Promise<boolean> {
  const request = { action: "look for Stash" };
  // Even a Stash without a password refuses a key that is not its own.
  const http = createStashHttp({ ...options, apiKey: "", user: "", password: "" });
  try {
    const { status, headers } = await http.get(request, "graphql", {});
    // A word of its own: what stands before a server asks in other ways.
    if (status === 401) return /^formbased/i.test(headers.get("www-authenticate") ?? "");
    const { data } = await http.query(request, "{ version { version } }");
    return fields(data.version) !== null;
  } catch {
    return false;
  }
}
