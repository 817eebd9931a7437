import type { Probe } from '@tenon/contract/schema'
import { stringify } from 'yaml'

/** Texts that are themselves in YAML, whatever reads it: no sign of its own, no other type, short enough for one line. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|nan|inf|[yn])$)[a-z][\w./-]{0,55}$/i
const LINE = /^([a-z_]+): (?:([a-z][\w./-]{0,55})|([1-9]\d{0,8}))$/i

/** The block of a probe. Most probes are plain lines, which take no library: many plugins are derived and checked at once. */
export const probeText = (probe: Probe): string => plainText(probe) ?? stringify(probe)

function plainText(probe: Probe): string | undefined {
  const entries = Object.entries(probe).filter(([, value]) => value !== undefined)
  const isPlain = entries.every(([, value]) => (typeof value === 'string' ? PLAIN.test(value) : isSmall(value)))
  return isPlain ? entries.map(([key, value]) => `${key}: ${value}\n`).join('') : undefined
}

const isSmall = (value: number): boolean => Number.isInteger(value) && value > 0 && value < 1e9

/** What a block of plain lines says; undefined for any other, which YAML has to be asked for. */
export function plainProbe(text: string): Record<string, string | number> | undefined {
  const probe: Record<string, string | number> = {}
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [, key = '', word, number] = LINE.exec(line) ?? []
    const isNew = key !== '' && !Object.hasOwn(probe, key)
    if (!isNew || (word !== undefined && !PLAIN.test(word))) return undefined
    probe[key] = word ?? Number(number)
  }
  return probe
}
