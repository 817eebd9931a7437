import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cardsIn, withPlugins } from './governed.ts'

test('any other byte of a card, the ledger and the registry is told, and so is one that is lost', async () => {
  const repository = await withPlugins('one')
  await repository.done('ids', 'seal')
  await repository.done('ids', 'registry')
  repository.commit({}, 'Seal')
  const [card = ''] = cardsIn(repository)
  const checks = {
    '.ledger/ids.jsonl': ['ledger', 'verify'],
    'ids/registry.yaml': ['ids', 'registry', '--check'],
    [`ids/cards/${card}`]: ['ids', 'registry', '--check'],
  }
  for (const check of Object.values(checks)) expect(await repository.tenon(...check)).toMatchObject({ code: 0 })
  const anyByte = fc.record({
    file: fc.constantFrom(...Object.keys(checks)),
    offset: fc.nat(),
    bits: fc.integer({ min: 1, max: 255 }),
  })
  await fc.assert(
    fc.asyncProperty(anyByte, async ({ file, offset, bits }) => {
      const path = repository.path(file)
      const bytes = readFileSync(path)
      const place = offset % bytes.length
      writeFileSync(path, bytes.with(place, (bytes[place] ?? 0) ^ bits))
      repository.commit({}, 'Harm')
      const { code } = await repository.tenon(...(checks[file] ?? []))
      repository.git('reset', '-q', '--hard', 'HEAD~1')
      expect(code).not.toBe(0)
    }),
    { numRuns: 12 },
  )
  for (const file of Object.keys(checks)) {
    rmSync(repository.path(file))
    repository.commit({}, 'Lose')
    expect([file, (await repository.tenon('ids', 'registry', '--check')).code]).not.toEqual([file, 0])
    repository.git('reset', '-q', '--hard', 'HEAD~1')
  }
})
