import { compareScans, readScanDump, scanJson, type Issue, type ScanResult } from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { named, scanFolder, type Files } from './folder-scan.ts'

const scanned = async (files: Files): Promise<ScanResult> => (await scanFolder({ files })).result

const BEFORE: Files = { 'a.md': `${named('a')}[b](b.md)\n`, 'b.md': named('b'), 'c.md': `${named('c')}Text.\n` }

const paths = (nodes: readonly { path: string }[]): string[] => nodes.map(({ path }) => path)

describe('two scans', () => {
  test('of the same files differ in nothing', async () => {
    const nothing = { added: [], removed: [] }
    expect(compareScans(await scanned(BEFORE), await scanned(BEFORE))).toEqual({
      nodes: { ...nothing, changed: [] },
      links: nothing,
      issues: nothing,
    })
  })

  test('differ in the nodes, links and issues that came and went', async () => {
    const { 'b.md': _, ...rest } = BEFORE
    const after = await scanned({ ...rest, 'new.md': '[c](c.md)\n' })
    const { nodes, links, issues } = compareScans(await scanned(BEFORE), after)
    expect([paths(nodes.added), paths(nodes.removed), nodes.changed]).toEqual([['new.md'], ['b.md'], []])
    expect([links.added.map(({ source }) => source), links.removed]).toEqual([['new.md'], []])
    expect([issues.added.map(({ ruleId }) => ruleId), issues.removed]).toEqual([['broken-ref'], []])
    const back = compareScans(after, await scanned(BEFORE))
    expect([paths(back.nodes.removed), back.links.removed.length, back.issues.removed.length]).toEqual([
      ['new.md'],
      1,
      1,
    ])
  })

  test.each([
    ['body', `${named('c')}Other text.\n`],
    ['frontmatter', `${named('d')}Text.\n`],
    ['both', `${named('d')}Other text.\n`],
  ])('differ in the %s of a node', async (reason, text) => {
    const { nodes } = compareScans(await scanned(BEFORE), await scanned({ ...BEFORE, 'c.md': text }))
    expect(nodes.changed.map(({ before, after, reason: why }) => [before.path, after.path, why])).toEqual([
      ['c.md', 'c.md', reason],
    ])
  })

  test('do not differ in a link that moved to another line, but in a second one of the same', async () => {
    const before = await scanned(BEFORE)
    const moved = await scanned({ ...BEFORE, 'a.md': `${named('a')}\n\n[b](b.md)\n` })
    expect(compareScans(before, moved).links).toEqual({ added: [], removed: [] })
    const twice = { ...before, links: before.links.flatMap((link) => [link, link]) }
    expect(compareScans(before, twice).links.added).toHaveLength(1)
    expect(compareScans(twice, before).links.removed).toHaveLength(1)
  })
})

test('what a scan says of the one before it makes no difference', async () => {
  const result = await scanned(BEFORE)
  const orphan: Issue = { ruleId: 'orphan', severity: 'info', nodeIds: ['gone.md'], message: 'It is gone.' }
  const { issues } = compareScans({ ...result, issues: [orphan, ...result.issues] }, result)
  expect(issues).toEqual({ added: [], removed: [] })
})

describe('a dump of a scan', () => {
  test('is read as it was printed', async () => {
    const result = await scanned({ 'a.md': '---\nname: a\nbig: 12345678901234567890\nodd: "\\ud800"\n---\n' })
    expect(readScanDump(scanJson(result), 'dump.json')).toEqual(result)
  })

  test('that is no JSON, or no result of a scan, is refused with what is wrong', async () => {
    expect(() => readScanDump('{"nodes": [', 'cut.json')).toThrow(
      expect.objectContaining({ code: 'SCAN_DUMP_INVALID', message: expect.stringMatching(/^cut\.json is no JSON: /) }),
    )
    const { nodes: _, ...rest } = await scanned(BEFORE)
    expect(() => readScanDump(JSON.stringify({ ...rest, scope: 'moon' }), 'odd.json')).toThrow(
      expect.objectContaining({
        code: 'SCAN_DUMP_INVALID',
        message: 'odd.json is no result of a scan: 2 problem(s)',
        problems: expect.arrayContaining([expect.objectContaining({ pointer: '/scope' })]),
      }),
    )
  })
})
