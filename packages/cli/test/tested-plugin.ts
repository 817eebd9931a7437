import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Ended, type Parsed, type Surroundings, type Tenon } from './in-process.ts'

export type Made = {
  home: string
  root: string
  tenon: Tenon
  write(files: Record<string, string | object>): void
  /** Tests it, at this gate alone. */
  at(gate: string, around?: Surroundings): Promise<Ended & { gate: Parsed }>
}

/** A plugin that was just made, to be changed and tested. */
export async function made(kind = 'node'): Promise<Made> {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  expect((await tenon(['plugin', 'new', 'demo', '--kind', kind, '--publisher', 'acme'])).stderr).toBe('')
  const root = join(home, 'plugins/demo')
  return {
    ...{ home, root, tenon },
    write: (files) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), typeof text === 'string' ? text : JSON.stringify(text))
      }
    },
    at: async (gate, around) => {
      const ended = await tenon(['plugin', 'test', 'demo', '--only', gate, '--json'], around)
      expect(ended.stderr).toBe('')
      return { ...ended, gate: ended.json().gates[0] }
    },
  }
}

/** The scenarios that a new plugin of kind node comes with. */
export const FEATURE = 'conformance/behavior/echo.feature'
export const feature = (...scenarios: string[]): string => `Feature: Demo\n${scenarios.join('\n')}\n`
export const scenario = (name: string, ...steps: string[]): string =>
  [`  Scenario: ${name}`, ...steps.map((step) => `    ${step}`)].join('\n')
