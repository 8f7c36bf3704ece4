import type { Migration } from './migration.ts'

/**
 * Projects, models, recipes, datasets with their versions and rows. `seq` keeps the order of arrival; AUTOINCREMENT
 * where ids are made from it, so that none is used twice. Rows are an ordinary table because WITHOUT ROWID would give
 * every row above 1 kB a page of its own; `rows_by_version` reads a version in file order, `rows_by_class` counts its
 * classes without touching the rows. The bulk table carries no checks beyond its types: every row is parsed on its way
 * in, and checks here would cost a third of the speed.
 */
export const migration001: Migration = {
  version: 1,
  name: 'data',
  up(connection) {
    connection.exec(`
      CREATE TABLE projects (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        name TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE models (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('folder', 'gguf')),
        fingerprint TEXT NOT NULL CHECK (json_valid(fingerprint)),
        parameters INTEGER NOT NULL CHECK (parameters >= 0),
        size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
        licence TEXT,
        added_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE recipes (
        hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
        recipe TEXT NOT NULL CHECK (json_valid(recipe)),
        added_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE datasets (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        project_id TEXT NOT NULL REFERENCES projects (id),
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (project_id, name)
      ) STRICT;

      CREATE TABLE dataset_versions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
        number INTEGER NOT NULL CHECK (number >= 1),
        recipe_hash TEXT REFERENCES recipes (hash),
        content_hash TEXT NOT NULL CHECK (length(content_hash) = 64),
        test_hash TEXT CHECK (length(test_hash) = 64),
        row_count INTEGER NOT NULL DEFAULT 0 CHECK (row_count >= 0),
        created_at INTEGER NOT NULL,
        UNIQUE (dataset_id, number)
      ) STRICT;

      CREATE TABLE source_files (
        seq INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
      ) STRICT;

      CREATE TABLE rows (
        seq INTEGER PRIMARY KEY,
        version_seq INTEGER NOT NULL REFERENCES dataset_versions (seq) ON DELETE CASCADE,
        id TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        source_seq INTEGER REFERENCES source_files (seq),
        source_sheet TEXT,
        source_line INTEGER,
        parent_id TEXT,
        group_id TEXT,
        split TEXT,
        origin TEXT NOT NULL,
        label TEXT,
        fields TEXT NOT NULL,
        added_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX rows_by_version ON rows (version_seq);
      CREATE INDEX rows_by_class ON rows (version_seq, split, label);
      CREATE UNIQUE INDEX rows_by_id ON rows (version_seq, id);
    `)
  },
}
