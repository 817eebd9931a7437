import {
  foldedId,
  jsonValue,
  parseCapability,
  parseDigest,
  TenonError,
  type PluginSpec,
  type World,
} from '@tenon/contract'
import { openDatabase, type Database, type RowOf } from '@tenon/database'
import { newestFirst } from '@tenon/resolver'
import { registryMigrations } from './migrations.ts'
import { revocationsOf, revoke } from './sqlite-revocations.ts'
import { searchPlugins } from './sqlite-search.ts'
import type { PublishedVersion, PublisherKey, RegistryStore, StoredVersion } from './store.ts'

const VERSION_COLUMNS = {
  publisher: 'text',
  digest: 'text',
  manifest_digest: 'text',
  size: 'number',
  spec: 'text',
  envelope: 'text',
  status: 'text',
  yanked: 'number',
  revoked: 'number',
  published_at: 'number',
} as const
/** Of a version with its plugin and provenance: whether its bundle was revoked, or the key that signed it. */
const REVOKED = `EXISTS (SELECT 1 FROM revocation r WHERE r.publisher IN ('', p.publisher)
  AND (r.kind, r.digest) IN (('key', o.key_id), ('bundle', v.manifest_digest)))`
const FROM_VERSION = `FROM version v
  JOIN plugin p ON p.id = v.plugin
  JOIN provenance o ON o.plugin = v.plugin AND o.version = v.version`
const SELECT_VERSION = `SELECT p.publisher, v.digest, v.manifest_digest, v.size, v.spec, o.envelope, c.status, v.yanked,
    ${REVOKED} AS revoked, v.published_at
  ${FROM_VERSION}
  JOIN verification c ON c.plugin = v.plugin AND c.version = v.version`
const KEY_COLUMNS = { key_id: 'text', publisher: 'text', public_key: 'text', added_at: 'number' } as const
const SELECT_KEY = 'SELECT key_id, publisher, public_key, added_at FROM publisher_key'

/** The registry in a SQLite file. */
export function sqliteStore(path: string, world: World): RegistryStore {
  const db = openDatabase(path, { migrations: registryMigrations, world })
  const versionOf = (id: string, version: string): StoredVersion | undefined => {
    const row = db.get(VERSION_COLUMNS, `${SELECT_VERSION} WHERE v.plugin = ? AND v.version = ?`, id, version)
    return row && storedVersion(row)
  }
  const keysOf = (rest: string, ...params: (string | number)[]): PublisherKey[] =>
    db.all(KEY_COLUMNS, `${SELECT_KEY} ${rest}`, ...params).map(storedKey)
  return {
    publish: async (published) => db.transaction(() => publish(db, published, versionOf)),
    version: async (id, version) => versionOf(id, version),
    plugin: async (id) => {
      const plugin = db.get({ latest: 'text' }, 'SELECT latest FROM plugin WHERE id = ?', id)
      if (plugin === undefined) return undefined
      const versions = db.all(VERSION_COLUMNS, `${SELECT_VERSION} WHERE v.plugin = ?`, id).map(storedVersion)
      const maintainers = db.all({ publisher: 'text' }, 'SELECT publisher FROM maintainer WHERE plugin = ?', id)
      const listing = versions.find(({ spec }) => spec.version === plugin.latest)
      return listing && { listing, versions: sorted(versions), maintainers: maintainers.map((row) => row.publisher) }
    },
    plugins: async (query) => searchPlugins(db, query),
    artifactSize: async (digest) =>
      db.get({ size: 'number' }, 'SELECT size FROM version WHERE digest = ? LIMIT 1', digest)?.size,
    addToken: async ({ hash, publisher, createdAt }) =>
      db.transaction(() => {
        db.run('INSERT OR IGNORE INTO publisher (id, created_at) VALUES (?, ?)', publisher, createdAt)
        insert(db, 'publisher_token', { hash, publisher, created_at: createdAt })
      }),
    publisherOf: async (hash) =>
      db.get({ publisher: 'text' }, 'SELECT publisher FROM publisher_token WHERE hash = ?', hash)?.publisher,
    putOperator: async (hash, replacing) =>
      db.run(`INSERT OR ${replacing ? 'REPLACE' : 'IGNORE'} INTO operator (only, hash) VALUES (1, ?)`, hash) === 1,
    operator: async () => {
      const row = db.get({ hash: 'text' }, 'SELECT hash FROM operator')
      return row && parseDigest(row.hash)
    },
    addKey: async (key) =>
      db.transaction(() => {
        const { keyId, publisher } = key
        const [known] = keysOf('WHERE key_id = ? AND publisher = ?', keyId, publisher)
        if (known === undefined)
          insert(db, 'publisher_key', { key_id: keyId, publisher, public_key: key.publicKey, added_at: key.addedAt })
        return known ?? key
      }),
    keys: async ({ after = { keyId: '', publisher: '' }, limit }) =>
      keysOf(
        'WHERE (key_id, publisher) > (?, ?) ORDER BY key_id, publisher LIMIT ?',
        after.keyId,
        after.publisher,
        limit,
      ),
    key: async (keyId) => keysOf('WHERE key_id = ? ORDER BY publisher', keyId),
    revoke: async (revocation) =>
      db.transaction(() => {
        const kept = revoke(db, revocation)
        for (const { id } of db.all(
          { id: 'text' },
          `SELECT p.id ${FROM_VERSION} WHERE v.version = p.latest AND ${REVOKED}`,
        ))
          listNewest(db, id)
        return kept
      }),
    revocations: async () => revocationsOf(db),
    close: async () => db.close(),
  }
}

