import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { openEventsStore } from '../src/compose/events-store.ts'
import { machineEngines } from '../src/compose/engines.ts'
import { serving, tenonIn } from './in-process.ts'

const NOISE = 'this is no database, but it is long enough to be taken for one\n'.repeat(4)

/** Threads and files that this process holds open now, as the kernel counts them. */
const held = (): { threads: number; files: string[] } => ({
  threads: readdirSync('/proc/self/task').length,
  files: readdirSync('/proc/self/fd').flatMap((name) => {
    const path = `/proc/self/fd/${name}`
    return existsSync(path) ? [path] : []
  }),
})

describe('a host that cannot open', () => {
  const broken: [file: string, text: string, code: string][] = [
    ['data/format', 'nonsense', 'DATA_FOLDER_CORRUPT'],
    ['data/workspace/tenon.json', '{', 'CONFIG_INVALID'],
    ['data/workspace/tenon.lock', '{', 'LOCK_INVALID'],
    ['data/trust.json', '[]', 'DATA_FOLDER_CORRUPT'],
    ['data/host/events.db', NOISE, 'DATA_FOLDER_CORRUPT'],
    ['data/keys/master.key', 'short', 'DATA_FOLDER_CORRUPT'],
    ['data/host/storage.db', NOISE, 'DATA_FOLDER_CORRUPT'],
    ['data/host/host.db', NOISE, 'DATA_FOLDER_CORRUPT'],
    ['data/keys/host-token.pem', 'no key', 'KEY_INVALID'],
  ]

  test.each(broken)(
    'because of %s names it, lets everything go, and opens once it is whole',
    async (name, text, code) => {
      const home = temporaryFolder()
      const tenon = tenonIn(home)
      const file = join(home, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      const before = held().threads
      for (const words of [
        ['plugin', 'list'],
        ['host', 'serve', '--port', '0'],
        ['up', '--once', '--port', '0'],
      ]) {
        const failed = await tenon([...words, '--data-dir', 'data'])
        expect([words, failed.code > 1, failed.stderr]).toEqual([
          words,
          true,
          expect.stringContaining(`error ${code}: `),
        ])
        expect([words, failed.stderr]).toEqual([words, expect.stringContaining(file)])
      }
      const world = wallWorld()
      for (let tries = 0; held().threads > before && tries < 200; tries += 1) await world.timer(10)
      expect(held().threads).toBeLessThanOrEqual(before)
      rmSync(file)
      const opened = await tenon(['plugin', 'list', '--data-dir', 'data'])
      expect([opened.code, opened.stderr]).toEqual([0, ''])
    },
  )

  test('and a registry likewise', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    for (const name of ['events.db', 'registry.db']) {
      const file = join(home, 'data/registry', name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, NOISE)
      const failed = await tenon(['registry', 'serve', '--data-dir', 'data', '--port', '0'])
      expect([failed.code, failed.stderr]).toEqual([5, expect.stringContaining(file)])
      rmSync(file)
    }
    const { url } = await serving(tenon, ['registry', 'serve', '--data-dir', 'data'])
    const second = await tenon(['registry', 'serve', '--data-dir', 'data', '--port', '0'], {
      signal: AbortSignal.abort('SIGTERM'),
    })
    expect([second.code, second.stderr]).toEqual([
      3,
      expect.stringMatching(new RegExp(`DATA_FOLDER_OWNED: .*/data/registry is owned by .* at ${url}\n`)),
    ])
  })
})

test('a store of events closes whole, and can be opened again', async () => {
  const folder = temporaryFolder()
  const before = held().files.length
  for (let round = 0; round < 3; round += 1) await (await openEventsStore(folder, wallWorld())).close()
  expect(held().files.length).toBeLessThanOrEqual(before + 2)
})

test('engines are those of this machine, python only where it is found', async () => {
  const here = await machineEngines(wallWorld())
  expect(here).toMatchObject({ node: process.versions.node, tenon: expect.any(String), 'skill-map': '0.19.0' })
  expect(here['python']).toMatch(/^3\.\d+\.\d+$/)
  expect(await machineEngines(wallWorld({ env: {} }))).not.toHaveProperty('python')
})
