import type { DatabaseSync } from 'node:sqlite'

/**
 * The token that the host gave when it took this manifest. It is kept over a restart: a host does not give a second
 * token to someone who only says that it is the same plugin.
 */
export type Membership = {
  /** The empty text when there is none yet. */
  token(): string
  /** Whether the token was given for this manifest. */
  isFor(manifest: object): boolean
  keep(token: string, manifest: object): void
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS membership (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    token TEXT NOT NULL,
    manifest TEXT NOT NULL
  ) STRICT
`

export function membershipIn(database: DatabaseSync): Membership {
  database.exec(SCHEMA)
  const select = database.prepare('SELECT token, manifest FROM membership')
  const replace = database.prepare('INSERT OR REPLACE INTO membership (one, token, manifest) VALUES (1, ?, ?)')
  return {
    token: () => String(select.get()?.['token'] ?? ''),
    isFor: (manifest) => select.get()?.['manifest'] === JSON.stringify(manifest),
    keep: (token, manifest) => void replace.run(token, JSON.stringify(manifest)),
  }
}
