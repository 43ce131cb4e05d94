/** Who comes while one daemon has gone and the next is not there yet. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { sleep } from "../../src/app/world.ts";
import { UserError } from "../../src/core/failures/errors.ts";
import { type Attendant, type Door, Entrance } from "../../src/http/entrance.ts";
import { Reception } from "../../src/http/reception.ts";
import { exists } from "../exists.ts";

const ANY: Door = { kind: "address", address: { hostname: "127.0.0.1", port: 0 } };
const LONG_MS = 60_000;

/** A daemon that answers with its name. */
function daemon(name: string): Attendant & { said: string[] } {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  return {
    answer: async ({ body }) => new Response(name + await new Response(body).text()),
    log: { warning: say, error: say },
    said,
  };
}

async function withEntrance(
  use: (entrance: Entrance, url: string) => Promise<void>,
  patienceMs = LONG_MS,
): Promise<void> {
  const entrance = await Entrance.open(ANY, { sleep }, patienceMs);
  try {
    await use(entrance, `http://${entrance.place}/`);
  } finally {
    await entrance.close();
  }
}

async function asked(url: string, init?: RequestInit): Promise<string> {
  const answer = await fetch(url, init);
  return `${answer.status} ${await answer.text()}`;
}

/** Asked in the order of the list, and there before this resolves. */
async function askedTogether(url: string, number: number): Promise<Promise<string>[]> {
  const all = Array.from({ length: number }, () => asked(url));
  await sleep(200);
  return all;
}

Deno.test("who comes between two daemons is answered by the next, its body whole", () =>
  withEntrance(async (entrance, url) => {
    const first = daemon("first ");
    entrance.attend(first);
    assertEquals(await asked(url), "200 first ");
    entrance.leave(first);
    const waiting = asked(url, { method: "POST", body: "hook" });
    await sleep(50);
    const second = daemon("second ");
    entrance.attend(second);
    assertEquals(await waiting, "200 second hook");
    // One that was left behind takes nothing away when it ends at last.
    entrance.leave(first);
    assertEquals(await asked(url), "200 second ");
  }));

Deno.test("who waits in vain is told when to come again", () =>
  withEntrance(async (_entrance, url) => {
    const answer = await fetch(url);
    assertEquals([answer.status, answer.headers.get("retry-after")], [503, "5"]);
    assertMatch(await answer.text(), /plexsync ends or starts anew/);
  }, 20));

Deno.test("32 wait for the next daemon, and one more is told to come again", () =>
  withEntrance(async (entrance, url) => {
    const waiting = await askedTogether(url, 33);
    assertMatch(await Promise.race(waiting), /^503 /);
    entrance.attend(daemon("next"));
    const answers = await Promise.all(waiting);
    assertEquals(answers.filter((answer) => answer === "200 next").length, 32);
  }));

Deno.test("who waits when the process ends is told so, and nothing listens afterwards", async () => {
  let url = "";
  let waiting: Promise<string>[] = [];
  await withEntrance(async (_entrance, itsUrl) => {
    url = itsUrl;
    waiting = await askedTogether(url, 3);
  });
  for (const answer of await Promise.all(waiting)) assertMatch(answer, /^503 /);
  await assertRejects(() => fetch(url), TypeError);
});

Deno.test("what nobody was there to be told is said to the next daemon", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/s`;
  const entrance = await Entrance.open({ kind: "socket", path }, {
    // The listener looks after itself without a rest.
    sleep: (ms, signal) => sleep(Math.min(ms, 20), signal),
  });
  Deno.removeSync(path);
  while (!exists(path)) await sleep(20);
  const next = daemon("next");
  await sleep(100);
  entrance.attend(next);
  assertMatch(next.said.join(), /Nobody was taken in on .*: it listens anew/);
  await entrance.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an entrance is the same one for the next daemon, until it is not to be kept", async () => {
  const reception = new Reception({ sleep }, () => Promise.resolve());
  try {
    const one = await reception.at(ANY);
    assert(await reception.at(ANY) === one);
    const taken = Number(one.place.split(":").at(-1));
    const same: Door = { kind: "address", address: { hostname: "127.0.0.1", port: taken } };
    // That one cannot be had changes nothing for who comes to the other.
    await assertRejects(() => reception.at(same), UserError, "Cannot listen on");
    one.attend(daemon("still there"));
    assertEquals(await asked(`http://${one.place}`), "200 still there");
    await reception.keep([]);
    const other = await reception.at(same);
    assertEquals(other.place, one.place);
    // All addresses and one of them are not had beside each other.
    const all: Door = { kind: "address", address: { hostname: "0.0.0.0", port: taken } };
    assertEquals((await reception.at(all)).place, `0.0.0.0:${taken}`);
  } finally {
    await reception.close();
  }
});
