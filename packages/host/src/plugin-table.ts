import { jsonValue, type Description } from '@tenon/contract'
import type { Database, Migration } from '@tenon/database'
import { overrideMigration } from './override-table.ts'
import type { Origin, PluginRecord, PluginStatus } from './records.ts'

export const hostMigrations: readonly Migration[] = [
  {
    id: 'host/1',
    sql: `
      CREATE TABLE host_plugins (
        id TEXT PRIMARY KEY,
        description TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('registered', 'installed')),
        status TEXT NOT NULL CHECK (status IN ('registered', 'active', 'disabled')),
        registered_at TEXT NOT NULL,
        token_id TEXT,
        address TEXT,
        disabled_reason TEXT
      ) STRICT;
      CREATE TABLE host_grants (plugin TEXT NOT NULL, capability TEXT NOT NULL, PRIMARY KEY (plugin, capability)) STRICT;
      CREATE TABLE host_token_hashes (name TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;
    `,
  },
  {
    id: 'host/2',
    sql: `
      CREATE TABLE host_subscriptions (
        plugin TEXT NOT NULL,
        pattern TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        PRIMARY KEY (plugin, pattern)
      ) STRICT;
    `,
  },
  {
    id: 'host/3',
    sql: `
      ALTER TABLE host_plugins RENAME TO host_plugins_before;
      CREATE TABLE host_plugins (
        id TEXT PRIMARY KEY,
        description TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('registered', 'installed')),
        status TEXT NOT NULL CHECK (status IN ('registered', 'active', 'disabled', 'quarantined')),
        registered_at TEXT NOT NULL,
        token_id TEXT,
        address TEXT,
        status_reason TEXT
      ) STRICT;
      INSERT INTO host_plugins SELECT * FROM host_plugins_before;
      DROP TABLE host_plugins_before;
    `,
  },
  overrideMigration,
]

const COLUMNS = {
  id: 'text',
  description: 'text',
  origin: 'text',
  status: 'text',
  registered_at: 'text',
  token_id: 'text?',
  address: 'text?',
  status_reason: 'text?',
} as const
const FROM = `SELECT ${Object.keys(COLUMNS).join(', ')} FROM host_plugins`

export type Subscription = { pattern: string; endpoint: string }

export type PluginTable = {
  get(id: string): PluginRecord | undefined
  list(): PluginRecord[]
  put(record: PluginRecord): void
  remove(id: string): void
  grants(id: string): string[]
  setGrants(id: string, capabilities: readonly string[]): void
  /** Which events a remote plugin wants, and at which of its endpoints. */
  subscriptions(id: string): Subscription[]
  setSubscription(id: string, subscription: Subscription): void
  tokenHash(name: string): string | undefined
  /** Of every administrator, by name. */
  tokenHashes(): { name: string; hash: string }[]
  setTokenHash(name: string, hash: string): void
  removeTokenHash(name: string): void
}

export function pluginTable(database: Database): PluginTable {
  return {
    get: (id) => read(database.get(COLUMNS, `${FROM} WHERE id = ?`, id)),
    list: () => database.all(COLUMNS, `${FROM} ORDER BY id`).flatMap((row) => read(row) ?? []),
    put: (record) => put(database, record),
    remove: (id) =>
      database.transaction(() => {
        database.run('DELETE FROM host_plugins WHERE id = ?', id)
        database.run('DELETE FROM host_grants WHERE plugin = ?', id)
        database.run('DELETE FROM host_subscriptions WHERE plugin = ?', id)
      }),
    grants: (id) =>
      database
        .all({ capability: 'text' }, 'SELECT capability FROM host_grants WHERE plugin = ? ORDER BY capability', id)
        .map(({ capability }) => capability),
    setGrants: (id, capabilities) =>
      database.transaction(() => {
        database.run('DELETE FROM host_grants WHERE plugin = ?', id)
        for (const capability of capabilities) database.run('INSERT INTO host_grants VALUES (?, ?)', id, capability)
      }),
    subscriptions: (id) =>
      database.all(
        { pattern: 'text', endpoint: 'text' },
        'SELECT pattern, endpoint FROM host_subscriptions WHERE plugin = ? ORDER BY pattern',
        id,
      ),
    setSubscription: (id, { pattern, endpoint }) =>
      void database.run('INSERT OR REPLACE INTO host_subscriptions VALUES (?, ?, ?)', id, pattern, endpoint),
    tokenHash: (name) =>
      database.get({ hash: 'text' }, 'SELECT hash FROM host_token_hashes WHERE name = ?', name)?.hash,
    tokenHashes: () =>
      database.all({ name: 'text', hash: 'text' }, 'SELECT name, hash FROM host_token_hashes ORDER BY name'),
    setTokenHash: (name, hash) =>
      void database.run('INSERT OR REPLACE INTO host_token_hashes VALUES (?, ?)', name, hash),
    removeTokenHash: (name) => void database.run('DELETE FROM host_token_hashes WHERE name = ?', name),
  }
}

type Row = {
  id: string
  description: string
  origin: string
  status: string
  registered_at: string
  token_id: string | null
  address: string | null
  status_reason: string | null
}

function read(row: Row | undefined): PluginRecord | undefined {
  if (row === undefined) return undefined
  return {
    id: row.id,
    description: jsonValue(row.description) as Description,
    origin: row.origin as Origin,
    status: row.status as PluginStatus,
    registeredAt: row.registered_at,
    tokenId: row.token_id ?? undefined,
    address: row.address ?? undefined,
    statusReason: row.status_reason ?? undefined,
  }
}

function put(database: Database, record: PluginRecord): void {
  database.run(
    'INSERT OR REPLACE INTO host_plugins VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    record.id,
    JSON.stringify(record.description),
    record.origin,
    record.status,
    record.registeredAt,
    record.tokenId ?? null,
    record.address ?? null,
    record.statusReason ?? null,
  )
}
