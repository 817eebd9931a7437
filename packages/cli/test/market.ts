import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { writePlugin, type WrittenPlugin } from '../../../cases/harness/platform.ts'
import { serving, tenonIn, type Ended, type Served, type Surroundings, type Tenon } from './in-process.ts'

export type Market = {
  home: string
  /** An empty workspace; commands run in it unless they are told otherwise. */
  project: string
  registry: Served
  tenon: Tenon
  /** Writes a plugin of acme and publishes it. */
  publish(plugin: WrittenPlugin, folder?: string): Promise<Ended>
  /** Serves a host over the workspace. */
  host(argv?: readonly string[], surroundings?: Surroundings): Promise<Served>
}

export const ECHO = 'export const act = async (input: object): Promise<object> => ({ got: input })\n'

/** A registry that serves in this process, a publisher's token for it, and an empty workspace. */
export async function market(): Promise<Market> {
  const home = temporaryFolder()
  const project = join(home, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'tenon.json'), '{ "version": 1 }\n')
  const run = tenonIn(home)
  const registry = await serving(run, ['registry', 'serve', '--data-dir', 'registry-data'])
  const env = { TENON_REGISTRY_URL: registry.url }
  const tenon: Tenon = (argv, surroundings = {}) =>
    run(argv, { cwd: project, ...surroundings, env: { ...env, ...surroundings.env } })
  const made = await tenon(['admin', 'publisher', 'acme', '--json'], { env: { TENON_TOKEN: registry.adminToken } })
  const { token } = made.json() as { token: string }
  return {
    ...{ home, project, registry, tenon },
    publish: async (plugin, folder = 'written') => {
      const root = await writePlugin(join(home, folder), plugin)
      const published = await tenon(['plugin', 'publish', root, '--json'], { env: { TENON_TOKEN: token } })
      expect(published.stderr).toBe('')
      return published
    },
    host: (argv = [], surroundings) => serving(tenon, ['host', 'serve', ...argv], surroundings),
  }
}

/** Commands one after the other, each of which must be done without a complaint; answers what they print. */
export function stepper(tenon: Tenon) {
  return async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tenon(argv)
    expect([argv, code, stderr]).toEqual([argv, 0, ''])
    return stdout
  }
}
