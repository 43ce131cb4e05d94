import { assert, assertEquals, assertMatch } from "@std/assert";
import { sleep } from "../../src/app/world.ts";
import { type Asked, type Limits, Listener } from "../../src/http/listener.ts";

/** Quick, so that each is met while a test waits. */
const LIMITS: Limits = {
  headMs: 400,
  requestMs: 900,
  idleMs: 400,
  checkMs: 50,
  answerMs: 400,
  connections: 8,
};

const HOUR_MS = 3_600_000;
const WHOLE = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

async function withListener(
  use: (port: number) => Promise<void>,
  answer: (asked: Asked) => Promise<Response> = () => Promise.resolve(new Response("served")),
  limits = LIMITS,
): Promise<void> {
  const address = { hostname: "127.0.0.1", port: 0 };
  const listener = await Listener.open(address, { sleep }, answer, limits);
  try {
    await use(listener.port!);
  } finally {
    await listener.close();
  }
}

/** All that comes until the other side closes. */
async function readAll(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  for (;;) {
    const count = await connection.read(buffer).catch((error) => {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (count === null) return text;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
}

/** Far more than any of the limits: a connection that is still open then would never be closed. */
const PATIENCE_MS = 20_000;

/** @throws {Error} the other side does not close */
async function said(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Still open after ${PATIENCE_MS / 1_000} s: ${JSON.stringify(text)}`)),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([readAll(connection), late]);
  } finally {
    clearTimeout(timer);
  }
}

const LINGERING = [
  { what: "says nothing", text: "", want: /^HTTP\/1.1 408 / },
  { what: "sends half a head", text: "GET / HTTP/1.1\r\nHost: x", want: /^HTTP\/1.1 408 / },
  { what: "asks nothing more", text: WHOLE, want: /^HTTP\/1.1 200 [^]*served$/ },
  {
    what: "asks half of a second thing",
    text: `${WHOLE}GET / HTTP`,
    want: /^HTTP\/1.1 200 [^]*served/,
  },
  {
    what: "sends half a body that is waited for",
    text: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
    want: /^HTTP\/1.1 408 /,
  },
];

for (const { what, text, want } of LINGERING) {
  Deno.test(`a client that ${what} is cut off`, async () => {
    await withListener(
      async (port) => assertMatch(await said(port, text), want),
      async ({ body }) => {
        await new Response(body).text().catch(() => {});
        return new Response("served");
      },
    );
  });
}

Deno.test("half a head is cut off sooner than half a body", async () => {
  const begun = Promise.withResolvers<void>();
  const ended: string[] = [];
  await withListener(
    async (port) => {
      const half = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";
      const body = said(port, half).then(() => void ended.push("body"));
      await begun.promise;
      await said(port, "GET / HTTP/1.1\r\nHost: x").then(() => void ended.push("head"));
      await body;
    },
    async ({ body }) => {
      begun.resolve();
      await new Response(body).text().catch(() => {});
      return new Response("served");
    },
    { ...LIMITS, requestMs: 4_000 },
  );
  assertEquals(ended, ["head", "body"]);
});

Deno.test("a request whose body nobody reads is answered, and the connection closed", async () => {
  await withListener(async (port) => {
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";
    const answer = await said(port, head + "x".repeat(1_000));
    assertMatch(answer, /^HTTP\/1.1 200 [^]*connection: close[^]*served$/i);
  });
});

for (
  const text of [
    "nonsense\r\n\r\n",
    "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\n\r\n",
  ]
) {
  Deno.test(`what is no request gets no answer of ours: ${JSON.stringify(text)}`, async () => {
    await withListener(async (port) => {
      const answer = await said(port, text);
      assert(answer === "" || answer.startsWith("HTTP/1.1 400 "), answer);
      assertMatch(await said(port, WHOLE), /served/);
    });
  });
}

Deno.test("of 300 connections that say nothing few are held, and then others are served", async () => {
  await withListener(async (port) => {
    const held: Deno.Conn[] = [];
    // One after the other: the system takes in a few at once only, and lets the rest try again.
    while (held.length < 300) held.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    const answers = await Promise.all(held.map(readAll));
    for (const connection of held) connection.close();
    const served = answers.filter((answer) => answer.startsWith("HTTP/1.1 408 "));
    assertEquals(served.length <= LIMITS.connections, true);
    assertEquals(
      answers.filter((answer) => answer === "").length >= 300 - LIMITS.connections,
      true,
    );
    assertMatch(await said(port, WHOLE), /served/);
  });
});

const HOLDING = [
  { what: "say nothing", text: "" },
  { what: "send half a head", text: "GET / HTTP/1.1\r\nHost: x" },
  { what: "ask nothing more", text: WHOLE },
  { what: "take no answer", text: WHOLE.replace("/ ", "/large ") },
];

for (const { what, text } of HOLDING) {
  Deno.test(`who comes is served at once, however many others hold a connection and ${what}`, async () => {
    const large = new Uint8Array(16 << 20);
    await withListener(
      async (port) => {
        const held: Deno.Conn[] = [];
        for (let n = 0; n < 2 * LIMITS.connections; n++) {
          const connection = await Deno.connect({ hostname: "127.0.0.1", port });
          await connection.write(new TextEncoder().encode(text)).catch(() => {});
          held.push(connection);
        }
        for (let n = 0; n < 3; n++) {
          assertMatch(
            await said(port, WHOLE.replace("Host", "Connection: close\r\nHost")),
            /served$/,
          );
        }
        for (const connection of held) connection.close();
      },
      ({ path }) => Promise.resolve(new Response(path === "/large" ? large : "served")),
      { ...LIMITS, headMs: HOUR_MS, requestMs: HOUR_MS, idleMs: HOUR_MS, answerMs: HOUR_MS },
    );
  });
}

Deno.test("who asks on and on and takes no answer is cut off after a few", async () => {
  let asked = 0;
  await withListener(
    async (port) => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      const many = new TextEncoder().encode(WHOLE.repeat(2_000));
      const sent = (async () => {
        for (let at = 0; at < many.length;) at += await connection.write(many.subarray(at));
      })();
      await sent.catch(() => {});
      await readAll(connection);
      assert(asked <= 20, String(asked));
    },
    () => {
      asked++;
      return Promise.resolve(new Response(new Uint8Array(1 << 20)));
    },
    { ...LIMITS, answerMs: HOUR_MS },
  );
});

Deno.test("who takes no answer is cut off", async () => {
  await withListener(
    async (port) => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(new TextEncoder().encode(WHOLE));
      await sleep(3 * LIMITS.answerMs);
      const answer = await readAll(connection);
      assertEquals(answer.length < 16 << 20, true);
    },
    () => Promise.resolve(new Response(new Uint8Array(16 << 20))),
  );
});

Deno.test("an answer that cannot be given ends its own connection, and nothing else", async () => {
  await withListener(
    async (port) => {
      assertEquals(await said(port, WHOLE.replace("/ ", "/bad ")), "");
      assertMatch(await said(port, WHOLE.replace("Host", "Connection: close\r\nHost")), /served$/);
    },
    ({ path }) =>
      path === "/bad" ? Promise.reject(new Error("bad")) : Promise.resolve(new Response("served")),
  );
});

Deno.test("what is on the way when it ends is answered, and the client told that this is the last", async () => {
  const address = { hostname: "127.0.0.1", port: 0 };
  const answered = Promise.withResolvers<Response>();
  const listener = await Listener.open(
    address,
    { sleep },
    ({ path }) => path === "/slow" ? answered.promise : Promise.resolve(new Response("served")),
    LIMITS,
  );
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port: listener.port! });
  using kept = await connect();
  using slow = await connect();
  await kept.write(new TextEncoder().encode(WHOLE));
  await kept.read(new Uint8Array(4096));
  await slow.write(new TextEncoder().encode(WHOLE.replace("/ ", "/slow ")));
  const ended = listener.end();
  await kept.write(new TextEncoder().encode(WHOLE));
  assertMatch(await readAll(kept), /^HTTP\/1.1 200 [^]*connection: close[^]*served$/i);
  answered.resolve(new Response("at last"));
  assertMatch(await readAll(slow), /^HTTP\/1.1 200 [^]*connection: close[^]*at last$/i);
  await ended;
});

Deno.test("who says nothing, and who takes no answer, does not hold up the end", async () => {
  const waits: { ms: number; isCutShort: boolean }[] = [];
  const timed = async (ms: number, signal?: AbortSignal) => {
    await sleep(ms, signal);
    if (ms < HOUR_MS) waits.push({ ms, isCutShort: signal?.aborted ?? false });
  };
  const body = new Uint8Array(8 << 20);
  for (const text of ["", "GET / HTTP/1.1\r\nHost: x", WHOLE]) {
    const listener = await Listener.open(
      { hostname: "127.0.0.1", port: 0 },
      { sleep: timed },
      () => Promise.resolve(new Response(body)),
      { ...LIMITS, headMs: HOUR_MS, requestMs: HOUR_MS, answerMs: HOUR_MS },
    );
    using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.port! });
    await client.write(new TextEncoder().encode(text));
    await sleep(100);
    await listener.end();
  }
  assertEquals(waits.map(({ ms, isCutShort }) => [ms > 1_000, isCutShort]), [
    ...[[false, false], [true, true]],
    ...[[false, false], [true, true]],
    ...[[false, false], [true, false]],
  ]);
});
