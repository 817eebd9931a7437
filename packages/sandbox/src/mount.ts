import { realpath } from 'node:fs/promises'
import { normalize } from 'node:path'
import { TenonError } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'

/** A folder or file of the host that a plugin may see. */
export type Mount = { source: string; target: string; readOnly: boolean }

/** The folders and files of the host that may be written to. */
export const writableSources = (mounts: readonly Mount[]): string[] =>
  mounts.filter(({ readOnly }) => !readOnly).map(({ source }) => source)

/** Where a workspace appears to what may see it. */
export const WORKSPACE_TARGET = '/workspace'

/** Where the profile puts its own things. */
const RESERVED = ['bin', 'dev', 'lib', 'lib64', 'node_modules', 'plugin', 'proc', 'python', 'run', 'tenon']

/** Resolves the sources and puts outer mounts before the ones inside them. */
export async function resolvedMounts(mounts: readonly Mount[]): Promise<Mount[]> {
  const resolved = mounts.map(async (mount) => ({ ...mount, source: await resolvedSource(mount.source) }))
  return (await Promise.all(resolved)).toSorted((a, b) => a.target.length - b.target.length)
}

/** Refuses targets that would hide what the profile itself puts there. */
export function refuseReserved(mounts: readonly Mount[]): void {
  for (const { target } of mounts)
    if (!isFreeTarget(target))
      throw new TenonError('PERMISSION_DENIED', `nothing of the host can be shown at ${JSON.stringify(target)}`, {
        hint: `Choose an absolute path that is not below ${RESERVED.map((name) => `/${name}`).join(', ')}.`,
      })
}

async function resolvedSource(source: string): Promise<string> {
  const path = await unlessFault(realpath(source), ABSENT, undefined)
  if (path !== undefined) return path
  throw new TenonError('PLUGIN_START_FAILED', `${source} is not there`, { hint: 'Make it, or take the grant away.' })
}

const isFreeTarget = (target: string): boolean =>
  target.startsWith('/') &&
  normalize(target) === target &&
  !target.endsWith('/') &&
  !target.includes('\0') &&
  !RESERVED.some((name) => `${target}/`.startsWith(`/${name}/`))
