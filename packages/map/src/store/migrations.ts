import type { Migration } from '@tenon/database'
import { CONFIDENCES, LINK_KINDS, SCOPES, SEVERITIES } from '../graph-schema.ts'
import { STABILITIES } from '../files/sidecar.ts'
import { oneOf } from './one-of.ts'
import { FOLDER_TABLE, KNOWLEDGE_TABLES, LOOKS_TABLE } from './knowledge.ts'
import { STATE_TABLES } from './state-tables.ts'

/** The scan zone of skill-map's database, all of which can be made anew from the files, and the ledger of its shape. */
const SCAN_TABLES = `
CREATE TABLE scan_nodes (
  path TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  title TEXT,
  description TEXT,
  stability TEXT CONSTRAINT ck_scan_nodes_stability CHECK (stability IN (${oneOf(STABILITIES)})),
  version INTEGER,
  frontmatter_json TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  frontmatter_hash TEXT NOT NULL,
  bytes_frontmatter INTEGER NOT NULL,
  bytes_body INTEGER NOT NULL,
  bytes_total INTEGER NOT NULL,
  tokens_frontmatter INTEGER,
  tokens_body INTEGER,
  tokens_total INTEGER,
  links_out_count INTEGER NOT NULL DEFAULT 0,
  links_in_count INTEGER NOT NULL DEFAULT 0,
  external_refs_count INTEGER NOT NULL DEFAULT 0,
  scanned_at INTEGER NOT NULL,
  sidecar_present INTEGER NOT NULL DEFAULT 0,
  sidecar_status TEXT,
  annotations_json TEXT,
  sidecar_root_json TEXT
) STRICT;
CREATE INDEX ix_scan_nodes_kind ON scan_nodes (kind);
CREATE INDEX ix_scan_nodes_provider ON scan_nodes (provider);
CREATE INDEX ix_scan_nodes_body_hash ON scan_nodes (body_hash);
CREATE INDEX ix_scan_nodes_sidecar_status ON scan_nodes (sidecar_status);

CREATE TABLE scan_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_path TEXT NOT NULL,
  target_path TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT ck_scan_links_kind CHECK (kind IN (${oneOf(LINK_KINDS)})),
  confidence TEXT NOT NULL CONSTRAINT ck_scan_links_confidence CHECK (confidence IN (${oneOf(CONFIDENCES)})),
  sources_json TEXT NOT NULL,
  original_trigger TEXT,
  normalized_trigger TEXT,
  location_line INTEGER,
  location_column INTEGER,
  location_offset INTEGER,
  raw TEXT
) STRICT;
CREATE INDEX ix_scan_links_source_path ON scan_links (source_path);
CREATE INDEX ix_scan_links_target_path ON scan_links (target_path);
CREATE INDEX ix_scan_links_normalized_trigger ON scan_links (normalized_trigger);

CREATE TABLE scan_issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule_id TEXT NOT NULL,
  severity TEXT NOT NULL CONSTRAINT ck_scan_issues_severity CHECK (severity IN (${oneOf(SEVERITIES)})),
  node_ids_json TEXT NOT NULL,
  link_indices_json TEXT,
  message TEXT NOT NULL,
  detail TEXT,
  fix_json TEXT,
  data_json TEXT
) STRICT;
CREATE INDEX ix_scan_issues_rule_id ON scan_issues (rule_id);
CREATE INDEX ix_scan_issues_severity ON scan_issues (severity);

CREATE TABLE scan_meta (
  id INTEGER PRIMARY KEY CONSTRAINT ck_scan_meta_id CHECK (id = 1),
  scope TEXT NOT NULL CONSTRAINT ck_scan_meta_scope CHECK (scope IN (${oneOf(SCOPES)})),
  roots_json TEXT NOT NULL,
  scanned_at INTEGER NOT NULL,
  scanned_by_name TEXT NOT NULL,
  scanned_by_version TEXT NOT NULL,
  scanned_by_spec_version TEXT NOT NULL,
  providers_json TEXT NOT NULL,
  stats_files_walked INTEGER NOT NULL,
  stats_files_skipped INTEGER NOT NULL,
  stats_duration_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE scan_extractor_runs (
  node_path TEXT NOT NULL,
  extractor_id TEXT NOT NULL,
  body_hash_at_run TEXT NOT NULL,
  ran_at INTEGER NOT NULL,
  PRIMARY KEY (node_path, extractor_id)
) STRICT;
CREATE INDEX ix_scan_extractor_runs_node ON scan_extractor_runs (node_path);
CREATE INDEX ix_scan_extractor_runs_extractor ON scan_extractor_runs (extractor_id);

CREATE TABLE scan_contributions (
  plugin_id TEXT NOT NULL,
  extension_id TEXT NOT NULL,
  node_path TEXT NOT NULL,
  contribution_id TEXT NOT NULL,
  contract TEXT NOT NULL,
  payload_json TEXT NOT NULL,
  emitted_at INTEGER NOT NULL,
  PRIMARY KEY (plugin_id, extension_id, node_path, contribution_id)
) STRICT;
CREATE INDEX ix_scan_contributions_node_path ON scan_contributions (node_path);
CREATE INDEX ix_scan_contributions_plugin_id ON scan_contributions (plugin_id);

CREATE TABLE scan_node_tags (
  node_path TEXT NOT NULL,
  tag TEXT NOT NULL,
  source TEXT NOT NULL CONSTRAINT ck_scan_node_tags_source CHECK (source IN ('author', 'user')),
  PRIMARY KEY (node_path, tag, source)
) STRICT;
CREATE INDEX ix_scan_node_tags_tag ON scan_node_tags (tag);
CREATE INDEX ix_scan_node_tags_node_path ON scan_node_tags (node_path);

CREATE TABLE config_schema_versions (
  scope TEXT NOT NULL CONSTRAINT ck_config_schema_versions_scope CHECK (scope IN ('kernel', 'plugin')),
  owner_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  description TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  PRIMARY KEY (scope, owner_id, version)
) STRICT;
PRAGMA user_version = 1;
`

/** A step of the database's shape: its number is the version that `user_version` and skill-map's ledger tell. */
export type ShapeStep = Migration & { version: number; description: string }

export const mapMigrations: readonly ShapeStep[] = [
  { id: 'map/1', version: 1, description: 'scan tables', sql: SCAN_TABLES },
  { id: 'map/2', version: 2, description: 'state and configuration tables', sql: STATE_TABLES + KNOWLEDGE_TABLES },
  { id: 'map/3', version: 3, description: 'table of known folders', sql: FOLDER_TABLE },
  { id: 'map/4', version: 4, description: 'looks of known files with their folders', sql: LOOKS_TABLE },
]
