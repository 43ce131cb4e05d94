/** Opens the store, says so, waits for its standard input to close, then enqueues scenes. */
import type { DriverChoice } from "../../src/store/database/driver.ts";
import { T0 } from "./samples.ts";
import { openStore } from "../../src/store/store.ts";
import { TARGETS } from "../one_target.ts";

const [path, driver, first, count, step] = Deno.args as [string, DriverChoice, ...string[]];
const store = await openStore(path, TARGETS, {
  driver,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
write("ready\n");
for await (const _ of Deno.stdin.readable);

const totals = { added: 0, merged: 0 };
for (let i = 0; i < Number(count); i += Number(step)) {
  const scenes = Array.from({ length: Number(step) }, (_, j) => `${Number(first) + i + j}`);
  const { added, merged } = store.jobs.enqueue(scenes, "hook", T0);
  totals.added += added;
  totals.merged += merged;
}
store.close();
write(JSON.stringify(totals) + "\n");
