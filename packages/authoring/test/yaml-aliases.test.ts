import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { problemsOf, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()

/** Each name stands for ten of the one before. */
const BOMB = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]', ...'bcdef'].map((name, index) =>
  index === 0
    ? name
    : `${name}: &${name} [${Array(10)
        .fill(`*${'abcdef'[index - 1]}`)
        .join(', ')}]`,
)

test.each([
  ['of nothing', `pack: own\nversion: 1.0.0\nreleased: *nothing\nrules: []\n`, 3],
  ['of more than fits into memory', `${BOMB.join('\n')}\n`, 2],
])('an alias %s in YAML is a problem with its line', async (_what, text, line) => {
  const packs = temporaryFolder()
  write(packs, 'own/1.0.0/pack.yaml', text)
  const problems = await problemsOf(fresh(), packs)
  expect(problems).toContainEqual(
    expect.objectContaining({
      line,
      file: expect.stringContaining(join('own/1.0.0/pack.yaml')),
      message: expect.stringMatching(/alias/i),
    }),
  )
})
