import type { Finding } from '@tenon/contract'
import type { Database, Migration, RowOf } from '@tenon/database'

export const overrideMigration: Migration = {
  id: 'host/4',
  sql: `
    CREATE TABLE host_overrides (
      id TEXT PRIMARY KEY,
      plugin TEXT NOT NULL,
      manifest TEXT NOT NULL,
      finding TEXT NOT NULL,
      why TEXT NOT NULL,
      requested_by TEXT NOT NULL,
      requested_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      approved_by TEXT,
      approved_at INTEGER,
      revoked_by TEXT,
      revoked_at INTEGER
    ) STRICT;
  `,
}

/** That a finding does not count for one very bundle, until a time. Times are milliseconds since the epoch. */
export type OverrideRecord = {
  id: string
  plugin: string
  /** The digest of the bundle's manifest. */
  digest: string
  finding: Finding
  why: string
  requestedBy: string
  requestedAt: number
  expiresAt: number
  approvedBy: string | undefined
  approvedAt: number | undefined
  revokedBy: string | undefined
  revokedAt: number | undefined
}

const COLUMNS = {
  id: 'text',
  plugin: 'text',
  manifest: 'text',
  finding: 'text',
  why: 'text',
  requested_by: 'text',
  requested_at: 'number',
  expires_at: 'number',
  approved_by: 'text?',
  approved_at: 'number?',
  revoked_by: 'text?',
  revoked_at: 'number?',
} as const
const FROM = `SELECT ${Object.keys(COLUMNS).join(', ')} FROM host_overrides`

export type OverrideTable = {
  get(id: string): OverrideRecord | undefined
  /** The newest first. */
  list(): OverrideRecord[]
  /** Those of a finding in one very bundle, the newest first. */
  of(plugin: string, digest: string, finding: string): OverrideRecord[]
  put(record: OverrideRecord): void
}

export const overrideTable = (database: Database): OverrideTable => ({
  get: (id) => database.all(COLUMNS, `${FROM} WHERE id = ?`, id).map(read)[0],
  list: () => database.all(COLUMNS, `${FROM} ORDER BY id DESC`).map(read),
  of: (plugin, digest, finding) =>
    database
      .all(
        COLUMNS,
        `${FROM} WHERE plugin = ? AND manifest = ? AND finding = ? ORDER BY id DESC`,
        plugin,
        digest,
        finding,
      )
      .map(read),
  put: (record) =>
    void database.run(
      'INSERT OR REPLACE INTO host_overrides VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[record.id, record.plugin, record.digest, record.finding, record.why],
      ...[record.requestedBy, record.requestedAt, record.expiresAt],
      ...[record.approvedBy ?? null, record.approvedAt ?? null, record.revokedBy ?? null, record.revokedAt ?? null],
    ),
})

const read = (row: RowOf<typeof COLUMNS>): OverrideRecord => ({
  id: row.id,
  plugin: row.plugin,
  digest: row.manifest,
  finding: row.finding as Finding,
  why: row.why,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at,
  expiresAt: row.expires_at,
  approvedBy: row.approved_by ?? undefined,
  approvedAt: row.approved_at ?? undefined,
  revokedBy: row.revoked_by ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
})
