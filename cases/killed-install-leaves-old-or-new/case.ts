import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { simulatedWorld } from '@tenon/testkit'
import { startPlatform, writePlugin } from '../harness/platform.ts'
import { repository, tenonIn } from '../harness/tenon.ts'

const KILLS = 10

test(`${KILLS} real kills at random instants leave the old generation or the new one`, async () => {
  const seed = Number(process.env['TENON_SEED'] ?? Math.floor(Math.random() * 1e9))
  console.log(`TENON_SEED=${seed}`)
  const chance = simulatedWorld(seed)
  const platform = await startPlatform()
  for (const version of ['1.0.0', '2.0.0'])
    await platform.publish(
      await writePlugin(join(platform.home, version), {
        id: 'moving',
        spec: { version },
        files: { 'src/act.ts': 'export const act = async (): Promise<object> => ({})\n' },
      }),
    )
  await platform.install('acme/moving@^1')
  await platform.host.stop()
  const env = { TENON_REGISTRY_URL: platform.registry.url }
  const install = ['plugin', 'install', 'acme/moving@^2']
  const seen: string[] = []
  for (let kill = 0; kill < KILLS; kill += 1) {
    const home = join(platform.home, `kill-${kill}`)
    const workspace = join(home, 'project')
    mkdirSync(home)
    cpSync(platform.workspace, workspace, { recursive: true, verbatimSymlinks: true })
    const delayMs = 250 + (((chance.random(2)[0] ?? 0) * 256 + (chance.random(2)[0] ?? 0)) % 900)
    const child = spawn(process.execPath, [`${repository}packages/cli/bin/tenon.mjs`, ...install], {
      cwd: workspace,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
      stdio: 'ignore',
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), delayMs)
    await once(child, 'exit')
    clearTimeout(timer)
    const tenon = tenonIn(home)
    const after = await tenon(['plugin', 'list', '--json'], { cwd: workspace, env })
    const { plugins } = (after.json() as { workspace: { plugins: Record<string, { version: string }> } }).workspace
    seen.push(plugins['moving']?.version ?? 'none')
    expect([after.code, after.stderr]).toEqual([0, ''])
    expect((await tenon(install, { cwd: workspace, env })).code).toBe(0)
  }
  expect(seen.filter((version) => version !== '1.0.0' && version !== '2.0.0')).toEqual([])
})
