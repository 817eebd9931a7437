import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

test('rolling back brings the previous version back, installed and answering', async () => {
  const platform = await startPlatform()
  const release = async (version: string): Promise<void> => {
    const act = `export const act = async (): Promise<object> => ({ version: '${version}' })\n`
    const root = await writePlugin(join(platform.home, version), {
      id: 'moving',
      spec: { version },
      files: { 'src/act.ts': act },
    })
    expect((await platform.publish(root)).code).toBe(0)
  }
  const answer = async (): Promise<unknown> => (await platform.admin('POST', '/gateway/moving/act', {})).body.version
  await release('1.0.0')
  await platform.install('acme/moving@^1')
  await platform.enable('moving')
  expect(await answer()).toBe('1.0.0')
  const lock = readFileSync(join(platform.workspace, 'tenon.lock'), 'utf8')
  await release('2.0.0')
  await platform.install('acme/moving@^2')
  expect(await answer()).toBe('2.0.0')
  const { code, stdout } = await platform.tenon(['plugin', 'rollback'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('moving 1.0.0')])
  expect(await answer()).toBe('1.0.0')
  expect(readFileSync(join(platform.workspace, 'tenon.lock'), 'utf8')).toBe(lock)
})
