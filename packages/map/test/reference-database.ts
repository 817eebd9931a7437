import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const TABLES = `
scan_nodes: path text primary key, kind text not null, provider text not null, title text, description text, stability text, version integer, frontmatter_json text not null, body_hash text not null, frontmatter_hash text not null, bytes_frontmatter integer not null, bytes_body integer not null, bytes_total integer not null, tokens_frontmatter integer, tokens_body integer, tokens_total integer, links_out_count integer not null default 0, links_in_count integer not null default 0, external_refs_count integer not null default 0, scanned_at integer not null, sidecar_present integer not null default 0, sidecar_status text, annotations_json text, sidecar_root_json text
scan_links: id integer primary key autoincrement, source_path text not null, target_path text not null, kind text not null, confidence text not null, sources_json text not null, original_trigger text, normalized_trigger text, location_line integer, location_column integer, location_offset integer, raw text
scan_issues: id integer primary key autoincrement, rule_id text not null, severity text not null, node_ids_json text not null, link_indices_json text, message text not null, detail text, fix_json text, data_json text
scan_meta: id integer primary key check (id = 1), scope text not null, roots_json text not null, scanned_at integer not null, scanned_by_name text not null, scanned_by_version text not null, scanned_by_spec_version text not null, providers_json text not null, stats_files_walked integer not null, stats_files_skipped integer not null, stats_duration_ms integer not null
scan_extractor_runs: node_path text not null, extractor_id text not null, body_hash_at_run text not null, ran_at integer not null, primary key (node_path, extractor_id)
scan_contributions: plugin_id text not null, extension_id text not null, node_path text not null, contribution_id text not null, contract text not null, payload_json text not null, emitted_at integer not null, primary key (plugin_id, extension_id, node_path, contribution_id)
scan_node_tags: node_path text not null, tag text not null, source text not null check (source in ('author', 'user')), primary key (node_path, tag, source)
node_enrichments: node_path text not null, extractor_id text not null, body_hash_at_enrichment text not null, value_json text not null, stale integer not null default 0, enriched_at integer not null, is_probabilistic integer not null default 0, primary key (node_path, extractor_id)
state_jobs: id text primary key, action_id text not null, action_version text not null, node_id text not null, content_hash text not null, nonce text not null, priority integer not null default 0, status text not null, failure_reason text, runner text, ttl_seconds integer not null, file_path text, created_at integer not null, claimed_at integer, finished_at integer, expires_at integer, submitted_by text
state_executions: id text primary key, kind text not null, extension_id text not null, extension_version text not null, node_ids_json text not null default '[]', content_hash text, status text not null, failure_reason text, exit_code integer, runner text, started_at integer not null, finished_at integer not null, duration_ms integer, tokens_in integer, tokens_out integer, report_path text, job_id text
state_summaries: node_id text not null, summarizer_action_id text not null, kind text not null, summarizer_version text not null, body_hash_at_generation text not null, generated_at integer not null, summary_json text not null, primary key (node_id, summarizer_action_id)
state_enrichments: node_id text not null, provider_id text not null, data_json text not null, verified integer, fetched_at integer not null, stale_after integer, primary key (node_id, provider_id)
state_plugin_kvs: plugin_id text not null, node_id text not null, key text not null, value_json text not null, updated_at integer not null, primary key (plugin_id, node_id, key)
state_node_favorites: node_path text primary key, favorited_at integer not null
config_plugins: plugin_id text primary key, enabled integer not null default 1, config_json text, updated_at integer not null
config_preferences: key text primary key, value_json text not null, updated_at integer not null
config_schema_versions: scope text not null, owner_id text not null, version integer not null, description text not null, applied_at integer not null, primary key (scope, owner_id, version)
`

const HASH = 'f'.repeat(64)

const ROWS = `
INSERT INTO scan_nodes (path, kind, provider, frontmatter_json, body_hash, frontmatter_hash, bytes_frontmatter, bytes_body, bytes_total, scanned_at)
VALUES ('b.md', 'markdown', 'markdown', '{"name":"b"}', '${HASH}', '${HASH}', 1, 2, 3, 5), ('a.md', 'markdown', 'markdown', '{}', '${HASH}', '${HASH}', 0, 2, 2, 5);
INSERT INTO scan_links (source_path, target_path, kind, confidence, sources_json) VALUES ('b.md', 'a.md', 'references', 'high', '["markdown-link"]');
INSERT INTO scan_meta VALUES (1, 'project', '["."]', 5, 'skill-map', '0.19.0', '0.19.0', '["markdown"]', 2, 0, 7);
INSERT INTO state_node_favorites VALUES ('a.md', 4);
INSERT INTO state_executions (id, kind, extension_id, extension_version, status, started_at, finished_at, report_path) VALUES ('e-1', 'action', 'core/bump', '1.0.0', 'completed', 1, 2, 'r.json');
INSERT INTO config_schema_versions VALUES ('kernel', 'kernel', 1, 'initial', 3);
PRAGMA user_version = 1;
`

/** A database as skill-map's own program at 0.19 makes it, changed by these statements. */
export function referenceDatabase(path: string, ...changes: string[]): void {
  mkdirSync(dirname(path), { recursive: true })
  using database = new DatabaseSync(path)
  for (const line of TABLES.trim().split('\n')) {
    const [table, columns] = line.split(': ')
    database.exec(`CREATE TABLE ${table} (${columns})`)
  }
  for (const sql of [ROWS, ...changes]) database.exec(sql)
}
