/**
 * Asks the server at the first argument with a limit of 64 MiB, and prints what it came to, and how many MiB
 * that took at most.
 */
import { boundedFetch } from "../../src/core/http/bounded_fetch.ts";

const [url] = Deno.args;
let peak = 0;
const look = setInterval(() => {
  peak = Math.max(peak, Math.ceil(Deno.memoryUsage().rss / (1 << 20)));
}, 2);
try {
  const { status, body } = await boundedFetch(fetch, {
    url: url!,
    method: "GET",
    headers: {},
    headersTimeoutMs: 10_000,
    silenceTimeoutMs: 10_000,
    maxBytes: 64 << 20,
  });
  console.log(status, body.length);
} catch (thrown) {
  console.log((thrown as Error).message);
}
clearInterval(look);
console.log(peak);
