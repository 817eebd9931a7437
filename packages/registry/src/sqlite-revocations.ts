import type { Revocation } from '@tenon/contract'
import type { Database } from '@tenon/database'

const COLUMNS = { kind: 'text', digest: 'text', publisher: 'text', why: 'text', revoked_at: 'number' } as const

export const revocationsOf = (db: Database): Revocation[] =>
  db
    .all(COLUMNS, `SELECT ${Object.keys(COLUMNS).join(', ')} FROM revocation ORDER BY revoked_at, digest, publisher`)
    .map((row) => ({
      kind: row.kind as Revocation['kind'],
      digest: row.digest,
      ...(row.publisher === '' ? {} : { publisher: row.publisher }),
      why: row.why,
      at: new Date(row.revoked_at).toISOString(),
    }))

/** Writes it down, unless the same was revoked before: then that one stands. */
export function revoke(db: Database, { kind, digest, publisher, why, at }: Revocation): Revocation {
  const row = [kind, digest, publisher ?? '', why, Date.parse(at)]
  db.run('INSERT OR IGNORE INTO revocation (kind, digest, publisher, why, revoked_at) VALUES (?, ?, ?, ?, ?)', ...row)
  const isSame = (one: Revocation): boolean => one.kind === kind && one.digest === digest && one.publisher === publisher
  return revocationsOf(db).find(isSame) ?? { kind, digest, why, at }
}
