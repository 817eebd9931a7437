import { EXECUTION_STATUSES, FAILURE_REASONS } from './executions.ts'
import { oneOf } from './one-of.ts'

/** What cannot be made anew from the files, the configuration, and the layer of enrichments. */
export const STATE_TABLES = `
CREATE TABLE node_enrichments (
  node_path TEXT NOT NULL,
  extractor_id TEXT NOT NULL,
  body_hash_at_enrichment TEXT NOT NULL,
  value_json TEXT NOT NULL,
  stale INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_node_enrichments_stale CHECK (stale IN (0, 1)),
  enriched_at INTEGER NOT NULL,
  is_probabilistic INTEGER NOT NULL DEFAULT 0
    CONSTRAINT ck_node_enrichments_is_probabilistic CHECK (is_probabilistic IN (0, 1)),
  PRIMARY KEY (node_path, extractor_id)
) STRICT;
CREATE INDEX ix_node_enrichments_node ON node_enrichments (node_path);
CREATE INDEX ix_node_enrichments_stale ON node_enrichments (stale);

CREATE TABLE state_jobs (
  id TEXT PRIMARY KEY,
  action_id TEXT NOT NULL,
  action_version TEXT NOT NULL,
  node_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  nonce TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL CONSTRAINT ck_state_jobs_status CHECK (status IN ('queued', 'running', 'completed', 'failed')),
  failure_reason TEXT CONSTRAINT ck_state_jobs_failure_reason CHECK (failure_reason IN (${oneOf(FAILURE_REASONS)})),
  runner TEXT CONSTRAINT ck_state_jobs_runner CHECK (runner IN ('cli', 'skill', 'in-process')),
  ttl_seconds INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  claimed_at INTEGER,
  finished_at INTEGER,
  expires_at INTEGER,
  submitted_by TEXT
) STRICT;
CREATE INDEX ix_state_jobs_status ON state_jobs (status);
CREATE UNIQUE INDEX ix_state_jobs_action_node_hash ON state_jobs (action_id, node_id, content_hash)
  WHERE status IN ('queued', 'running');

CREATE TABLE state_job_contents (
  content_hash TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE state_executions (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CONSTRAINT ck_state_executions_kind CHECK (kind IN ('action')),
  extension_id TEXT NOT NULL,
  extension_version TEXT NOT NULL,
  node_ids_json TEXT NOT NULL DEFAULT '[]',
  content_hash TEXT,
  status TEXT NOT NULL
    CONSTRAINT ck_state_executions_status CHECK (status IN (${oneOf(EXECUTION_STATUSES)})),
  failure_reason TEXT,
  exit_code INTEGER,
  runner TEXT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  duration_ms INTEGER,
  tokens_in INTEGER,
  tokens_out INTEGER,
  report_json TEXT,
  job_id TEXT
) STRICT;
CREATE INDEX ix_state_executions_extension_id ON state_executions (extension_id);
CREATE INDEX ix_state_executions_started_at ON state_executions (started_at);
CREATE INDEX ix_state_executions_job_id ON state_executions (job_id);

CREATE TABLE state_summaries (
  node_id TEXT NOT NULL,
  summarizer_action_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  summarizer_version TEXT NOT NULL,
  body_hash_at_generation TEXT NOT NULL,
  generated_at INTEGER NOT NULL,
  summary_json TEXT NOT NULL,
  PRIMARY KEY (node_id, summarizer_action_id)
) STRICT;
CREATE INDEX ix_state_summaries_generated_at ON state_summaries (generated_at);

CREATE TABLE state_enrichments (
  node_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  data_json TEXT NOT NULL,
  verified INTEGER CONSTRAINT ck_state_enrichments_verified CHECK (verified IN (0, 1)),
  fetched_at INTEGER NOT NULL,
  stale_after INTEGER,
  PRIMARY KEY (node_id, provider_id)
) STRICT;
CREATE INDEX ix_state_enrichments_stale_after ON state_enrichments (stale_after);

CREATE TABLE state_plugin_kvs (
  plugin_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value_json TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (plugin_id, node_id, key)
) STRICT;
CREATE INDEX ix_state_plugin_kvs_plugin_id ON state_plugin_kvs (plugin_id);

CREATE TABLE state_node_favorites (
  node_path TEXT PRIMARY KEY,
  favorited_at INTEGER NOT NULL
) STRICT;

CREATE TABLE config_plugins (
  plugin_id TEXT PRIMARY KEY,
  enabled INTEGER NOT NULL DEFAULT 1 CONSTRAINT ck_config_plugins_enabled CHECK (enabled IN (0, 1)),
  config_json TEXT,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE config_preferences (
  key TEXT PRIMARY KEY,
  value_json TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 2;
`
