import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { locationsOf } from '../src/compose/locations.ts'

const at = (cwd: string, env: Record<string, string> = {}) => simulatedWorld(1, { cwd, env })

test('without a project or flags it is the platform of this machine', () => {
  const cwd = temporaryFolder()
  const root = '/home/ada/.local/share/tenon'
  expect(locationsOf(at(cwd, { HOME: '/home/ada' }), {})).toEqual({
    home: root,
    owned: root,
    workspace: `${root}/workspace`,
    host: `${root}/host`,
    registry: `${root}/registry`,
    state: `${root}/host/state`,
  })
  expect(locationsOf(at(cwd, { HOME: '/home/ada', TENON_HOME: '/t' }), {}).owned).toBe('/t')
  expect(locationsOf(at(cwd, { TENON_HOME: 'beside' }), {}).owned).toBe(join(cwd, 'beside'))
  expect(locationsOf(at(cwd), {}).home).toBe(join(homedir(), '.local/share/tenon'))
})

test('it is the nearest project upward, whose keys and trust stay out of it', () => {
  const project = temporaryFolder()
  const deep = join(project, 'a/b')
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(project, 'tenon.json'), '{}')
  const found = locationsOf(at(deep, { TENON_HOME: '/t' }), {})
  expect(found).toEqual({
    home: '/t',
    owned: join(project, '.tenon/data'),
    workspace: project,
    host: join(project, '.tenon/data'),
    registry: '/t/registry',
    state: join(project, '.tenon/data/state'),
  })
  writeFileSync(join(deep, 'tenon.json'), '{}')
  expect(locationsOf(at(deep), {}).workspace).toBe(deep)
})

test('a named workspace goes before a named data folder, and that before a project', () => {
  const project = temporaryFolder()
  writeFileSync(join(project, 'tenon.json'), '{}')
  expect(locationsOf(at(project), { workspace: 'w', dataDir: '/d' }).workspace).toBe(join(project, 'w'))
  expect(locationsOf(at(project), { dataDir: '/d' }).workspace).toBe('/d/workspace')
})

test('a named data folder is a home of its own, unless TENON_HOME is set', () => {
  expect(locationsOf(at('/x', { HOME: '/home/ada' }), { dataDir: 'd' })).toMatchObject({ home: '/x/d', owned: '/x/d' })
  expect(locationsOf(at('/x', { TENON_HOME: '/t' }), { dataDir: 'd' })).toMatchObject({ home: '/t', owned: '/x/d' })
})

test('the workspace of a data folder is that of the platform there, however it is named', () => {
  const root = temporaryFolder()
  const workspace = join(root, 'workspace')
  mkdirSync(workspace)
  writeFileSync(join(workspace, 'tenon.json'), '{}')
  expect(locationsOf(at('/x'), { workspace }).owned).toBe(join(workspace, '.tenon/data'))
  mkdirSync(join(root, 'host'))
  writeFileSync(join(root, 'host/host.db'), '')
  const platform = locationsOf(at('/x'), { dataDir: root })
  expect(locationsOf(at('/x'), { workspace })).toEqual(platform)
  expect(locationsOf(at(workspace), {})).toEqual(platform)
})
