import type { Problem } from '@tenon/contract'
import { POLICY_KEYS, validatorOf, waiverSchema, type PolicyKey, type WaiverDocument } from '@tenon/contract/schema'
import { readYamlFile, type YamlFile } from '../folder/yaml-file.ts'
import { isDay } from './day.ts'
import { settingsOf, valueFaults, type PolicySettings } from './policy-settings.ts'

/** A looser value that somebody vouched for, for one plugin and key until a day. */
export type Waiver = {
  file: string
  plugin: string
  key: PolicyKey
  /** The value under its key. */
  set: PolicySettings
  /** The only pack whose rules are waived; without it, those of all packs are. */
  pack?: string
  approver: string
  reason: string
  /** The last day, of UTC, on which it holds. */
  expires: string
  lines: Record<'plugin' | 'key' | 'value' | 'approver' | 'expires', number>
}

export type WaiverReading = { waiver: Waiver | undefined; problems: Problem[] }

/** A waiver's problems by code, so that all of them can be told from those of packs. */
export const WAIVER = 'POLICY_WAIVER'
export const EXPIRED = 'WAIVER_EXPIRED'

const documents = validatorOf(waiverSchema)

/** Reads `policies/waivers/<name>.yaml`, for one of these plugins. Every problem has its line. */
export function readWaiver(source: string, file: string, plugins: readonly string[]): WaiverReading {
  const document = readYamlFile(source, { file, code: WAIVER }, documents)
  if (document.value === undefined) return { waiver: undefined, problems: document.problems }
  const { value } = document
  const problems = [...unknownPlugin(document, value, plugins), ...unfitValue(document, value)]
  return { waiver: problems.length === 0 ? waiverOf(value, file, document.lineOf) : undefined, problems }
}

type Document = YamlFile<WaiverDocument>

const unknownPlugin = ({ problem }: Document, { plugin }: WaiverDocument, plugins: readonly string[]): Problem[] =>
  plugins.includes(plugin)
    ? []
    : [problem(['plugin'], `there is no plugin "${plugin}"`, 'Name a folder under plugins/, or take the waiver away.')]

function unfitValue({ problem }: Document, document: WaiverDocument): Problem[] {
  const key = document.key as PolicyKey
  const found = validatorOf(POLICY_KEYS[key].value).problems(document.value)
  const messages = found.length > 0 ? found.map(({ message }) => message) : valueFaults(key, document.value)
  return [
    ...messages.map((message) => problem(['value'], message)),
    ...(isDay(document.expires) ? [] : [problem(['expires'], `"${document.expires}" is no day`)]),
  ]
}

function waiverOf(document: WaiverDocument, file: string, lineOf: Document['lineOf']): Waiver {
  const { plugin, value, pack, approver, reason, expires } = document
  const key = document.key as PolicyKey
  const line = (name: keyof Waiver['lines']): number => lineOf([name])
  return {
    file,
    plugin,
    key,
    set: settingsOf([[key, value, line('value')]]),
    ...(pack === undefined ? {} : { pack }),
    approver,
    reason,
    expires,
    lines: {
      plugin: line('plugin'),
      key: line('key'),
      value: line('value'),
      approver: line('approver'),
      expires: line('expires'),
    },
  }
}
