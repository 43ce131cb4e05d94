import { assertEquals } from "@std/assert";
import { newestStampOf } from "../../src/core/meta_keys.ts";
import { StampCursor } from "../../src/intake/stamp_cursor.ts";
import type { Stamp } from "../../src/stash/changes.ts";
import { storeTest } from "../store/temp_store.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = "2026-03-01T11:00:00Z";

/** Stamps by which nobody can go on. */
const ODD = ["", "yesterday", "2026-13-45T99:00:00Z", "17", "2099-01-01T00:00:00Z"];

storeTest(
  "a stamp that is no time, or lies ahead, is not stored as the cursor, wherever it is seen",
  ({ store }) => {
    const cursor = new StampCursor("scene", store.meta);
    const poll = (...pages: Stamp[][]) => {
      cursor.begin(NOW);
      for (const page of pages) cursor.note(page, NOW, NOW);
      cursor.end();
      return store.meta.get(newestStampOf("scene"));
    };
    for (const [n, updatedAt] of ODD.entries()) {
      const good = { id: "1", updatedAt: GOOD, name: "" };
      const odd = (of: string) => ({ id: `${of}${n}`, updatedAt, name: "" });
      assertEquals(poll([good, odd("last")]), GOOD, updatedAt);
      assertEquals(poll([good], [odd("apart")]), GOOD, updatedAt);
      assertEquals(poll([odd("alone")]), GOOD, updatedAt);
    }
  },
);
