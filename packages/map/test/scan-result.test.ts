import { Ajv2020 } from 'ajv/dist/2020.js'
import { disabledKinds, scan, scanJson, scanResultSchema, type ScanResult } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { named, scanFolder, writeFiles, type Files } from './folder-scan.ts'

const kindsOf = async (files: Files) => {
  const { result } = await scanFolder({ files })
  expect(result.issues).toEqual([])
  return result.nodes.map(({ path, provider, kind }) => `${path} ${provider}/${kind}`)
}

test('the switches are 1 or nothing, each for its kind', () => {
  expect(disabledKinds({})).toEqual([])
  expect(disabledKinds({ SKILL_MAP_DISABLE_ALL_RULES: '1', SKILL_MAP_DISABLE_ALL_PROVIDERS: '0' })).toEqual(['rule'])
})

describe('the Providers', () => {
  test('the case of a path does not matter, its place does', async () => {
    expect(await kindsOf({ '.Claude/Agents/A.MD': named('a'), 'x/.claude/agents/b.md': named('b') })).toEqual([
      '.Claude/Agents/A.MD claude/agent',
      'x/.claude/agents/b.md markdown/markdown',
    ])
  })

  test('are named in the result in the order in which they are asked', async () => {
    const { result } = await scanFolder({})
    expect(result.providers).toEqual(['claude', 'gemini', 'agent-skills', 'markdown'])
  })

  test('without the fallback what nobody claims is skipped', async () => {
    const { result } = await scanFolder({
      files: { 'a.md': 'x', '.claude/agents/b.md': named('b') },
      options: { disabled: { keys: ['core/markdown'] } },
    })
    expect(result.nodes.map(({ path }) => path)).toEqual(['.claude/agents/b.md'])
    expect(result.stats).toMatchObject({ filesWalked: 2, filesSkipped: 1 })
  })

  test('a bundle is switched off by its id only, an extension of core by its qualified id only', async () => {
    const providersWithout = async (...keys: string[]) =>
      (await scanFolder({ options: { disabled: { keys } } })).result.providers
    expect(await providersWithout('claude', 'gemini/gemini', 'core')).toEqual(['gemini', 'agent-skills', 'markdown'])
  })
})

describe('the output', () => {
  const files = {
    '.claude/agents/b.md': `${named('b', 'tags: [x]\n')}@a /b [a](../../a.md) https://x.example`,
    'a.md': '# A\n/b `/c`\n',
    'a.sm': 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {tags: [u]}\n',
    'z/c.md': '---\nname: 1\n---\n',
  }
  const scanOnce = async (order: Files): Promise<ScanResult> => {
    const folder = temporaryFolder()
    writeFiles(folder, order)
    return (await scan({ roots: ['.'], world: simulatedWorld(7, { cwd: folder }) })).result
  }

  test('is the same text whatever the order in which the files came', async () => {
    const backwards = Object.fromEntries(Object.entries(files).toReversed())
    const text = scanJson(await scanOnce(files))
    expect(scanJson(await scanOnce(backwards))).toBe(text)
    expect(text.endsWith('}\n')).toBe(true)
    expect(scanJson(JSON.parse(text))).toBe(text)
  })

  test('fits the schema by another validator’s judgement', async () => {
    const judge = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
      JSON.parse(JSON.stringify(scanResultSchema)),
    )
    const result = await scanOnce(files)
    judge(result)
    expect(judge.errors).toBeNull()
    judge({ ...result, more: 1 })
    expect(judge.errors).not.toBeNull()
  })

  test('says what made it', async () => {
    expect((await scanOnce({})).scannedBy).toEqual({ name: 'tenon', version: '0.1.0', specVersion: '0.19.0' })
  })

  test('counts what leaves, reaches and points out of a node', async () => {
    const { nodes } = await scanOnce(files)
    const counts = nodes.map(({ path, linksOutCount, linksInCount, externalRefsCount }) => [
      path,
      linksOutCount,
      linksInCount,
      externalRefsCount,
    ])
    expect(counts).toEqual([
      ['.claude/agents/b.md', 3, 0, 1],
      ['a.md', 1, 1, 0],
      ['z/c.md', 0, 0, 0],
    ])
  })
})
