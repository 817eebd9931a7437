import { resolve } from 'node:path'
import { inTurn, type InTurn } from '@tenon/contract'

const turns = new Map<string, InTurn>()

/**
 * Changes one workspace at a time, and after the change before it. That no other process does so meanwhile is whoever
 * owns the workspace's data folder to see to.
 */
export function changeAlone<T>(folder: string, change: () => Promise<T>): Promise<T> {
  const place = resolve(folder)
  const turn = turns.get(place) ?? inTurn()
  turns.set(place, turn)
  return turn(change)
}
