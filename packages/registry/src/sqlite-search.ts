import { jsonValue, type PluginSpec } from '@tenon/contract'
import type { Database } from '@tenon/database'
import type { PluginQuery, StoredListing } from './store.ts'

const COLUMNS = { rank: 'number', publisher: 'text', spec: 'text', status: 'text', published_at: 'number' } as const

/** One page of plugins, the exact id first, then by id. It goes on after a place, so that what is published meanwhile shifts nothing. */
export function searchPlugins(db: Database, query: PluginQuery): { rank: number; listing: StoredListing }[] {
  const { after = { rank: -1, id: '' }, words, exactId, capability, maintainer, limit } = query
  const conditions = ['(rank, id) > (?, ?)', ...words.map(() => `search_text LIKE ? ESCAPE '\\'`)]
  const params: (string | number)[] = [exactId ?? '', after.rank, after.id, ...words.map(containing)]
  if (capability !== undefined) {
    conditions.push(`EXISTS (SELECT 1 FROM capability_tag t
      WHERE t.plugin = id AND t.version = latest AND (t.action = ? OR t.capability = ?))`)
    params.push(capability, capability)
  }
  if (maintainer !== undefined) {
    conditions.push('EXISTS (SELECT 1 FROM maintainer m WHERE m.plugin = id AND m.publisher = ?)')
    params.push(maintainer)
  }
  const sql = `SELECT rank, p.publisher, v.spec, c.status, v.published_at
    FROM (SELECT *, id <> ? AS rank FROM plugin) p
    JOIN version v ON v.plugin = p.id AND v.version = p.latest
    JOIN verification c ON c.plugin = p.id AND c.version = p.latest
    WHERE ${conditions.join(' AND ')} ORDER BY rank, id LIMIT ?`
  return db.all(COLUMNS, sql, ...params, limit).map((row) => ({
    rank: row.rank,
    listing: {
      publisher: row.publisher,
      spec: jsonValue(row.spec) as PluginSpec,
      verification: row.status as StoredListing['verification'],
      publishedAt: row.published_at,
    },
  }))
}

const containing = (word: string): string => `%${word.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
