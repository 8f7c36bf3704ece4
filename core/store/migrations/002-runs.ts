import type { Migration } from './migration.ts'

/**
 * Runs with their step metrics, adapters, evaluations with per-row predictions, and the counter of how often a test
 * split gave a verdict. The counter stands alone: it outlives the evaluations and datasets it counted.
 */
export const migration002: Migration = {
  version: 2,
  name: 'runs',
  up(connection) {
    connection.exec(`
      CREATE TABLE runs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        project_id TEXT NOT NULL REFERENCES projects (id),
        recipe_hash TEXT NOT NULL REFERENCES recipes (hash),
        model_id TEXT REFERENCES models (id),
        version_id TEXT REFERENCES dataset_versions (id) ON DELETE SET NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'interrupted', 'done', 'failed', 'cancelled')),
        job_folder TEXT NOT NULL,
        plan TEXT CHECK (json_valid(plan)),
        plan_hash TEXT CHECK (length(plan_hash) = 64),
        queued_at INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        summary TEXT CHECK (json_valid(summary)),
        error TEXT CHECK (json_valid(error)),
        CHECK ((plan IS NULL) = (plan_hash IS NULL))
      ) STRICT;
      CREATE INDEX runs_by_project ON runs (project_id);
      CREATE INDEX runs_by_model ON runs (model_id);
      CREATE INDEX runs_by_version ON runs (version_id);

      CREATE TABLE run_metrics (
        run_seq INTEGER NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        loss REAL NOT NULL,
        learning_rate REAL NOT NULL,
        grad_norm REAL NOT NULL,
        tokens INTEGER NOT NULL,
        seconds REAL NOT NULL,
        PRIMARY KEY (run_seq, step)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE adapters (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        name TEXT NOT NULL,
        run_id TEXT REFERENCES runs (id),
        path TEXT NOT NULL,
        base_fingerprint TEXT NOT NULL CHECK (json_valid(base_fingerprint)),
        sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
        imported INTEGER NOT NULL CHECK (imported IN (0, 1)),
        signer TEXT,
        verdict TEXT,
        added_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX adapters_by_run ON adapters (run_id);

      CREATE TABLE adapter_parents (
        adapter_id TEXT NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        parent_id TEXT NOT NULL,
        PRIMARY KEY (adapter_id, position)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX adapter_parents_by_parent ON adapter_parents (parent_id);

      CREATE TABLE evaluations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        project_id TEXT NOT NULL REFERENCES projects (id),
        run_id TEXT REFERENCES runs (id),
        adapter_id TEXT REFERENCES adapters (id) ON DELETE SET NULL,
        split_hash TEXT NOT NULL CHECK (length(split_hash) = 64),
        verdict INTEGER NOT NULL CHECK (verdict IN (0, 1)),
        result TEXT NOT NULL CHECK (json_valid(result)),
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX evaluations_by_project ON evaluations (project_id);
      CREATE INDEX evaluations_by_run ON evaluations (run_id);
      CREATE INDEX evaluations_by_adapter ON evaluations (adapter_id);

      CREATE TABLE predictions (
        seq INTEGER PRIMARY KEY,
        evaluation_seq INTEGER NOT NULL REFERENCES evaluations (seq) ON DELETE CASCADE,
        row_id TEXT NOT NULL,
        which TEXT NOT NULL,
        gold TEXT,
        predicted TEXT,
        scores TEXT
      ) STRICT;
      CREATE UNIQUE INDEX predictions_by_row ON predictions (evaluation_seq, row_id, which);

      CREATE TABLE test_splits (
        hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
        uses INTEGER NOT NULL CHECK (uses >= 1),
        first_used_at INTEGER NOT NULL,
        last_used_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `)
  },
}
