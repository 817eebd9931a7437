import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { UserInput } from './user-input.ts'

export type Profile = UserInput & { id: string; created_at: string }

/** The profiles. One is on the disk before `add` returns. */
export type Profiles = {
  /** Which of the two that must be unique is taken already. */
  taken(user: UserInput): 'username' | 'email' | undefined
  add(profile: Profile): void
  get(id: string): Profile | undefined
  /** Those that others were not told of yet, oldest first. */
  unannounced(): Profile[]
  markAnnounced(id: string): void
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS profiles (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    department TEXT,
    manager TEXT,
    traits TEXT NOT NULL,
    created_at TEXT NOT NULL,
    announced INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS profiles_unannounced ON profiles (created_at, id) WHERE announced = 0;
`

export function profilesIn(database: DatabaseSync): Profiles {
  database.exec(SCHEMA)
  const byName = database.prepare('SELECT 1 FROM profiles WHERE username = ?')
  const byEmail = database.prepare('SELECT 1 FROM profiles WHERE email = ?')
  const byId = database.prepare('SELECT * FROM profiles WHERE id = ?')
  const untold = database.prepare('SELECT * FROM profiles WHERE announced = 0 ORDER BY created_at, id LIMIT 100')
  const told = database.prepare('UPDATE profiles SET announced = 1 WHERE id = ?')
  const insert = database.prepare(
    'INSERT INTO profiles (id, username, email, department, manager, traits, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    taken({ username, email }) {
      if (byName.get(username) !== undefined) return 'username'
      return byEmail.get(email) === undefined ? undefined : 'email'
    },
    add({ id, username, email, department, manager, traits, created_at }) {
      insert.run(id, username, email, department ?? null, manager ?? null, JSON.stringify(traits), created_at)
    },
    get(id) {
      const row = byId.get(id)
      return row === undefined ? undefined : profileOf(row)
    },
    unannounced: () => untold.all().map(profileOf),
    markAnnounced: (id) => void told.run(id),
  }
}

function profileOf(row: Record<string, SQLOutputValue>): Profile {
  const { department, manager } = row
  return {
    id: String(row['id']),
    username: String(row['username']),
    email: String(row['email']),
    ...(typeof department === 'string' ? { department } : {}),
    ...(typeof manager === 'string' ? { manager } : {}),
    // Written by `add` from a list of texts.
    traits: JSON.parse(String(row['traits'])) as string[],
    created_at: String(row['created_at']),
  }
}
