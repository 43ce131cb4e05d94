/**
 * The program as it is, with a watch on its event loop: how long nothing else could run. Ends with
 * one line of JSON on stdout, an array of `[end, ms]` (epoch ms, and how long it stood still).
 */
import { FACES } from "../../main.ts";
import { realWorld } from "../../src/app/world.ts";
import { program } from "../../src/cli/frame/program.ts";

const TICK_MS = 2;
/** Shorter ones are the machine's own. */
const LEAST_MS = 10;

const stalls: [number, number][] = [];
let last = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  const ms = now - last - TICK_MS;
  if (ms >= LEAST_MS) stalls.push([Date.now(), Math.round(ms)]);
  last = now;
}, TICK_MS);
const code = await program(Deno.args, realWorld(), FACES);
clearInterval(timer);
console.log(JSON.stringify(stalls));
Deno.exitCode = code;
