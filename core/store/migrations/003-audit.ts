import type { Migration } from './migration.ts'

/**
 * Actors and the append-only audit trail. The triggers forbid every change of an entry and every insertion that is
 * not the next link of the chain (which also stops INSERT OR REPLACE); whoever removes the triggers to edit an entry
 * is found by the hashes.
 */
export const migration003: Migration = {
  version: 3,
  name: 'audit',
  up(connection) {
    connection.exec(`
      CREATE TABLE actors (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        first_seen_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE audit (
        seq INTEGER PRIMARY KEY CHECK (seq >= 1),
        at INTEGER NOT NULL,
        actor TEXT NOT NULL REFERENCES actors (id),
        action TEXT NOT NULL CHECK (action <> ''),
        subject TEXT NOT NULL,
        detail TEXT NOT NULL CHECK (json_valid(detail)),
        previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
        hash TEXT NOT NULL CHECK (length(hash) = 64)
      ) STRICT;
      CREATE INDEX audit_by_subject ON audit (subject);

      CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
      CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
      CREATE TRIGGER audit_next_link BEFORE INSERT ON audit
      WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
        OR NEW.previous_hash IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
      BEGIN SELECT RAISE(ABORT, 'the audit trail grows by its next link only'); END;
    `)
  },
}
