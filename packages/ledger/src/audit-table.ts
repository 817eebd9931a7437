import type { Migration, Statement } from '@tenon/database'

/**
 * A row holds the line and nothing else: what is searched is computed from it, so that the two cannot disagree.
 * A line is taken only after the one before it, and none is ever changed.
 */
export const ledgerMigrations: readonly Migration[] = [
  {
    id: 'ledger/1',
    sql: `
      CREATE TABLE audit_line (
        position INTEGER PRIMARY KEY,
        line TEXT NOT NULL,
        stream TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.stream'),
        seq INTEGER NOT NULL GENERATED ALWAYS AS (line ->> '$.seq'),
        after INTEGER GENERATED ALWAYS AS (nullif((line ->> '$.seq') - 1, -1)),
        actor TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.actor'),
        action TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.action'),
        target TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.target'),
        decision TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.decision'),
        trace_id TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.traceId'),
        UNIQUE (stream, seq),
        FOREIGN KEY (stream, after) REFERENCES audit_line (stream, seq)
      ) STRICT;
      CREATE INDEX audit_line_actor ON audit_line (actor);
      CREATE INDEX audit_line_action ON audit_line (action);
      CREATE INDEX audit_line_target ON audit_line (target);
      CREATE INDEX audit_line_trace ON audit_line (trace_id);
      CREATE TRIGGER audit_line_unchanged BEFORE UPDATE ON audit_line
        BEGIN SELECT RAISE(ABORT, 'the audit ledger is append-only'); END;
      CREATE TRIGGER audit_line_kept BEFORE DELETE ON audit_line
        BEGIN SELECT RAISE(ABORT, 'the audit ledger is append-only'); END;`,
  },
]

export const appendLine = (line: string): Statement => ({
  sql: 'INSERT INTO audit_line (line) VALUES (?)',
  params: [line],
})
