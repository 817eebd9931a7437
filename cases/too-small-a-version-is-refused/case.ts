import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryRepository } from '@tenon/testkit'
import { tenonIn } from '../harness/tenon.ts'

const INPUT = 'plugins/greeter/schemas/echo.in.schema.json'

test('a version that promises more than it keeps is refused, with a document that shows it, until it is bumped', async () => {
  const { folder, commit, git } = temporaryRepository()
  const tenon = tenonIn(folder)
  const plugin = async (...words: string[]) => {
    const { code, stdout, stderr } = await tenon(['plugin', ...words])
    return [code, stdout + stderr]
  }
  const release = (version: string): void => {
    commit({})
    git('tag', `plugin/greeter/v${version}`)
  }
  expect((await plugin('new', 'greeter', '--publisher', 'acme'))[0]).toBe(0)
  expect(await plugin('bump', 'greeter', '--to', '1.0.0')).toEqual([0, expect.stringContaining('0.1.0 → 1.0.0')])
  release('1.0.0')
  expect(await plugin('validate', 'greeter')).toEqual([0, expect.stringContaining('ok   compatibility (1 checked)')])

  const schema = JSON.parse(readFileSync(join(folder, INPUT), 'utf8')) as { properties: object; required?: string[] }
  const properties = { ...schema.properties, tone: { enum: ['warm', 'cool'] } }
  writeFileSync(join(folder, INPUT), JSON.stringify({ ...schema, properties }))
  expect(await plugin('bump', 'greeter')).toEqual([0, expect.stringContaining('1.0.0 → 1.1.0')])
  release('1.1.0')

  // What 1.1.0 takes and 1.0.0 never knew counts as well.
  const colder = { ...schema.properties, tone: { enum: ['cool'] } }
  writeFileSync(join(folder, INPUT), JSON.stringify({ ...schema, properties: colder }))
  expect((await plugin('derive', 'greeter'))[0]).toBe(0)
  const refused = [1, expect.stringMatching(/1\.1\.0 is too small after 1\.1\.0: .*\/tone: the value "warm" was taken/)]
  expect(await plugin('validate', 'greeter')).toEqual(refused)
  expect(await plugin('pack', 'greeter')).toEqual(refused)
  expect(await plugin('diff', 'plugin/greeter/v1.1.0', 'greeter')).toEqual([
    1,
    expect.stringMatching(
      /breaking +\/operations\/echo\/input\/tone: .*\n +such as \{.*"tone":"warm".*\}\n[^]*at least 2\.0\.0/,
    ),
  ])
  expect(await plugin('bump', 'greeter')).toEqual([0, expect.stringContaining('1.1.0 → 2.0.0')])
  expect((await plugin('validate', 'greeter'))[0]).toBe(0)
  expect((await plugin('pack', 'greeter'))[0]).toBe(0)
})
