import { checkedIdFault } from './checked-id.ts'
import { ulidFault } from './ulid.ts'

export type Kind = 'ulid' | 'checked' | 'uuid'
export type Verdict = { kind: Kind | 'unknown'; valid: boolean; reason?: string }

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What kind of identifier a text is meant to be, and whether it is a sound one. */
export function judge(text: string): Verdict {
  if (UUID.test(text)) return { kind: 'uuid', valid: true }
  if (text.includes('-')) return verdict('checked', checkedIdFault(text))
  if (/^[0-9A-Za-z]{26}$/.test(text)) return verdict('ulid', ulidFault(text))
  return { kind: 'unknown', valid: false, reason: 'it reads like no ULID, no UUID and no checked id' }
}

const verdict = (kind: Kind, reason: string | undefined): Verdict =>
  reason === undefined ? { kind, valid: true } : { kind, valid: false, reason }
