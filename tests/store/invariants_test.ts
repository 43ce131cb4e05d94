/** Proves that the invariants can fail: each is broken once by hand. */
import { assertEquals } from "@std/assert";
import { buried, claimed } from "./samples.ts";
import { assertInvariants, brokenRules } from "./invariants.ts";
import { storeTest } from "./temp_store.ts";

/** What breaks a rule, in a store with a running job of scene 1 and a dead letter of scene 2. */
const damages: { rule: string; sql: string }[] = [
  { rule: "no job is both in the queue and dead", sql: "UPDATE jobs SET id = 1" },
  { rule: "what died is not in the queue", sql: "UPDATE jobs SET id = 1" },
  { rule: "each dead letter has its outcome", sql: "DELETE FROM outcomes" },
  {
    rule: "just a running job has a lease",
    sql: "PRAGMA ignore_check_constraints = ON; UPDATE jobs SET lease_owner = NULL",
  },
  {
    rule: "references hold",
    sql: "PRAGMA foreign_keys = OFF; INSERT INTO scene_files VALUES ('99', 'a', 'a', 'a', 0, NULL)",
  },
  { rule: "each item has files", sql: "INSERT INTO index_items VALUES ('plex', '5', '1', 0, 0)" },
  {
    rule: "one outage per server at a time",
    sql: `INSERT INTO outages (server, started_at, cause)
      VALUES ('plex', 1, 'refused'), ('plex', 2, 'refused')`,
  },
  {
    rule: "a link is of a scene that is there",
    sql: `INSERT INTO scenes VALUES ('1', '', '', 5, 0);
      INSERT INTO scene_links VALUES ('tag', '5', '1')`,
  },
  {
    rule: "a scene that is gone was written",
    sql: "INSERT INTO scenes VALUES ('1', '', '', 5, 0)",
  },
  { rule: "what a job belongs to is known", sql: "DELETE FROM runs" },
  {
    rule: "references hold",
    sql: "PRAGMA foreign_keys = OFF; INSERT INTO scene_links VALUES ('tag', '5', '9')",
  },
  { rule: "lost", sql: "DELETE FROM jobs" },
  { rule: "lost", sql: "DELETE FROM dead_letters" },
  { rule: "totals", sql: "UPDATE totals SET value = value + 1 WHERE name = 'jobs_failed'" },
  { rule: "totals", sql: "DELETE FROM totals WHERE name = 'error:TransientError'" },
  { rule: "rows are counted", sql: "UPDATE row_counts SET count = count - 1" },
  { rule: "hours", sql: "UPDATE hour_sums SET value = value + 1 WHERE name = 'jobs_failed'" },
  { rule: "hours sum up", sql: "DELETE FROM hour_sums WHERE name = 'outcome:dead'" },
  { rule: "totals", sql: "UPDATE outcomes SET duration_ms = duration_ms + 1" },
];

for (const { rule, sql } of damages) {
  storeTest(`brokenRules() names "${rule}" after ${sql.split(" ")[0]}`, ({ store }) => {
    buried(store, "2");
    claimed(store, "1");
    const accepted = ["1", "2"];
    assertInvariants(store.database, { accepted });
    store.database.exec(sql);
    const broken = brokenRules(store.database, { accepted });
    assertEquals(broken.some((each) => each.startsWith(rule)), true, broken.join("\n"));
  });
}
