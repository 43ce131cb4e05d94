/** The queue beside another one, where that can be installed without being built. */
import { assertEquals } from "@std/assert";
import { CASES } from "../../scripts/bench/cases.ts";
import { installRival } from "../../scripts/bench/rival.ts";
import { NEVER, tiny } from "./tiny.ts";

const missing = await whyMissing();

async function whyMissing(): Promise<string | null> {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-bench-" });
  try {
    return await installRival(folder, false, NEVER);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "the benchmark queue measures plainjob too" +
    (missing === null ? "" : ` (better-sqlite3 cannot be installed here: ${missing})`),
  ignore: missing !== null,
  async fn() {
    const { figures, skipped } = await tiny(CASES.queue!);
    assertEquals(skipped, []);
    const rivals = figures.filter(({ what }) => what.startsWith("plainjob"));
    assertEquals(rivals.map(({ what }) => what.split(",")[0]), [
      "plainjob durable",
      "plainjob undurable",
    ]);
  },
});
