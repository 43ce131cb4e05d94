import { UserError } from "../core/errors.ts";
import { type Database, transaction } from "./database.ts";
import { schemaVersion } from "./snapshot.ts";

/** Schema by version: entry n brings a database from version n to n + 1. Never edited once released. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scene_id TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    priority INTEGER NOT NULL,
    generation INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'waiting')),
    retry_count INTEGER NOT NULL DEFAULT 0,
    wait_count INTEGER NOT NULL DEFAULT 0,
    next_retry_at INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    last_error_type TEXT,
    last_error_message TEXT,
    path TEXT,
    enqueued_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
  ) STRICT;
  CREATE INDEX jobs_claim ON jobs (state, priority DESC, enqueued_at, id, next_retry_at);
  CREATE INDEX jobs_due ON jobs (state, next_retry_at);

  -- The files that a waiting job hopes to see in Plex.
  CREATE TABLE waiting_files (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    name_key TEXT NOT NULL,
    size INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX waiting_files_job ON waiting_files (job_id);
  CREATE INDEX waiting_files_name ON waiting_files (name_key);
  CREATE INDEX waiting_files_size ON waiting_files (size);

  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    scene_id TEXT NOT NULL UNIQUE,
    job_data TEXT NOT NULL,
    error_type TEXT NOT NULL,
    error_message TEXT NOT NULL,
    stack_trace TEXT,
    retry_count INTEGER NOT NULL,
    path TEXT,
    hint TEXT NOT NULL,
    failed_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_type ON dead_letters (error_type);
  CREATE INDEX dead_letters_failed ON dead_letters (failed_at);

  CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    scene_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error_type TEXT,
    error_message TEXT,
    duration_ms INTEGER NOT NULL,
    confidence TEXT,
    rating_key TEXT,
    changed_fields TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outcomes_at ON outcomes (at);
  CREATE INDEX outcomes_scene ON outcomes (scene_id);

  CREATE TABLE totals (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE plex_sections (
    section_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    type_number INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    swept_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE plex_items (
    rating_key TEXT PRIMARY KEY,
    section_id TEXT NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX plex_items_section ON plex_items (section_id, seen_at);
  CREATE TABLE plex_files (
    rating_key TEXT NOT NULL REFERENCES plex_items (rating_key) ON DELETE CASCADE,
    path TEXT NOT NULL,
    path_key TEXT NOT NULL,
    name_key TEXT NOT NULL,
    size INTEGER NOT NULL,
    duration_ms INTEGER,
    PRIMARY KEY (rating_key, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX plex_files_path ON plex_files (path_key);
  CREATE INDEX plex_files_name ON plex_files (name_key);
  CREATE INDEX plex_files_size ON plex_files (size);

  -- With rowids: long rows in a table without them take an overflow page each.
  CREATE TABLE written (
    scene_id TEXT PRIMARY KEY,
    rating_key TEXT NOT NULL,
    fields TEXT NOT NULL,
    scene_hash TEXT NOT NULL,
    written_at INTEGER NOT NULL
  ) STRICT;
  -- In the order of Stash's own ids, for the walk that finds the scenes that Stash no longer has.
  CREATE INDEX written_order ON written (CAST(scene_id AS INTEGER));
  CREATE INDEX written_item ON written (rating_key);

  -- Writes that were begun and not settled yet: what they sent may stand in Plex.
  CREATE TABLE begun_writes (
    scene_id TEXT PRIMARY KEY,
    fields TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- What was written for scenes that Stash no longer has: their items are still in Plex.
  CREATE TABLE gone_scenes (
    scene_id TEXT PRIMARY KEY,
    rating_key TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Whom a scene named when it was last written: finds the scenes of one that is gone.
  CREATE TABLE scene_links (
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    scene_id TEXT NOT NULL,
    PRIMARY KEY (kind, entity_id, scene_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX scene_links_scene ON scene_links (scene_id);

  -- Renames, merges and ends of performers, studios and tags, on their way to the scenes.
  CREATE TABLE fanouts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    gone INTEGER NOT NULL,
    last_scene INTEGER NOT NULL DEFAULT 0,
    queued INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    UNIQUE (kind, entity_id)
  ) STRICT;
  CREATE INDEX fanouts_order ON fanouts (created_at, id);

  -- Last known names: tell a rename from the other changes of such a thing.
  CREATE TABLE entity_names (
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, entity_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    cause TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outages_server ON outages (server, started_at);

  CREATE TABLE reconcile_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- When it last showed that it is alive.
    seen_at INTEGER NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('schedule', 'command')),
    scope TEXT NOT NULL,
    dry_run INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'stopped')),
    counts TEXT NOT NULL,
    queued INTEGER NOT NULL,
    error TEXT,
    CHECK ((state = 'running') = (ended_at IS NULL))
  ) STRICT;

  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Brings the database to the newest schema, step by step.
 * @param snapshot Called once before the first step on a database that already holds data
 * @throws {UserError} the file was written by a newer plexsync
 */
export async function migrate(
  database: Database,
  snapshot: (fromVersion: number) => Promise<void>,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  const before = schemaVersion(database);
  refuseNewer(before, migrations.length);
  if (before === migrations.length) return;
  if (before > 0) await snapshot(before);
  transaction(database, () => {
    // Read again under the write lock: another process may just have done it.
    const from = schemaVersion(database);
    refuseNewer(from, migrations.length);
    for (let step = from; step < migrations.length; step++) database.exec(migrations[step]!);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function refuseNewer(found: number, known: number): void {
  if (found <= known) return;
  throw new UserError(
    `The database has schema ${found}, this plexsync knows schemas up to ${known}`,
    1,
    "Use the newer plexsync that wrote it, or another --data-dir",
  );
}
