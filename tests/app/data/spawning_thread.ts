/** Starts children one after the other until it is ended; says so once the first has ended. */
const thread = self as unknown as { postMessage(message: string): void };
for (let first = true;; first = false) {
  await new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).output();
  if (first) thread.postMessage("started");
}
