import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'

function folder() {
  const home = temporaryFolder()
  const cwd = join(home, 'work')
  mkdirSync(cwd)
  const tenon = tenonIn(home)
  const text = (path: string): string => readFileSync(join(cwd, path), 'utf8')
  return { home, cwd, text, sm: (...argv: string[]) => tenon(argv, { cwd, binary: 'sm' }) }
}

describe('sm init', () => {
  test('makes a map, keeps git from what is not for it, and scans', async () => {
    const { cwd, text, sm } = folder()
    writeFileSync(join(cwd, 'a.md'), '# A\n')
    writeFileSync(join(cwd, '.gitignore'), 'node_modules/')
    const { code, json } = await sm('init', '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({ scope: 'project', stats: { nodesCount: 1 }, elapsedMs: expect.any(Number) })
    expect(JSON.parse(text('.skill-map/settings.json'))).toEqual({ schemaVersion: 1 })
    expect(JSON.parse(text('.skill-map/settings.local.json'))).toEqual({})
    expect(statSync(join(cwd, '.skill-map/settings.local.json')).mode & 0o777).toBe(0o600)
    expect(text('.gitignore')).toBe('node_modules/\n.skill-map/settings.local.json\n.skill-map/skill-map.db\n')
    expect(text('.skillmapignore')).toMatch(/^# /)
    expect(existsSync(join(cwd, '.skill-map/skill-map.db'))).toBe(true)
  })

  test('refuses a second time, and with --force writes the settings anew and nothing else', async () => {
    const { cwd, text, sm } = folder()
    await sm('init', '--no-scan')
    const kept = { '.skillmapignore': 'drafts/\n', '.skill-map/settings.local.json': '{ "ignore": ["x/"] }\n' }
    for (const [path, content] of Object.entries(kept)) writeFileSync(join(cwd, path), content)
    writeFileSync(join(cwd, '.skill-map/settings.json'), '{ "ignore": ["y/"] }')
    const again = await sm('init')
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--force')])
    expect(text('.skill-map/settings.json')).toContain('y/')
    expect((await sm('init', '--force', '--no-scan', '-q')).stdout.split('\n')).toEqual([
      `wrote ${join(cwd, '.skill-map/settings.json')}`,
      `wrote ${join(cwd, '.skill-map/skill-map.db')}`,
      '',
    ])
    expect(text('.skill-map/settings.json')).not.toContain('y/')
    for (const [path, content] of Object.entries(kept)) expect(text(path)).toBe(content)
    expect(text('.gitignore').split('\n')).toHaveLength(3)
  })

  test('writes nothing when it is dry, and says what it would', async () => {
    const { cwd, sm } = folder()
    const { code, stdout } = await sm('init', '-n')
    expect([code, readdirSync(cwd)]).toEqual([0, []])
    expect(stdout).toMatch(/^would write .*settings\.json\n[^]*would scan\n$/)
    expect((await sm('init', '-n', '--json')).json()).toMatchObject({ dryRun: true, written: expect.any(Array) })
  })

  test('with -g begins the map of the home folder, and touches no project', async () => {
    const { home, cwd, sm } = folder()
    expect((await sm('init', '-g', '--no-scan')).code).toBe(0)
    expect([readdirSync(cwd), existsSync(join(home, '.gitignore'))]).toEqual([[], false])
    expect(readdirSync(join(home, '.skill-map')).sort()).toEqual([
      'settings.json',
      'settings.local.json',
      'skill-map.db',
    ])
  })

  test('when strict writes nothing while settings of the user have faults', async () => {
    const { home, cwd, sm } = folder()
    mkdirSync(join(home, '.skill-map'))
    writeFileSync(join(home, '.skill-map/settings.json'), '{ "sacn": 1 }')
    expect([(await sm('init', '--strict')).code, readdirSync(cwd)]).toEqual([2, []])
    expect((await sm('init')).code).toBe(0)
  })
})

describe('sm tutorial', () => {
  test('writes a page whose every command works, one after the other', async () => {
    const { cwd, text, sm } = folder()
    expect((await sm('tutorial', '--json')).json()).toEqual({ written: join(cwd, 'sm-tutorial.md') })
    const steps = text('sm-tutorial.md').matchAll(/(?:^Save this as `([^`]*)`:\n\n)?^```(?:md|sh|js)\n(.*?)^```$/gms)
    let commands = 0
    for (const [, path, content = ''] of steps) {
      if (path === undefined)
        for (const command of content.trimEnd().split('\n')) {
          const [binary, ...argv] = command.split(' ')
          const { code, stderr } = await sm(...argv)
          expect([command, binary, code, stderr.replace(/^done in .*\n$/, '')]).toEqual([command, 'sm', 0, ''])
          commands += 1
        }
      else {
        mkdirSync(dirname(join(cwd, path)), { recursive: true })
        writeFileSync(join(cwd, path), content)
      }
    }
    expect(commands).toBeGreaterThan(5)
    const { nodes, issues } = (await sm('scan', '--json')).json()
    expect([nodes.length, issues.map(({ ruleId }: { ruleId: string }) => ruleId)]).toEqual([4, ['broken-ref']])
  })

  test('is not written over another one, unless told so', async () => {
    const { cwd, text, sm } = folder()
    writeFileSync(join(cwd, 'sm-tutorial.md'), 'mine')
    expect([(await sm('tutorial')).code, text('sm-tutorial.md')]).toEqual([2, 'mine'])
    expect([(await sm('tutorial', '--force')).code, text('sm-tutorial.md')]).toEqual([0, expect.stringMatching(/^# /)])
  })
})
