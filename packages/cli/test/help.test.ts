import { expect, test } from 'vitest'
import { COMMANDS } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Tenon } from './in-process.ts'

const LISTED = /^COMMANDS\n((?: {2}.*\n?)+)/m

/** Every topic and verb below a path of words, with its help. */
async function helpBelow(tenon: Tenon, words: readonly string[]): Promise<[words: string, text: string][]> {
  const { code, stdout, stderr } = await tenon([...words, '--help'])
  expect([words, code, stderr]).toEqual([words, 0, ''])
  const names = [...(LISTED.exec(stdout)?.[1] ?? '').matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name)
  const below: [string, string][] = []
  for (const name of names) below.push(...(await helpBelow(tenon, [...words, name])))
  return [[words.join(' '), stdout], ...below]
}

test('every verb says what it does, shows an example and prints JSON on demand', async () => {
  const all = await helpBelow(tenonIn(temporaryFolder()), [])
  const verbs = all.filter(([, text]) => !LISTED.test(text))
  expect(verbs.map(([words]) => words).toSorted()).toEqual([...COMMANDS].toSorted())
  for (const [words, text] of verbs) {
    expect([words, text]).toEqual([words, expect.stringContaining(`For example:\n  tenon ${words}`)])
    expect([words, text]).toEqual([words, expect.stringMatching(/^ +\[--json\]/m)])
  }
  await expect(all.map(([words, text]) => `$ tenon ${words} --help\n${text}`).join('\n')).toMatchFileSnapshot(
    './golden/help.txt',
  )
})

test('without words the command shows its help, and sm is the map', async () => {
  const tenon = tenonIn(temporaryFolder())
  expect((await tenon([])).stdout).toBe((await tenon(['--help'])).stdout)
  expect((await tenon(['scan', '--help'], { binary: 'sm' })).stdout).toBe(
    (await tenon(['map', 'scan', '--help'])).stdout,
  )
})
