import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

const flipped = (path: string): Buffer => {
  const bytes = readFileSync(path)
  return bytes.with(0, (bytes[0] ?? 0) ^ 1) as Buffer
}

/** Puts another file there with the same size and time. */
function swap(path: string): void {
  writeFileSync(`${path}.aside`, flipped(path))
  utimesSync(`${path}.aside`, TIME, TIME)
  renameSync(`${path}.aside`, path)
}

/** A time that can be put back to the nanosecond. */
const TIME = 1e9

const HARMS: [what: string, file: string, harm: (path: string) => void][] = [
  ['a changed byte', 'src/act.ts', (path) => (chmodSync(path, 0o644), writeFileSync(path, flipped(path)))],
  ['a file swapped for one of the same size and time', 'src/act.ts', swap],
  ['an added file', 'src/more.ts', (path) => writeFileSync(path, '')],
  ['a removed file', 'examples/act_request.json', (path) => rmSync(path)],
  [
    'a link to the same bytes',
    'src/act.ts',
    (path) => (renameSync(path, join(path, '../../../act.ts')), symlinkSync('../../act.ts', path)),
  ],
]

test('whatever was done to a file in the store, the plugin does not start, and the ledger names the file', async () => {
  const platform = await startPlatform()
  const files = { 'src/act.ts': 'export const act = async (): Promise<object> => ({})\n' }
  await platform.publish(await writePlugin(platform.home, { id: 'sound', files }))
  await platform.install('acme/sound')
  const store = join(platform.workspace, '.tenon/store')
  const [digest = ''] = readdirSync(store)
  const bundle = join(store, digest)
  const whole = join(platform.home, 'whole')
  cpSync(bundle, whole, { recursive: true })
  const refusals = async (): Promise<{ reason: string; details: object }[]> =>
    (await platform.admin('GET', '/admin/audit?action=plugin.refused')).body.items
  const restarted = async () => {
    await platform.admin('POST', '/admin/plugins/sound/disable')
    await platform.enable('sound')
    return platform.admin('POST', '/gateway/sound/act', {})
  }
  for (const [what, file, harm] of HARMS) {
    if (existsSync(join(bundle, 'files', file))) utimesSync(join(bundle, 'files', file), TIME, TIME)
    expect([what, (await restarted()).status]).toEqual([what, 200])
    harm(join(bundle, 'files', file))
    const { status, body } = await restarted()
    expect([what, status, body.code, body.detail]).toEqual([
      what,
      400,
      'BUNDLE_CONTENT_MISMATCH',
      expect.stringContaining(file),
    ])
    const [latest] = await refusals()
    expect([what, latest]).toEqual([
      what,
      expect.objectContaining({ reason: expect.stringContaining(file), details: { files: [file] } }),
    ])
    rmSync(bundle, { recursive: true })
    cpSync(whole, bundle, { recursive: true })
  }
  expect((await restarted()).status).toBe(200)
  expect(await refusals()).toHaveLength(HARMS.length)
})
