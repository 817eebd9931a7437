import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import { describe, expect, test } from 'vitest'
import type { GateCase } from './gate-cases/gate-case.ts'
import { at, policies, read, scaffoldOnce } from './plugins.ts'

const folder = fileURLToPath(new URL('./gate-cases', import.meta.url))
const claims = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const documented = read(fileURLToPath(new URL('../../../docs', import.meta.url)), 'gates.md')
const fresh = scaffoldOnce()

const caseOf = async (claim: string): Promise<GateCase> =>
  ((await import(`./gate-cases/${claim}/case.ts`)) as { default: GateCase }).default

const line = ({ code, file, line: row, message, hint }: Problem): string =>
  [code, [file, row ?? []].flat().join(':'), message, ...(hint === undefined ? [] : [`(${hint})`])].join(' ')

/** Which codes each gate was seen to use. */
const seen = new Map<string, Set<string>>()

describe('each gate notices what it is there for, and says where and what to do', () => {
  test.each(claims.map(({ name }) => name))('%s', async (claim) => {
    const { gate, harm } = await caseOf(claim)
    const root = fresh()
    harm(root)
    const { gates } = await validatePlugin(nodeDisk, root, policies, at)
    const problems = gates.find((one) => one.gate === gate)?.problems ?? []
    expect(problems).not.toEqual([])
    expect(problems.filter(({ hint }) => hint === undefined)).toEqual([])
    seen.set(gate, new Set([...(seen.get(gate) ?? []), ...problems.map(({ code }) => code)]))
    await expect(`${problems.map(line).join('\n')}\n`).toMatchFileSnapshot(`${folder}/${claim}/expected.txt`)
  })

  test('the document of gates lists every gate, with the codes that were seen', async () => {
    const rows = [...documented.matchAll(/^\| `(\w+)` \| .* \| (.*) \|$/gm)].map(([, gate = '', codes = '']) => ({
      gate,
      codes: [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
    }))
    const { gates } = await validatePlugin(nodeDisk, fresh(), policies, at)
    expect(rows.map(({ gate }) => gate)).toEqual(gates.map(({ gate }) => gate))
    for (const [gate, codes] of seen)
      expect([gate, rows.find((row) => row.gate === gate)?.codes]).toEqual([gate, expect.arrayContaining([...codes])])
    expect(rows.filter(({ gate }) => !seen.has(gate)).map(({ gate }) => gate)).toEqual([
      'policies',
      'compatibility',
      'waivers',
    ])
  })
})
