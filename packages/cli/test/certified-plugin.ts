import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readSigningKey, signStatement } from '@tenon/bundle'
import { prettyJson } from '@tenon/contract'
import type { Ended, Parsed } from './in-process.ts'
import { FEATURE, feature, made, scenario, type Made } from './tested-plugin.ts'

export const SCENARIOS = {
  node: ['When echo is given {"text":"hello"}', 'Then it answers {"text":"hello"}'],
  python: ['Given the file "rows.csv" with "a,b"', 'When the dataset is run', 'Then it answers ["summary.json"]'],
} as const

/** A new plugin with a scenario, derived. */
export async function scaffolded(kind: keyof typeof SCENARIOS = 'node'): Promise<Made> {
  const plugin = await made(kind)
  plugin.write({ [FEATURE]: feature(scenario('It does what it is for', ...SCENARIOS[kind])) })
  expect(await plugin.tenon(['plugin', 'derive', 'demo'])).toMatchObject({ code: 0, stderr: '' })
  return plugin
}

export const NAME = 'dist/demo-0.1.0'

/** What was written of a plugin when it was certified, and how to write it otherwise. */
export type Written = {
  path(suffix: 'tgz' | 'dsse.json' | 'report.json'): string
  predicate(): Parsed
  /** The same statement but for what is changed of it, signed with the publisher's own key. */
  resign(change: (statement: Parsed) => void): void
  verify(...more: string[]): Promise<Ended>
}

export function written({ home, tenon }: Pick<Made, 'home' | 'tenon'>, name = NAME, publisher = 'acme'): Written {
  const path = (suffix: string): string => join(home, `${name}.${suffix}`)
  const statement = (): Parsed => {
    const { payload } = JSON.parse(readFileSync(path('dsse.json'), 'utf8'))
    return JSON.parse(Buffer.from(payload, 'base64').toString())
  }
  return {
    path,
    predicate: () => statement().predicate,
    resign: (change) => {
      const changed = statement()
      change(changed)
      const pem = join(home, `.local/share/tenon/keys/publisher-${publisher}.pem`)
      const key = readSigningKey(readFileSync(pem), pem)
      writeFileSync(path('dsse.json'), prettyJson(signStatement(changed, key)))
    },
    verify: (...more) => tenon(['plugin', 'verify', `${name}.tgz`, '--json', ...more]),
  }
}
