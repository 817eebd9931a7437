import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { World } from '@tenon/contract'
import { version } from '../version.ts'

/** The version of skill-map's specification that the map follows. */
const SKILL_MAP = '0.19.0'

/** Every engine of this machine that a plugin may name, with its version. */
export async function machineEngines({ env }: World): Promise<Record<string, string>> {
  const python = await pythonVersion(env['PATH'])
  return {
    tenon: version,
    node: process.versions.node,
    'skill-map': SKILL_MAP,
    ...(python === undefined ? {} : { python }),
  }
}

async function pythonVersion(path = ''): Promise<string | undefined> {
  const asked = promisify(execFile)('python3', ['--version'], { env: { PATH: path } })
  const { stdout } = await asked.catch(() => ({ stdout: '' }))
  return /^Python (\d+\.\d+\.\d+)/.exec(stdout)?.[1]
}
