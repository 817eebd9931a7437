import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

test('a bundle with a flipped byte does not install', async () => {
  const platform = await startPlatform()
  await platform.publish(
    await writePlugin(platform.home, {
      id: 'sound',
      files: { 'src/act.ts': 'export const act = async (): Promise<object> => ({})\n' },
    }),
  )
  const [blob = ''] = filesBelow(join(platform.home, 'registry-data')).filter((path) =>
    /blobs.*[0-9a-f]{64}$/.test(path),
  )
  const whole = readFileSync(blob)
  const flipped = Buffer.from(whole)
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1
  rmSync(blob)
  writeFileSync(blob, flipped)
  const refused = await platform.install('acme/sound')
  expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('BUNDLE_DIGEST_MISMATCH')])
  expect((await platform.admin('GET', '/workspace')).body.plugins).toEqual({})
  writeFileSync(blob, whole)
  expect((await platform.install('acme/sound')).code).toBe(0)
})
