import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { version } from '../version.ts'

/** The version of skill-map's specification that the map follows. */
const SKILL_MAP = '0.19.0'

/** Every engine of this machine that a plugin may name, with its version. */
export async function machineEngines(): Promise<Record<string, string>> {
  const python = await pythonVersion()
  return {
    tenon: version,
    node: process.versions.node,
    'skill-map': SKILL_MAP,
    ...(python === undefined ? {} : { python }),
  }
}

async function pythonVersion(): Promise<string | undefined> {
  const asked = promisify(execFile)('python3', ['--version'])
  const { stdout } = await asked.catch(() => ({ stdout: '' }))
  return /^Python (\d+\.\d+\.\d+)/.exec(stdout)?.[1]
}
