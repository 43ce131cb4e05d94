import { assert, assertEquals, assertMatch } from "@std/assert";
import { TransportFailure } from "../../../src/core/http/bounded_fetch.ts";
import type { ErrorType } from "../../../src/core/failures/error_types.ts";
import {
  type Asked,
  retryAfter,
  statusError,
  transportError,
} from "../../../src/target/plex/classify.ts";

const ITEM: Asked = { action: "edit item 12", subject: "item" };
const SECTION: Asked = { action: "list section 3", subject: "section" };
const SERVER: Asked = { action: "list the libraries", subject: "server" };

function answer(status: number, body = "", headers: Record<string, string> = {}) {
  return {
    status,
    headers: new Headers(headers),
    body: new TextEncoder().encode(body),
  };
}

const STATUSES: [number, ErrorType][] = [
  [301, "PlexPermanentError"],
  [302, "PlexPermanentError"],
  [400, "PlexPermanentError"],
  [401, "PlexUnauthorized"],
  [403, "PlexPermanentError"],
  [404, "PlexNotFound"],
  [408, "PlexTemporaryError"],
  [409, "PlexTemporaryError"],
  [410, "PlexPermanentError"],
  [413, "PlexPermanentError"],
  [414, "PlexPermanentError"],
  [429, "PlexTemporaryError"],
  [500, "PlexTemporaryError"],
  [501, "PlexTemporaryError"],
  [502, "PlexServerDown"],
  [503, "PlexServerDown"],
  [504, "PlexServerDown"],
  [520, "PlexTemporaryError"],
];

for (const [status, type] of STATUSES) {
  Deno.test(`statusError() takes ${status} on an item as ${type}`, () => {
    const error = statusError(ITEM, answer(status, "<h1>any page</h1>"));
    assertEquals(error.type, type);
    assertEquals(error.status, status);
    assertEquals(error.message, `Cannot edit item 12: Plex answered ${status}`);
  });
}

for (const asked of [SECTION, SERVER]) {
  Deno.test(`statusError() takes 404 on a ${asked.subject} as a matter of configuration`, () => {
    const error = statusError(asked, answer(404));
    assertEquals(error.type, "PlexPermanentError");
    assert(error.hint.includes("plex_"), error.hint);
  });
}

Deno.test("statusError() takes 400 as an outage only while Plex is still starting up", () => {
  const starting = answer(400, "<h1>Plex Media Server is Still Starting Up</h1>");
  assertEquals(statusError(ITEM, starting).type, "PlexServerDown");
  assertEquals(statusError(ITEM, answer(400, "bad request")).type, "PlexPermanentError");
});

Deno.test("statusError() never lets the text of other answers decide", () => {
  const misleading = answer(403, "still starting up");
  assertEquals(statusError(ITEM, misleading).type, "PlexPermanentError");
});

Deno.test("statusError() names the origin of a redirect and nothing else of it", () => {
  const moved = answer(301, "", { Location: "https://u:p@plex.example:32400/a?X-Plex-Token=t" });
  const { hint } = statusError(ITEM, moved);
  assertEquals(
    hint,
    "Set plex_url to the address that Plex itself answers on, which seems to be https://plex.example:32400",
  );
});

const KINDS = [
  ["unreachable", "PlexServerDown", "PlexServerDown"],
  ["headers-timeout", "TransientError", "PlexServerDown"],
  ["body-timeout", "TransientError", "PlexServerDown"],
  ["body-cut", "PlexTemporaryError", "PlexTemporaryError"],
  ["body-too-large", "PlexTemporaryError", "PlexTemporaryError"],
] as const;

for (const [kind, onItem, onServer] of KINDS) {
  Deno.test(`transportError() takes ${kind} as ${onItem}, beyond one item as ${onServer}`, () => {
    const failure = new TransportFailure(kind, "did something");
    const error = transportError(ITEM, failure);
    assertEquals(error.type, onItem);
    assertEquals(error.message, "Cannot edit item 12: Plex did something");
    assertEquals(transportError(SERVER, failure).type, onServer);
    assertEquals(transportError(SECTION, failure).type, onServer);
  });
}

const DATE = "Sun, 22 Nov 2026 10:00:00 GMT";
const WAITS: { headers: Record<string, string>; want: number | undefined }[] = [
  { headers: {}, want: undefined },
  { headers: { "Retry-After": "7" }, want: 7_000 },
  { headers: { "Retry-After": "0" }, want: 0 },
  { headers: { "Retry-After": "99999999999" }, want: 3_600_000 },
  { headers: { "Retry-After": "-1" }, want: undefined },
  { headers: { "Retry-After": "soon" }, want: undefined },
  { headers: { "Retry-After": "Sun, 22 Nov 2026 10:01:30 GMT", Date: DATE }, want: 90_000 },
  { headers: { "Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT", Date: DATE }, want: undefined },
  { headers: { "Retry-After": "Sun, 22 Nov 2026 10:01:30 GMT" }, want: undefined },
];

for (const { headers, want } of WAITS) {
  Deno.test(`retryAfter() reads ${JSON.stringify(headers)} as ${want}`, () => {
    assertEquals(retryAfter(new Headers(headers)), want);
  });
}

const SERVED = { name: "Plex", key: "plex_url", url: "https://plex.example:32400" } as const;

const TROUBLES = [
  { trouble: "untrusted", want: /certificate itself, in ca_file/ },
  { trouble: "wrong name", want: /plex_url .*: use the plex\.direct name/ },
  { trouble: "certificate out of date", want: /Renew .* clocks/ },
  { trouble: "no TLS there", want: /begin plex_url with http:/ },
  { trouble: "TLS there", want: /begin plex_url with https:/ },
] as const;

for (const { trouble, want } of TROUBLES) {
  Deno.test(`transportError() says what to do about a connection with ${trouble}`, () => {
    const failure = new TransportFailure("unreachable", "cannot be reached", trouble);
    assertMatch(transportError(SERVER, failure, SERVED).hint, want);
  });
}

Deno.test("what fails behind a proxy is said to go to one", () => {
  const server = { ...SERVED, proxy: "HTTPS_PROXY" };
  const failure = new TransportFailure("unreachable", "cannot be reached");
  const want = /the proxy that HTTPS_PROXY names: .* add plex\.example to NO_PROXY/;
  assertMatch(transportError(SERVER, failure, server).hint, want);
  for (const status of [407, 502, 503]) {
    const error = statusError(ITEM, answer(status), server);
    assertEquals(error.type, "PlexServerDown");
    assertMatch(error.hint, want);
    assertEquals(want.test(statusError(ITEM, answer(status), SERVED).hint), false);
  }
});

Deno.test("statusError() knows what a port for TLS says to plain HTTP", () => {
  const said = answer(400, "Client sent an HTTP request to an HTTPS server.\n");
  assertMatch(statusError(SERVER, said, SERVED).hint, /begin plex_url with https/);
});
