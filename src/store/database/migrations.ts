/**
 * Schema by version: entry n brings a database from version n to n + 1. Never edited once released;
 * until then the first is, and a database of an earlier text of it is refused.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    run_id INTEGER,
    reason TEXT NOT NULL,
    priority INTEGER NOT NULL,
    generation INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'waiting')),
    retry_count INTEGER NOT NULL DEFAULT 0,
    wait_count INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    next_retry_at INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    last_error_type TEXT,
    last_error_message TEXT,
    path TEXT,
    enqueued_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (scene_id, target),
    CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
  ) STRICT;
  CREATE INDEX jobs_claim ON jobs (state, target, priority DESC, enqueued_at, id, next_retry_at);
  CREATE INDEX jobs_due ON jobs (state, target, next_retry_at);

  -- How many rows there are, kept by triggers: to count a million takes as long as to list them all.
  -- Items and files that come are counted by who puts them, many at a time.
  CREATE TABLE row_counts (
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, target)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER jobs_come AFTER INSERT ON jobs BEGIN
    INSERT INTO row_counts VALUES (new.state, new.target, 1)
      ON CONFLICT (kind, target) DO UPDATE SET count = count + 1;
  END;
  CREATE TRIGGER jobs_go AFTER DELETE ON jobs BEGIN
    UPDATE row_counts SET count = count - 1 WHERE kind = old.state AND target = old.target;
  END;
  CREATE TRIGGER jobs_move AFTER UPDATE OF state ON jobs WHEN new.state <> old.state BEGIN
    UPDATE row_counts SET count = count - 1 WHERE kind = old.state AND target = old.target;
    INSERT INTO row_counts VALUES (new.state, new.target, 1)
      ON CONFLICT (kind, target) DO UPDATE SET count = count + 1;
  END;

  -- What made jobs together: a sync, a reconcile, a burst of hooks.
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    -- 1 once some of what it wrote is no longer kept step by step.
    pruned INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX runs_kind ON runs (kind, id);

  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    run_id INTEGER,
    job_data TEXT NOT NULL,
    error_type TEXT NOT NULL,
    error_message TEXT NOT NULL,
    stack_trace TEXT,
    retry_count INTEGER NOT NULL,
    path TEXT,
    hint TEXT NOT NULL,
    failed_at INTEGER NOT NULL,
    UNIQUE (scene_id, target)
  ) STRICT;
  CREATE INDEX dead_letters_type ON dead_letters (error_type, failed_at);
  CREATE INDEX dead_letters_failed ON dead_letters (failed_at);

  CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL,
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    run_id INTEGER,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error_type TEXT,
    error_message TEXT,
    duration_ms INTEGER NOT NULL,
    confidence TEXT,
    items TEXT NOT NULL,
    changed_fields TEXT NOT NULL,
    left_out TEXT NOT NULL
  ) STRICT;
  -- With all that is counted of a time: a hundred thousand rows of an hour need not be looked up.
  CREATE INDEX outcomes_at ON outcomes (at, outcome, duration_ms);
  CREATE INDEX outcomes_scene ON outcomes (scene_id);

  -- What the outcomes of each hour come to: the names of totals, and more.
  CREATE TABLE hour_sums (
    hour_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (hour_at, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE totals (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Every scene that was read, as it was then.
  CREATE TABLE scenes (
    scene_id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    -- For people, empty where Stash has none.
    title TEXT NOT NULL DEFAULT '',
    gone_at INTEGER,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX scenes_gone ON scenes (scene_id) WHERE gone_at IS NOT NULL;
  CREATE INDEX scenes_order ON scenes (CAST(scene_id AS INTEGER));
  -- With rowids, as index_files: without them each entry of each index would hold scene and path too.
  CREATE TABLE scene_files (
    scene_id TEXT NOT NULL REFERENCES scenes (scene_id) ON DELETE CASCADE,
    -- As Stash spells it.
    path TEXT NOT NULL,
    -- Without letter case: whoever needs it compares the path itself.
    folded_key TEXT NOT NULL,
    name_key TEXT NOT NULL,
    size INTEGER NOT NULL,
    duration_ms INTEGER,
    PRIMARY KEY (scene_id, path)
  ) STRICT;
  CREATE INDEX scene_files_path ON scene_files (folded_key);
  CREATE INDEX scene_files_name ON scene_files (name_key);
  CREATE INDEX scene_files_size ON scene_files (size, duration_ms);
  -- Whom a scene names: finds the scenes of one that is gone.
  CREATE TABLE scene_links (
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    scene_id TEXT NOT NULL REFERENCES scenes (scene_id) ON DELETE CASCADE,
    PRIMARY KEY (kind, entity_id, scene_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX scene_links_scene ON scene_links (scene_id);

  CREATE TABLE index_sections (
    target TEXT NOT NULL,
    section TEXT NOT NULL,
    title TEXT NOT NULL,
    item_type TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    listed_at INTEGER NOT NULL,
    PRIMARY KEY (target, section)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE index_items (
    target TEXT NOT NULL,
    item TEXT NOT NULL,
    section TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    -- When its files were last seen to be other than before.
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (target, item)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX index_items_changed ON index_items (target, changed_at);
  CREATE INDEX index_items_section ON index_items (target, section, seen_at);
  CREATE TABLE index_files (
    target TEXT NOT NULL,
    item TEXT NOT NULL,
    path TEXT NOT NULL,
    folded_key TEXT NOT NULL,
    name_key TEXT NOT NULL,
    size INTEGER NOT NULL,
    duration_ms INTEGER,
    PRIMARY KEY (target, item, path),
    FOREIGN KEY (target, item) REFERENCES index_items (target, item) ON DELETE CASCADE
  ) STRICT;
  CREATE TRIGGER index_items_go AFTER DELETE ON index_items BEGIN
    UPDATE row_counts SET count = count - 1 WHERE kind = 'item' AND target = old.target;
  END;
  CREATE TRIGGER index_files_go AFTER DELETE ON index_files BEGIN
    UPDATE row_counts SET count = count - 1 WHERE kind = 'file' AND target = old.target;
  END;
  -- Without the target: each is selective by itself, and the planner would take the target for it.
  CREATE INDEX index_files_path ON index_files (folded_key);
  CREATE INDEX index_files_name ON index_files (name_key);
  CREATE INDEX index_files_size ON index_files (size, duration_ms);

  -- What we wrote to each item for a scene. A row whose first write nobody saw end has no hash and
  -- was written at 0. With rowids: long rows in a table without them take an overflow page each.
  CREATE TABLE written (
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    item TEXT NOT NULL,
    fields TEXT NOT NULL,
    scene_hash TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (scene_id, target, item)
  ) STRICT;
  -- In the order of Stash's own ids, for the walk that finds the scenes that Stash no longer has.
  CREATE INDEX written_order ON written (target, CAST(scene_id AS INTEGER));
  CREATE INDEX written_item ON written (target, item);

  -- Each write to an item, and in journal each field that it changed or locked.
  CREATE TABLE writes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    run_id INTEGER,
    -- The kind of its run, which may be forgotten before.
    cause TEXT NOT NULL,
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    item TEXT NOT NULL,
    section TEXT NOT NULL,
    -- Of the item, as they were then.
    files TEXT NOT NULL,
    -- When an undo found no item with these files any more, and said so.
    lost_at INTEGER
  ) STRICT;
  CREATE INDEX writes_item ON writes (target, item);
  CREATE INDEX writes_scene ON writes (scene_id);
  CREATE INDEX writes_run ON writes (run_id);
  CREATE TABLE journal (
    write_id INTEGER NOT NULL REFERENCES writes (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    before TEXT NOT NULL,
    -- 0 where it could not be told what stood before.
    sure INTEGER NOT NULL,
    sent TEXT NOT NULL,
    -- NULL while nobody saw the write end.
    stood TEXT,
    locked_before INTEGER NOT NULL,
    locked_after INTEGER NOT NULL,
    -- What Stash had for it.
    origin TEXT,
    along TEXT,
    -- A row that stands for older ones too: when the oldest came.
    kept_at INTEGER,
    -- The other scenes of these, as JSON.
    kept_of TEXT,
    -- The run that took it back.
    undone_by INTEGER,
    PRIMARY KEY (write_id, field)
  ) STRICT;
  CREATE INDEX journal_kept_of ON journal (write_id) WHERE kept_of IS NOT NULL;

  -- What is to be taken back on one item, on its way and afterwards with what came of it.
  CREATE TABLE undo_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The undo's own run.
    run_id INTEGER NOT NULL,
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    item TEXT NOT NULL,
    scope TEXT NOT NULL,
    retry_count INTEGER NOT NULL DEFAULT 0,
    next_retry_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- Once it ended: what came back, what was left, or why it failed.
    result TEXT,
    UNIQUE (run_id, target, item)
  ) STRICT;
  CREATE INDEX undo_requests_open ON undo_requests (target, next_retry_at) WHERE ended_at IS NULL;
  CREATE INDEX undo_requests_scene ON undo_requests (scene_id, target) WHERE ended_at IS NULL;

  -- What was undone on an item, and stays so until what Stash has for it changes.
  CREATE TABLE holds (
    target TEXT NOT NULL,
    item TEXT NOT NULL,
    field TEXT NOT NULL,
    scene_id TEXT NOT NULL,
    hold TEXT NOT NULL,
    -- Of the item, as they were then.
    files TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (target, item, field)
  ) STRICT;
  CREATE INDEX holds_scene ON holds (scene_id);
  -- Items of which something was ever held: by the name of its file it is found again when the
  -- target gives the item a new id.
  CREATE TABLE hold_names (
    target TEXT NOT NULL,
    name_key TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (target, name_key, item)
  ) STRICT, WITHOUT ROWID;

  -- What the owner decided of a scene: it belongs to this item, or to none (item is null).
  CREATE TABLE pins (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As it was then: a pin belongs to the scene with these files, whatever its id is.
    scene_id TEXT NOT NULL,
    target TEXT NOT NULL,
    item TEXT,
    -- Of the item and of the scene, as they were then.
    files TEXT NOT NULL,
    made_at INTEGER NOT NULL
  ) STRICT;

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

/** `layoutOf` the first schema; a test says what it is to be after a change of that. */
export const LAYOUT = 184_961_843;
