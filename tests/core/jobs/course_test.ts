import { assertEquals } from "@std/assert";
import { MAX_WAIT_CHECKS } from "../../../src/core/jobs/backoff.ts";
import { ERROR_TYPES, type ErrorType } from "../../../src/core/failures/error_types.ts";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { HINTS } from "../../../src/core/failures/hints.ts";
import { afterFailedAttempt, COURSE } from "../../../src/core/jobs/course.ts";

const context = { now: 1_000, random: 0.5, maxRetries: 5, files: [] };
const fresh = { retry_count: 0, wait_count: 0 };

const first: Record<ErrorType, string> = {
  TransientError: "retry",
  PlexTemporaryError: "retry",
  Unknown: "retry",
  PlexServerDown: "back",
  PlexUnauthorized: "back",
  StashUnavailable: "back",
  PlexNotFound: "waiting",
  AmbiguousMatch: "dead",
  SharedItem: "dead",
  PermanentError: "dead",
  PlexPermanentError: "dead",
  SceneGone: "done",
};
for (const type of ERROR_TYPES) {
  Deno.test(`afterFailedAttempt() sends ${type} to ${first[type]}`, () => {
    assertEquals(afterFailedAttempt(fresh, new PlexsyncError(type, "x"), context).to, first[type]);
  });
}

Deno.test("promise 4: an outage never becomes a dead letter, however many attempts failed", () => {
  for (const type of ERROR_TYPES.filter((type) => COURSE[type] === "outage")) {
    const tired = { retry_count: 99, wait_count: 99 };
    assertEquals(afterFailedAttempt(tired, new PlexsyncError(type, "x"), context), {
      to: "back",
      at: 1_000,
    });
  }
});

Deno.test("a retry comes after its backoff, and a dead letter after max_retries of them", () => {
  const error = new PlexsyncError("TransientError", "x");
  assertEquals(afterFailedAttempt(fresh, error, context), { to: "retry", at: 3_500 });
  assertEquals(afterFailedAttempt({ ...fresh, retry_count: 4 }, error, context).to, "retry");
  assertEquals(afterFailedAttempt({ ...fresh, retry_count: 5 }, error, context).to, "dead");
});

Deno.test("a server's own wish for when to come back is heard", () => {
  const error = new PlexsyncError("PlexTemporaryError", "x", { retryAfterMs: 60_000 });
  assertEquals(afterFailedAttempt(fresh, error, context), { to: "retry", at: 61_000 });
});

Deno.test("waiting for Plex ends in a dead letter after the last look", () => {
  const error = new PlexsyncError("PlexNotFound", "x");
  assertEquals(afterFailedAttempt({ ...fresh, wait_count: 2 }, error, context), {
    to: "waiting",
    at: 121_000,
    files: [],
  });
  const last = { ...fresh, wait_count: MAX_WAIT_CHECKS };
  assertEquals(afterFailedAttempt(last, error, context).to, "dead");
});

Deno.test("every error type has a hint that says what to do", () => {
  for (const type of ERROR_TYPES) assertEquals(HINTS[type].length > 10, true, type);
});
