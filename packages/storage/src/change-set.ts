import { assert, canonicalJson, limits, TenonError, type Json } from '@tenon/contract'
import type { Statement } from '@tenon/database'
import { bytesOf, rowStatement, type Place, type RowTable } from './row-table.ts'

/** What a change sees: what is on disk, and on top of it what was changed before. */
export type Draft = {
  get(key: string): Json | undefined
  set(key: string, value: Json): void
  /** Whether the key was there. */
  delete(key: string): boolean
  /** The bytes of all keys and values, as they would be. */
  bytes(): number
}

export type ChangeSet = {
  /** Adds the changes of `work`, or none of them when it throws. */
  attempt<T>(work: (draft: Draft) => T): T
  statements(): Statement[]
  bytes(): number
}

/** Collects changes of the rows in one place, to be written in one go. `storedBytes` is what is there now. */
export function changeSet(table: RowTable, place: Place, storedBytes: number): ChangeSet {
  /** Undefined where the row is to be deleted. */
  const texts = new Map<string, string | undefined>()
  let bytes = storedBytes
  let undo: (() => void)[] = []

  const currentText = (key: string): string | undefined => (texts.has(key) ? texts.get(key) : table.text(key))
  const currentBytes = (key: string): number => (texts.has(key) ? sizeOf(key, texts.get(key)) : table.rowBytes(key))
  const put = (key: string, text: string | undefined): void => {
    const [wasChanged, textBefore, bytesBefore] = [texts.has(key), texts.get(key), bytes]
    undo.push(() => {
      bytes = bytesBefore
      if (wasChanged) texts.set(key, textBefore)
      else texts.delete(key)
    })
    bytes += sizeOf(key, text) - currentBytes(key)
    texts.set(key, text)
  }
  const draft: Draft = {
    get: (key) => parsed(currentText(key)),
    set: (key, value) => put(key, storableText(place, key, value)),
    delete(key) {
      if (currentBytes(key) === 0) return false
      put(key, undefined)
      return true
    },
    bytes: () => bytes,
  }
  return {
    bytes: () => bytes,
    statements: () => [...texts].map(([key, text]) => rowStatement(place, key, text)),
    attempt(work) {
      undo = []
      try {
        const result = work(draft)
        assert(!(result instanceof Promise), 'a change is synchronous')
        return result
      } catch (thrown) {
        for (const step of undo.toReversed()) step()
        throw thrown
      }
    },
  }
}

export const parsed = (text: string | undefined): Json | undefined =>
  text === undefined ? undefined : JSON.parse(text)

const sizeOf = (key: string, text: string | undefined): number => (text === undefined ? 0 : bytesOf(key, text))

function storableText({ plugin }: Place, key: string, value: Json): string {
  const text = canonicalJson(value)
  const bytes = Buffer.byteLength(text)
  if (bytes <= limits.kvValueBytes) return text
  throw new TenonError(
    'STORAGE_VALUE_INVALID',
    `the value of ${JSON.stringify(key)} of ${plugin} has ${bytes} bytes; ${limits.kvValueBytes} are allowed`,
    { hint: 'Spread it over several keys, or write a file.' },
  )
}
