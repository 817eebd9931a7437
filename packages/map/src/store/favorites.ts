import type { World } from '@tenon/contract'
import type { Database } from '@tenon/database'

/** The nodes that a user marked. */
export type Favorites = {
  /** Their paths, in order. */
  all(): string[]
  has(nodePath: string): boolean
  /** One that is marked keeps the time at which it was. */
  add(nodePath: string): void
  remove(nodePath: string): void
}

const PATH = { node_path: 'text' } as const

export const favorites = (database: Database, world: World): Favorites => ({
  all: () =>
    database.all(PATH, 'SELECT node_path FROM state_node_favorites ORDER BY node_path').map((row) => row.node_path),
  has: (nodePath) =>
    database.get(PATH, 'SELECT node_path FROM state_node_favorites WHERE node_path = ?', nodePath) !== undefined,
  add: (nodePath) =>
    void database.run('INSERT OR IGNORE INTO state_node_favorites VALUES (?, ?)', nodePath, world.now()),
  remove: (nodePath) => void database.run('DELETE FROM state_node_favorites WHERE node_path = ?', nodePath),
})
