import { PluginError } from '@tenon/sdk'
import { groupedId } from './checked-id.ts'
import { judge, type Kind } from './kinds.ts'
import type { TransformInput, TransformOutput } from './plugin-types.ts'
import { canonicalUlid, ulidOfUuid, ulidTime, uuidOfUlid } from './ulid.ts'

type Form = TransformInput['to']

const upper = (id: string): string => id.toUpperCase()
const compact = (id: string): string => id.replaceAll('-', '')
const same = (id: string): string => id

/** What each kind can become. A UUID carries no time that could be told from chance, so it has no timestamp. */
const CONVERSIONS: Record<Kind, Partial<Record<Form, (id: string) => string>>> = {
  ulid: { ulid: same, uuid: uuidOfUlid, timestamp: ulidTime, upper, compact: same, grouped: same },
  uuid: { uuid: (id) => id.toLowerCase(), ulid: ulidOfUuid, upper, compact, grouped: same },
  checked: { upper, compact, grouped: same },
}

export function transform({ id, to }: TransformInput): TransformOutput {
  const { kind, sound } = soundForm(id)
  const convert = CONVERSIONS[kind][to]
  if (convert === undefined)
    throw new PluginError('CONVERSION_UNKNOWN', `"${id}" is a ${kind}, which has no form "${to}"`, {
      hint: `It has the forms ${Object.keys(CONVERSIONS[kind]).join(', ')}.`,
    })
  return { from: kind, to, result: convert(sound) }
}

/** The identifier that was meant: as it stands, in capitals, with look-alikes replaced, or with its hyphens. */
function soundForm(id: string): { kind: Kind; sound: string } {
  const readings = [id, id.toUpperCase(), canonicalUlid(id), groupedUuid(id), groupedId(id.toUpperCase())]
  for (const sound of readings) {
    const { kind, valid } = judge(sound ?? '')
    if (sound !== undefined && valid && kind !== 'unknown') return { kind, sound }
  }
  throw new PluginError('ID_INVALID', `"${id}" is no sound identifier: ${judge(id).reason}`)
}

function groupedUuid(text: string): string | undefined {
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i.exec(text)
  return parts === null ? undefined : parts.slice(1).join('-')
}
