import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  baseUrl,
  boundedFetch,
  type BoundedRequest,
  TransportFailure,
} from "../../../src/core/http/bounded_fetch.ts";
import { refusedUrl, serve, serveRaw } from "../../target/plex/stub_server.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
/** A body that is read piece by piece: it is too large, or does not tell its length. */
const LARGE_HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
const OPEN_HEAD = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

function get(url: string, limits: Partial<BoundedRequest> = {}) {
  return boundedFetch(fetch, {
    url: `${url}/secret-path?secret=query`,
    method: "GET",
    headers: {},
    headersTimeoutMs: 10_000,
    silenceTimeoutMs: 10_000,
    maxBytes: 1_000_000,
    ...limits,
  });
}

async function failureOf(exchange: Promise<unknown>): Promise<TransportFailure> {
  const failure = await assertRejects(() => exchange, TransportFailure);
  assert(!failure.message.includes("secret"), failure.message);
  return failure;
}

Deno.test("boundedFetch() fails as unreachable when nothing listens", async () => {
  const failure = await failureOf(get(refusedUrl()));
  assertEquals(failure.kind, "unreachable");
});

const CUTS = [
  { when: "closed before the headers", act: "end", bytes: "", kind: "unreachable" },
  { when: "reset before the headers", act: "reset", bytes: "", kind: "unreachable" },
  { when: "something that is not HTTP", act: "end", bytes: "hello\r\n\r\n", kind: "unreachable" },
  { when: "closed within the body", act: "end", bytes: `${HEAD}part`, kind: "body-cut" },
] as const;

for (const { when, act, bytes, kind } of CUTS) {
  Deno.test(`boundedFetch() fails as ${kind} when the answer is ${when}`, async () => {
    await using server = await serveRaw((socket) => {
      if (act === "reset") socket.resetAndDestroy();
      else socket.end(bytes);
    });
    assertEquals((await failureOf(get(server.url))).kind, kind);
  });
}

Deno.test("boundedFetch() fails as headers-timeout when no answer begins", async () => {
  await using server = await serveRaw(() => {});
  const failure = await failureOf(get(server.url, { headersTimeoutMs: 50 }));
  assertEquals(failure.kind, "headers-timeout");
  assertEquals(failure.message, "gave no answer within 0.1 s");
});

const SIZES = [
  { size: "small", head: HEAD },
  { size: "large", head: LARGE_HEAD },
  { size: "open", head: OPEN_HEAD },
];

for (const { size, head } of SIZES) {
  Deno.test(`boundedFetch() fails as body-timeout when a ${size} body falls silent`, async () => {
    await using server = await serveRaw((socket) => void socket.write(`${head}part`));
    const failure = await failureOf(get(server.url, { silenceTimeoutMs: 50 }));
    assertEquals(failure.kind, "body-timeout");
    assertEquals(failure.message, "fell silent for 0.1 s in the middle of its answer");
  });
}

Deno.test("boundedFetch() fails as body-timeout when a body trickles without end", async () => {
  await using server = await serveRaw((socket) => {
    socket.write(LARGE_HEAD);
    const drip = setInterval(() => socket.write("x"), 10);
    socket.on("close", () => clearInterval(drip));
  });
  const failure = await failureOf(get(server.url, { silenceTimeoutMs: 100 }));
  assertEquals(failure.message, "did not end its answer within 1 s");
});

Deno.test("boundedFetch() gives a small body the silence limit for all of it", async () => {
  await using server = await serveRaw((socket) => {
    socket.write(HEAD);
    const drip = setInterval(() => socket.write("x"), 10);
    socket.on("close", () => clearInterval(drip));
  });
  const failure = await failureOf(get(server.url, { silenceTimeoutMs: 300 }));
  assertEquals(failure.kind, "body-timeout");
});

Deno.test("boundedFetch() lets a slow body pass that keeps coming", async () => {
  await using server = await serveRaw((socket) => {
    let left = 6;
    socket.write(OPEN_HEAD);
    const drip = setInterval(() => {
      socket.write("x");
      if (--left === 0) {
        clearInterval(drip);
        socket.end();
      }
    }, 150);
  });
  // Six pieces take longer than both limits; none of them is late by itself.
  const answer = await get(server.url, { headersTimeoutMs: 500, silenceTimeoutMs: 600 });
  assertEquals(new TextDecoder().decode(answer.body), "xxxxxx");
});

for (const declared of [true, false]) {
  const how = declared ? "declares" : "sends";
  Deno.test(`boundedFetch() fails as body-too-large when the answer ${how} too much`, async () => {
    await using server = await serve(() => {
      const bytes = new Uint8Array(3000);
      return new Response(declared ? bytes : new Blob([bytes]).stream());
    });
    const failure = await failureOf(get(server.url, { maxBytes: 2048 }));
    assertEquals(failure.kind, "body-too-large");
    assertEquals(failure.message, "answered with more than 2 KiB");
  });
}

Deno.test("boundedFetch() answers with the status of an error whose body is cut or endless", async () => {
  for (const bytes of ["part", "x".repeat(200_000)]) {
    await using server = await serveRaw((socket) =>
      void socket.end(`HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n${bytes}`)
    );
    const answer = await get(server.url, { maxBytes: 10 });
    assertEquals(answer.status, 500);
    assertEquals(answer.body.byteLength, Math.min(bytes.length, 65_536));
  }
});

Deno.test("boundedFetch() shares time-outs among requests: each lasts until it runs out", async () => {
  const made: number[] = [];
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (ms) => {
    made.push(ms);
    return timeout.call(AbortSignal, ms);
  };
  try {
    await using server = await serve(() => Response.json({}));
    for (let sent = 0; sent < 20; sent++) {
      await get(server.url, { headersTimeoutMs: 3_000_000, silenceTimeoutMs: 2_000_000 });
    }
  } finally {
    AbortSignal.timeout = timeout;
  }
  assertEquals(made, [3_093_750, 2_062_500]);
});

Deno.test("boundedFetch() waits its whole time when an older request shares the time-out", async () => {
  await using server = await serveRaw(() => {});
  const waited = async () => {
    const start = performance.now();
    await failureOf(get(server.url, { headersTimeoutMs: 640 }));
    return performance.now() - start;
  };
  const first = waited();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const second = waited();
  await first;
  assert(await second >= 640);
});

Deno.test("boundedFetch() does not follow a redirect", async () => {
  await using server = await serve(() =>
    new Response(null, { status: 302, headers: { Location: "/elsewhere" } })
  );
  assertEquals((await get(server.url)).status, 302);
  assertEquals(server.seen.length, 1);
});

Deno.test("boundedFetch() rejects with the caller's own reason when the caller aborts", async () => {
  const stop = new AbortController();
  const reason = new Error("shutdown");
  await using server = await serveRaw(() => stop.abort(reason));
  const thrown = await assertRejects(() => get(server.url, { signal: stop.signal }));
  assertEquals(thrown, reason);
  // And from then on without asking anybody.
  assertEquals(await assertRejects(() => get(refusedUrl(), { signal: stop.signal })), reason);
});

const BASES = [
  { url: "http://plex:32400", want: "http://plex:32400" },
  { url: "http://plex:32400/", want: "http://plex:32400" },
  { url: "https://host/stash//", want: "https://host/stash" },
  { url: "http://user:pass@host/a?token=x#y", want: "http://host/a" },
];

for (const { url, want } of BASES) {
  Deno.test(`baseUrl() keeps host and prefix of ${url}`, () => assertEquals(baseUrl(url), want));
}
