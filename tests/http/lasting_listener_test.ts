import { assertEquals } from "@std/assert";
import { sleep } from "../../src/app/world.ts";
import { LastingListener } from "../../src/http/lasting_listener.ts";
import { Listener } from "../../src/http/listener.ts";

interface Said {
  level: "warning" | "error";
  event: unknown;
}

/** A listener on a socket that is looked at all the time, and the lines that it says. */
async function onSocket(
  use: (path: string, said: Said[], listener: LastingListener) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  const said: Said[] = [];
  const at = (level: Said["level"]) => (_: string, fields: Record<string, unknown> = {}) =>
    void said.push({ level, event: fields.event });
  const listener = await LastingListener.open({
    place: () => path,
    runtime: { sleep },
    log: { warning: at("warning"), error: at("error") },
    async make() {
      // What a listener leaves behind is in the way of the next one.
      await Deno.remove(path).catch(() => {});
      return Listener.open({ path }, { sleep }, () => Promise.resolve(new Response("served")));
    },
    checkMs: 20,
  });
  try {
    await use(path, said, listener);
  } finally {
    await listener.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function asked(path: string): Promise<string> {
  const connection = await Deno.connect({ transport: "unix", path });
  await connection.write(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
  );
  return await new Response(connection.readable).text();
}

async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; !is() && tries < 600; tries++) await sleep(50, new AbortController().signal);
}

Deno.test("a listener to which nobody comes through any more is made anew, and it is said", () =>
  onSocket(async (path, said) => {
    assertEquals((await asked(path)).endsWith("served"), true);
    Deno.removeSync(path);
    await until(() => said.length > 0);
    assertEquals(said, [{ level: "warning", event: "listen_again" }]);
    assertEquals((await asked(path)).endsWith("served"), true);
  }));

Deno.test("one that cannot be made anew is tried again until it can, and it is said once", () =>
  onSocket(async (path, said) => {
    const folder = path.replace(/\/socket$/, "");
    Deno.renameSync(folder, `${folder}-away`);
    await until(() => said.length > 0);
    assertEquals(said, [{ level: "error", event: "listen_failed" }]);
    await sleep(200, new AbortController().signal);
    Deno.renameSync(`${folder}-away`, folder);
    await until(() => said.length > 1);
    assertEquals(said.slice(1), [{ level: "warning", event: "listen_again" }]);
    assertEquals((await asked(path)).endsWith("served"), true);
  }));

Deno.test("a listener to which nobody comes is left alone, on a socket and on an address", async () => {
  const stop = new AbortController().signal;
  const answer = () => Promise.resolve(new Response("served"));
  const folder = await Deno.makeTempDir();
  for (const place of [{ path: `${folder}/s` }, { hostname: "127.0.0.1", port: 0 }]) {
    const listener = await Listener.open(place, { sleep }, answer);
    for (let n = 0; n < 3; n++) assertEquals(await listener.hears(stop), true);
    await listener.close();
    assertEquals(await listener.hears(stop), false);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a listener that takes people in is left alone", () =>
  onSocket(async (path, said) => {
    for (let n = 0; n < 10; n++) {
      assertEquals((await asked(path)).endsWith("served"), true);
      await sleep(20, new AbortController().signal);
    }
    assertEquals(said, []);
  }));
