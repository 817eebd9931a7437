import { assert } from '@tenon/contract'
import { keyValueOf, type KeyValue, type KeyValueRules } from './key-value.ts'
import type { Rows } from './plugin-rows.ts'
import { shadowRows } from './shadow-rows.ts'
import type { Place } from './stored-row.ts'

/** Keys and values on their way to another version of their schema. Nobody sees the changes before they are made at once. */
export type KeyValueMigration = {
  /** The version in which they are stored; undefined when nothing is. */
  from: number | undefined
  kv: KeyValue
  /** How many keys would be others. */
  changed(): number
  /** Makes all changes, and notes the version. */
  commit(to: number): Promise<void>
}

/** The row that no plugin can name: a key has at least one byte. */
const VERSION_KEY = ''

export function migrationOf(rows: Rows, place: Place, now: () => number, rules: KeyValueRules): KeyValueMigration {
  const shadow = shadowRows(rows, place, now)
  return {
    from: versionIn(rows),
    kv: keyValueOf(shadow, place.plugin, rules),
    changed: () => shadow.changed(),
    commit: (to) =>
      rows.change((draft) => {
        shadow.replay(draft)
        draft.set(VERSION_KEY, to)
      }),
  }
}

/** What was stored before versions were noted is in the first. */
function versionIn(rows: Rows): number | undefined {
  const noted = rows.get(VERSION_KEY)
  if (noted === undefined) return rows.keys({ limit: 1 }).length === 0 ? undefined : 1
  assert(typeof noted === 'number', 'a version is a number')
  return noted
}
