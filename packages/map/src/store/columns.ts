/** The columns of the scan zone, without the keys that only order rows. */
export const META = {
  id: 'number',
  scope: 'text',
  roots_json: 'text',
  scanned_at: 'number',
  scanned_by_name: 'text',
  scanned_by_version: 'text',
  scanned_by_spec_version: 'text',
  providers_json: 'text',
  stats_files_walked: 'number',
  stats_files_skipped: 'number',
  stats_duration_ms: 'number',
} as const

export const NODE = {
  path: 'text',
  kind: 'text',
  provider: 'text',
  title: 'text?',
  description: 'text?',
  stability: 'text?',
  version: 'number?',
  frontmatter_json: 'text',
  body_hash: 'text',
  frontmatter_hash: 'text',
  bytes_frontmatter: 'number',
  bytes_body: 'number',
  bytes_total: 'number',
  tokens_frontmatter: 'number?',
  tokens_body: 'number?',
  tokens_total: 'number?',
  links_out_count: 'number',
  links_in_count: 'number',
  external_refs_count: 'number',
  scanned_at: 'number',
  sidecar_present: 'number',
  sidecar_status: 'text?',
  annotations_json: 'text?',
  sidecar_root_json: 'text?',
} as const

export const LINK = {
  source_path: 'text',
  target_path: 'text',
  kind: 'text',
  confidence: 'text',
  sources_json: 'text',
  original_trigger: 'text?',
  normalized_trigger: 'text?',
  location_line: 'number?',
  location_column: 'number?',
  location_offset: 'number?',
  raw: 'text?',
} as const

export const ISSUE = {
  rule_id: 'text',
  severity: 'text',
  node_ids_json: 'text',
  link_indices_json: 'text?',
  message: 'text',
  detail: 'text?',
  fix_json: 'text?',
  data_json: 'text?',
} as const

export const TAG = { node_path: 'text', tag: 'text', source: 'text' } as const

export const RUN = { node_path: 'text', extractor_id: 'text', body_hash_at_run: 'text', ran_at: 'number' } as const

export const CONTRIBUTION = {
  plugin_id: 'text',
  extension_id: 'text',
  node_path: 'text',
  contribution_id: 'text',
  contract: 'text',
  payload_json: 'text',
  emitted_at: 'number',
} as const

export const ENRICHMENT = {
  node_path: 'text',
  extractor_id: 'text',
  body_hash_at_enrichment: 'text',
  value_json: 'text',
  stale: 'number',
  enriched_at: 'number',
  is_probabilistic: 'number',
} as const

export const EXECUTION = {
  id: 'text',
  kind: 'text',
  extension_id: 'text',
  extension_version: 'text',
  node_ids_json: 'text',
  content_hash: 'text?',
  status: 'text',
  failure_reason: 'text?',
  exit_code: 'number?',
  runner: 'text?',
  started_at: 'number',
  finished_at: 'number',
  duration_ms: 'number?',
  tokens_in: 'number?',
  tokens_out: 'number?',
  report_json: 'text?',
  job_id: 'text?',
} as const
