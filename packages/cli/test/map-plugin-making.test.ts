import { existsSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mapProject, pluginFiles, type MapProject } from './map-project.ts'

/** What the plugin said of `a.md` in the scan that is held. */
function hits({ cwd }: MapProject): unknown {
  const db = new DatabaseSync(join(cwd, '.skill-map/skill-map.db'), { readOnly: true })
  const row = db
    .prepare("SELECT payload_json FROM scan_contributions WHERE node_path = 'a.md' AND plugin_id = ?")
    .get('my-words')
  db.close()
  return row === undefined ? undefined : JSON.parse(String(row['payload_json']))
}

describe('a plugin that was just created', () => {
  test('takes part in the next scan, and keeps to its settings', async () => {
    const map = mapProject({ 'a.md': 'TODO this, TODO that, FIXME.' })
    const { code, stdout } = await map.sm('plugins', 'create', 'my-words')
    expect([code, stdout.split('\n')]).toEqual([
      0,
      expect.arrayContaining([expect.stringMatching(/^wrote .*plugin\.json$/)]),
    ])
    const scan = await map.sm('scan')
    expect([scan.code, scan.stderr.replace(/^done in .*\n$/, ''), hits(map)]).toEqual([0, '', { value: 2 }])
    await map.sm('plugins', 'config', 'my-words', 'words', '["TODO","FIXME"]')
    await map.sm('scan')
    expect(hits(map)).toEqual({ value: 3 })
    expect((await map.sm('plugins', 'doctor')).code).toBe(0)
  })

  test('lies where it is told, in a folder of its name', async () => {
    const map = mapProject()
    await map.sm('plugins', 'create', 'my-words', '--at', 'plugins')
    await map.sm('plugins', 'create', 'others', '--at', 'elsewhere/others')
    for (const folder of ['plugins/my-words', 'elsewhere/others'])
      expect(existsSync(join(map.cwd, folder, 'plugin.json'))).toBe(true)
    const listed = await map.sm('plugins', 'list', '--json', '--plugin-dir', 'plugins', '--plugin-dir', 'elsewhere')
    expect(
      listed
        .json()
        .filter(({ source }: { source: string }) => source === 'given')
        .map(({ status }: { status: string }) => status),
    ).toEqual(['enabled', 'enabled'])
    await map.sm('plugins', 'create', 'mine', '-g')
    expect(existsSync(join(map.home, '.skill-map/plugins/mine/plugin.json'))).toBe(true)
  })

  test('writes over nothing unless it is told to, and takes no id that is taken', async () => {
    const map = mapProject(pluginFiles('probe'))
    await map.sm('plugins', 'create', 'my-words')
    writeFileSync(join(map.cwd, '.skill-map/plugins/my-words/README.md'), 'mine')
    const again = await map.sm('plugins', 'create', 'my-words')
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/FILE_EXISTS.*README\.md/)])
    expect(map.text('.skill-map/plugins/my-words/README.md')).toBe('mine')
    expect((await map.sm('plugins', 'create', 'my-words', '--force')).code).toBe(0)
    expect(map.text('.skill-map/plugins/my-words/README.md')).not.toBe('mine')
    for (const [id, code] of [
      ['core', 'PLUGIN_EXISTS'],
      ['My_Words', 'REFERENCE_INVALID'],
      ['../out', 'REFERENCE_INVALID'],
    ] as const) {
      const refused = await map.sm('plugins', 'create', id)
      expect([id, refused.code, refused.stderr]).toEqual([id, 2, expect.stringContaining(code)])
    }
    expect((await map.sm('plugins', 'create', 'probe', '-g')).code).toBe(0)
    expect((await map.sm('plugins', 'create', 'probe', '--force')).stderr).toContain('PLUGIN_EXISTS')
  })
})

describe('an upgrade', () => {
  const upgrade = (manifest: object) => mapProject(pluginFiles('probe', { manifest })).sm('plugins', 'upgrade', 'probe')

  test('of a plugin for the present catalogue has nothing to do', async () => {
    const { code, stdout } = await upgrade({ catalogCompat: '^1.0.0' })
    expect([code, stdout]).toEqual([0, 'probe is for the catalogue 1.0.0\n'])
    expect((await mapProject().sm('plugins', 'upgrade', 'core')).code).toBe(0)
  })

  test('of a manifest that is no object is refused', async () => {
    const { sm } = mapProject({ '.skill-map/plugins/probe/plugin.json': '[]' })
    const { code, stderr } = await sm('plugins', 'upgrade', 'probe')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/UPGRADE_IMPOSSIBLE: .*plugin\.json holds no object\n/)])
  })

  test('that no migration leads to is refused, naming what stands in the way, and writes nothing', async () => {
    const settings = { shade: { type: 'colour', label: 'Shade' } }
    const map = mapProject(pluginFiles('probe', { manifest: { catalogCompat: '^0.9.0', settings } }))
    const before = map.text('.skill-map/plugins/probe/plugin.json')
    const { code, stderr } = await map.sm('plugins', 'upgrade', 'probe')
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/UPGRADE_IMPOSSIBLE: probe: .*"\^0\.9\.0".*"colour" of "shade"/),
    ])
    expect(map.text('.skill-map/plugins/probe/plugin.json')).toBe(before)
    expect((await map.sm('plugins', 'upgrade', 'nothing')).code).toBe(5)
  })
})
