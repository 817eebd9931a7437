import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mapProject, pluginFiles, type Files, type MapProject } from './map-project.ts'

type Found = { check: string; level: string; message: string }

/** A project that was begun and scanned, whose user has every platform. */
async function begun(files: Files = {}): Promise<MapProject> {
  const map = mapProject({ 'a.md': 'A', '.agents/b.md': 'B', ...files })
  for (const platform of ['.claude', '.gemini']) mkdirSync(join(map.home, platform))
  if (!('.skill-map/settings.json' in files)) await map.sm('init')
  else await map.sm('scan')
  return map
}

async function examined(map: MapProject, ...words: string[]): Promise<{ code: number; findings: Found[] }> {
  const ended = await map.sm(...(words.length === 0 ? ['doctor'] : words), '--json')
  return { code: ended.code, findings: ended.json().findings }
}

function withDatabase({ cwd }: MapProject, sql: string): void {
  const db = new DatabaseSync(join(cwd, '.skill-map/skill-map.db'))
  db.exec(sql)
  db.close()
}

test('a map that was just made is well, and looking changes nothing', async () => {
  const map = await begun()
  const files = readdirSync(join(map.cwd, '.skill-map'))
  expect(await examined(map)).toEqual({ code: 0, findings: [] })
  expect((await map.sm('doctor')).stdout).toBe('all is well\n')
  expect(await examined(map, 'plugins', 'doctor')).toEqual({ code: 0, findings: [] })
  expect(readdirSync(join(map.cwd, '.skill-map'))).toEqual(files)
})

test('no database is a warning, and one that cannot be used is an error', async () => {
  const none = mapProject({ 'a.md': 'A' })
  const { code, findings } = await examined(none)
  expect([code, findings]).toEqual([1, expect.arrayContaining([expect.objectContaining({ check: 'database' })])])
  const map = await begun()
  writeFileSync(join(map.cwd, '.skill-map/skill-map.db'), 'no database, but long enough to be one\n'.repeat(9))
  const broken = await examined(map)
  expect([broken.code, broken.findings]).toEqual([2, [expect.objectContaining({ check: 'database', level: 'error' })]])
})

test('a database that miscounts its free pages is an error', async () => {
  const map = await begun()
  const file = join(map.cwd, '.skill-map/skill-map.db')
  const bytes = readFileSync(file)
  bytes.writeUInt32BE(5, 36)
  writeFileSync(file, bytes)
  expect(await examined(map)).toMatchObject({
    code: 2,
    findings: [{ check: 'database', level: 'error', message: expect.stringContaining('it is damaged') }],
  })
})

test('steps that a database lacks are a warning, and steps of a newer version an error', async () => {
  const map = await begun()
  withDatabase(map, "DELETE FROM tenon_migration WHERE id = 'map/2'")
  expect(await examined(map)).toMatchObject({ code: 1, findings: [{ check: 'migrations', level: 'warning' }] })
  withDatabase(map, "INSERT INTO tenon_migration VALUES ('map/2', 'x', 'x'), ('map/99', 'x', 'x')")
  expect(await examined(map)).toMatchObject({
    code: 2,
    findings: [{ check: 'migrations', level: 'error', message: expect.stringContaining('map/99') }],
  })
})

test('rows of nodes that are gone, and contents without jobs, are warnings', async () => {
  const map = await begun()
  withDatabase(map, "INSERT INTO state_node_favorites VALUES ('gone.md', 1), ('a.md', 1)")
  withDatabase(map, "INSERT INTO state_job_contents VALUES ('unused', 'x', 1)")
  withDatabase(
    map,
    `INSERT INTO state_jobs (id, action_id, action_version, node_id, content_hash, nonce, status, ttl_seconds, created_at)
     VALUES ('d', 'core/bump', '1', 'a.md', 'lost', 'n', 'queued', 1, 1)`,
  )
  const { code, findings } = await examined(map)
  expect([code, findings.map(({ check, message }) => `${check}: ${message}`)]).toEqual([
    1,
    [
      'orphans: something is kept of nodes that are gone: gone.md',
      'jobs: contents that no job has: unused',
      'jobs: jobs wait for contents that are gone: lost',
    ],
  ])
})

describe('plugins', () => {
  test('that cannot take part end with 1', async () => {
    const map = await begun({ '.skill-map/plugins/broken/plugin.json': '{}', ...pluginFiles('fine') })
    for (const words of [['plugins', 'doctor'], ['doctor']]) {
      const { code, findings } = await examined(map, ...words)
      expect([code, findings]).toEqual([
        1,
        [{ check: 'plugins', level: 'warning', message: expect.stringMatching(/^plugin broken: invalid-manifest — /) }],
      ])
    }
  })

  test('that are for what is not there are noted, and nothing more', async () => {
    const map = await begun(pluginFiles('probe', { extension: "applicableKinds: ['agent', 'agnet']," }))
    const env = { HOME: join(map.home, 'elsewhere') }
    const ended = await map.smIn({ env }, 'plugins', 'doctor')
    expect(ended.code).toBe(0)
    expect(ended.stdout).toMatch(/^note: claude\/claude looks into .*elsewhere\/\.claude, which is not there$/m)
    expect(ended.stdout).toMatch(/^note: probe\/mine is for nodes of kind "agnet", which no Provider has$/m)
    expect(ended.stdout).not.toMatch(/"agent"|core\/markdown/)
    expect((await map.smIn({ env }, 'doctor')).code).toBe(0)
  })

  test('that look into a home folder find nothing where there is none', async () => {
    const map = await begun()
    const env = { HOME: undefined, TENON_HOME: join(map.home, 'tenon') }
    for (const words of [['doctor'], ['plugins', 'doctor']]) {
      const { code, stdout } = await map.smIn({ env }, ...words)
      expect([words, code, stdout]).toEqual([
        words,
        0,
        expect.stringContaining('claude/claude looks into ~/.claude, which is'),
      ])
    }
  })

  test('whose settings do not fit, or whose switch is none, are told', async () => {
    const settings = {
      sacn: 1,
      plugins: { core: { enabled: false }, nothing: { enabled: true }, probe: { config: { typo: 1 } } },
    }
    const map = await begun({ '.skill-map/settings.json': JSON.stringify(settings), ...pluginFiles('probe') })
    const { code, findings } = await examined(map)
    expect([code, findings.map(({ level, message }) => `${level}: ${message}`)]).toEqual([
      1,
      [
        expect.stringMatching(/^warning: not taken: .*settings\.json:1 .*sacn/),
        'note: plugins.core.enabled switches nothing that is here',
        'note: plugins.nothing.enabled switches nothing that is here',
        'warning: probe: there is no setting "typo"',
      ],
    ])
  })
})
