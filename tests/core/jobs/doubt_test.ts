import { assertEquals } from "@std/assert";
import {
  asItemsOwn,
  isDoubtful,
  isOfSource,
  isProven,
  proofsFor,
} from "../../../src/core/jobs/doubt.ts";
import type { ErrorType } from "../../../src/core/failures/error_types.ts";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";

const DOUBTFUL: Record<ErrorType, boolean> = {
  TransientError: true,
  PlexTemporaryError: true,
  PlexServerDown: true,
  PlexUnauthorized: true,
  PlexNotFound: false,
  AmbiguousMatch: false,
  SharedItem: false,
  PermanentError: false,
  PlexPermanentError: false,
  // Stash was asked already when it failed, and what nobody foresaw is a bug of the job's.
  StashUnavailable: false,
  SceneGone: false,
  Unknown: false,
};
for (const [type, doubtful] of Object.entries(DOUBTFUL) as [ErrorType, boolean][]) {
  Deno.test(`a failed write of type ${type} is ${doubtful ? "" : "not "}to be asked about`, () => {
    assertEquals(isDoubtful(new PlexsyncError(type, "failed")), doubtful);
  });
}

Deno.test("a cover that Stash does not give says nothing about the target", () => {
  const cause = new PlexsyncError("StashUnavailable", "answered 502");
  assertEquals(isOfSource(new PlexsyncError("TransientError", "no cover", { cause })), true);
  assertEquals(isOfSource(new PlexsyncError("TransientError", "no poster")), false);
});

Deno.test("whatever is refused with a status may be refused to all, what we refuse ourselves is one's own", () => {
  const refused = (status?: number) => new PlexsyncError("PlexPermanentError", "no", { status });
  const statuses = [301, 304, 400, 403, 405, 451, undefined, 200];
  assertEquals(
    statuses.map((status) => isDoubtful(refused(status))),
    [true, true, true, true, true, true, false, false],
  );
});

Deno.test("what is answered 404 may be refused to all", () => {
  assertEquals(isDoubtful(new PlexsyncError("PlexNotFound", "no", { status: 404 })), true);
});

Deno.test("proofsFor() asks for more the nearer the end is, and never for very many", () => {
  assertEquals([0, 1, 5, 20].map(proofsFor), [3, 4, 8, 12]);
  assertEquals([isProven(3, 0, 4), isProven(4, 0, 4)], [false, true]);
});

for (
  const [succeeded, failed, proven] of [
    [0, 0, false],
    [2, 0, false],
    [3, 0, true],
    [3, 1, false],
    [18, 1, true],
    [18, 2, true],
    [18, 3, false],
    [35, 15, false],
  ] as const
) {
  Deno.test(`${succeeded} writes of others and ${failed} failures prove ${proven ? "it" : "nothing"}`, () => {
    assertEquals(isProven(succeeded, failed), proven);
  });
}

Deno.test("asItemsOwn() keeps status, message and the wish to be left alone", () => {
  const down = new PlexsyncError("PlexServerDown", "answered 503", {
    status: 503,
    retryAfterMs: 9,
  });
  const { type, message, status, retryAfterMs } = asItemsOwn(down);
  assertEquals([type, message, status, retryAfterMs], [
    "PlexTemporaryError",
    "answered 503",
    503,
    9,
  ]);
  assertEquals(asItemsOwn(new PlexsyncError("PlexUnauthorized", "no")).type, "PlexPermanentError");
});
