/**
 * The program as it is, with a watch on its event loop: how long nothing else could run. Ends with
 * one line of JSON on stdout, an array of `[end, ms, processor ms]`: epoch ms, how long it stood still,
 * and how much of that it worked, which is less where another process was on its turn.
 */
import process from "node:process";
import { FACES } from "../../main.ts";
import { realWorld } from "../../src/app/world.ts";
import { program } from "../../src/cli/frame/program.ts";

const TICK_MS = 2;
/** Shorter ones are the machine's own. */
const LEAST_MS = 10;

const stalls: [number, number, number][] = [];
let last = performance.now();
let used = process.cpuUsage();
const timer = setInterval(() => {
  const now = performance.now();
  const ms = now - last - TICK_MS;
  if (ms >= LEAST_MS) {
    const { user, system } = process.cpuUsage(used);
    stalls.push([Date.now(), Math.round(ms), Math.round(Math.min(ms, (user + system) / 1_000))]);
  }
  used = process.cpuUsage();
  last = now;
}, TICK_MS);
const code = await program(Deno.args, realWorld(), FACES);
clearInterval(timer);
console.log(JSON.stringify(stalls));
Deno.exitCode = code;