function publish(
  db: Database,
  published: PublishedVersion,
  versionOf: (id: string, version: string) => StoredVersion | undefined,
): { isNew: boolean; stored: StoredVersion } {
  const { spec, digest, publisher } = published
  refuseTakenId(db, spec.id, publisher)
  const known = versionOf(spec.id, spec.version)
  if (known?.digest === digest) return { isNew: false, stored: known }
  if (known !== undefined)
    throw new TenonError('PUBLISH_CONFLICT', `${spec.id}@${spec.version} is published with ${known.digest}`, {
      hint: 'A published version never changes. Raise the version with "tenon plugin bump".',
    })
  insertVersion(db, published)
  listNewest(db, spec.id)
  const { keyId: _key, traceId: _trace, ...stored } = published
  return { isNew: true, stored: { ...stored, yanked: false, revoked: false } }
}

function refuseTakenId(db: Database, id: string, publisher: string): void {
  const holder = db.get(
    { id: 'text', publisher: 'text' },
    'SELECT id, publisher FROM plugin WHERE folded_id = ?',
    foldedId(id),
  )
  if (holder === undefined || (holder.id === id && holder.publisher === publisher)) return
  throw new TenonError('PLUGIN_EXISTS', `the id "${id}" is taken by ${holder.publisher}/${holder.id}`, {
    hint: 'Choose another id; "-" and "_" are held equal.',
  })
}

function insertVersion(db: Database, published: PublishedVersion): void {
  const { spec, publisher, publishedAt } = published
  const { id, version } = spec
  const known = db.get({ latest: 'text' }, 'SELECT latest FROM plugin WHERE id = ?', id)
  if (known === undefined) {
    const named = { id, folded_id: foldedId(id), publisher, latest: version, search_text: '' }
    insert(db, 'plugin', { ...named, created_at: publishedAt })
    insert(db, 'maintainer', { plugin: id, publisher })
  }
  const key = { plugin: id, version }
  insert(db, 'version', {
    ...key,
    digest: published.digest,
    manifest_digest: published.manifestDigest,
    size: published.size,
    spec: JSON.stringify(spec),
    published_at: publishedAt,
  })
  insert(db, 'provenance', {
    ...key,
    envelope: JSON.stringify(published.envelope),
    key_id: published.keyId,
    publisher,
    trace_id: published.traceId,
  })
  insert(db, 'verification', { ...key, status: published.verification })
  for (const capability of new Set(spec.permissions?.map((permission) => permission.capability)))
    insert(db, 'capability_tag', { ...key, action: parseCapability(capability).action, capability })
}

/** Table and columns are ours; the values are bound. */
function insert(db: Database, table: string, row: Readonly<Record<string, string | number>>): void {
  const columns = Object.keys(row)
  const places = columns.map(() => '?').join(', ')
  db.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, ...Object.values(row))
}

/** Lists show a plugin by the newest of its versions that was not revoked, if there is any. */
function listNewest(db: Database, id: string): void {
  const sql = `SELECT v.spec ${FROM_VERSION} WHERE v.plugin = ? AND NOT ${REVOKED}`
  const specs = db.all({ spec: 'text' }, sql, id).map(({ spec }) => jsonValue(spec) as PluginSpec)
  const [newest] = newestFirst(specs.map(({ version }) => version))
  const spec = specs.find(({ version }) => version === newest)
  if (spec === undefined) return
  const words = [spec.id, spec.name, spec.description, ...(spec.keywords ?? [])]
  const searchText = words
    .filter((word) => word !== undefined)
    .join('\n')
    .toLowerCase()
  db.run('UPDATE plugin SET latest = ?, search_text = ? WHERE id = ?', spec.version, searchText, id)
}

function sorted(versions: readonly StoredVersion[]): StoredVersion[] {
  const order = newestFirst(versions.map(({ spec }) => spec.version))
  return versions.toSorted((a, b) => order.indexOf(a.spec.version) - order.indexOf(b.spec.version))
}

const storedVersion = (row: RowOf<typeof VERSION_COLUMNS>): StoredVersion => ({
  publisher: row.publisher,
  digest: parseDigest(row.digest),
  manifestDigest: parseDigest(row.manifest_digest),
  size: row.size,
  // What was checked when it was published is what is read back.
  spec: jsonValue(row.spec) as PluginSpec,
  envelope: jsonValue(row.envelope) as StoredVersion['envelope'],
  verification: row.status as StoredVersion['verification'],
  yanked: row.yanked === 1,
  revoked: row.revoked === 1,
  publishedAt: row.published_at,
})

const storedKey = (row: RowOf<typeof KEY_COLUMNS>): PublisherKey => ({
  keyId: parseDigest(row.key_id),
  publisher: row.publisher,
  publicKey: row.public_key,
  addedAt: row.added_at,
})
