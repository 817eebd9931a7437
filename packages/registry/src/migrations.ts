import type { Migration } from '@tenon/database'

export const registryMigrations: readonly Migration[] = [
  {
    id: 'registry/1',
    sql: `
CREATE TABLE publisher (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE publisher_token (
  hash TEXT PRIMARY KEY,
  publisher TEXT NOT NULL REFERENCES publisher (id),
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE publisher_key (
  key_id TEXT NOT NULL,
  publisher TEXT NOT NULL REFERENCES publisher (id),
  public_key TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, publisher)
) STRICT, WITHOUT ROWID;
CREATE TABLE plugin (
  id TEXT PRIMARY KEY,
  folded_id TEXT NOT NULL UNIQUE,
  publisher TEXT NOT NULL REFERENCES publisher (id),
  latest TEXT NOT NULL,
  search_text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  FOREIGN KEY (id, latest) REFERENCES version (plugin, version) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE TABLE version (
  plugin TEXT NOT NULL REFERENCES plugin (id) DEFERRABLE INITIALLY DEFERRED,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  spec TEXT NOT NULL,
  yanked INTEGER NOT NULL DEFAULT 0 CHECK (yanked IN (0, 1)),
  published_at INTEGER NOT NULL,
  PRIMARY KEY (plugin, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_digest ON version (digest);
CREATE TABLE maintainer (
  plugin TEXT NOT NULL REFERENCES plugin (id) DEFERRABLE INITIALLY DEFERRED,
  publisher TEXT NOT NULL REFERENCES publisher (id),
  PRIMARY KEY (plugin, publisher)
) STRICT, WITHOUT ROWID;
CREATE TABLE capability_tag (
  plugin TEXT NOT NULL,
  version TEXT NOT NULL,
  action TEXT NOT NULL,
  capability TEXT NOT NULL,
  PRIMARY KEY (plugin, version, capability),
  FOREIGN KEY (plugin, version) REFERENCES version (plugin, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE verification (
  plugin TEXT NOT NULL,
  version TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('signed', 'certified')),
  PRIMARY KEY (plugin, version),
  FOREIGN KEY (plugin, version) REFERENCES version (plugin, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE provenance (
  plugin TEXT NOT NULL,
  version TEXT NOT NULL,
  envelope TEXT NOT NULL,
  key_id TEXT NOT NULL,
  publisher TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  PRIMARY KEY (plugin, version),
  FOREIGN KEY (plugin, version) REFERENCES version (plugin, version),
  FOREIGN KEY (key_id, publisher) REFERENCES publisher_key (key_id, publisher)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER version_is_immutable
BEFORE UPDATE OF plugin, version, digest, manifest_digest, size, spec, published_at ON version
BEGIN
  SELECT raise(ABORT, 'a published version never changes');
END;
CREATE TRIGGER version_stays BEFORE DELETE ON version
BEGIN
  SELECT raise(ABORT, 'a published version never goes');
END;
`,
  },
  {
    id: 'registry/2',
    sql: `
CREATE TABLE operator (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  hash TEXT NOT NULL
) STRICT;
`,
  },
  {
    id: 'registry/3',
    sql: `
CREATE TABLE revocation (
  kind TEXT NOT NULL CHECK (kind IN ('key', 'bundle')),
  digest TEXT NOT NULL,
  publisher TEXT NOT NULL, -- '' is every publisher
  why TEXT NOT NULL,
  revoked_at INTEGER NOT NULL,
  PRIMARY KEY (kind, digest, publisher)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER revocation_is_final BEFORE UPDATE ON revocation
BEGIN
  SELECT raise(ABORT, 'a revocation never changes');
END;
CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation
BEGIN
  SELECT raise(ABORT, 'a revocation never goes');
END;
`,
  },
]
