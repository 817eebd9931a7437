import { existsSync } from 'node:fs'
import { covers, type Capability } from '@tenon/contract'
import type { Mount } from '@tenon/sandbox'

const isTree = (target: string): boolean => target.endsWith('/**')
const rootOf = (target: string): string => (isTree(target) ? target.slice(0, -3) : target)

/** Whether everything that one file capability means is meant by another. */
const includes = (outer: Capability, inner: Capability): boolean =>
  inner.target !== undefined &&
  covers(outer, { action: inner.action, target: rootOf(inner.target) }) &&
  (!isTree(inner.target) || isTree(outer.target ?? ''))

/** The folders that a plugin sees: what is both asked and granted. The workspace appears as `/workspace`. */
export function fileMounts(asked: readonly Capability[], granted: readonly Capability[], workspace: string): Mount[] {
  const both = [
    ...asked.filter((one) => granted.some((other) => includes(other, one))),
    ...granted.filter((one) => asked.some((other) => includes(other, one))),
  ].filter(({ action }) => action === 'fs:read' || action === 'fs:write')
  const mounts = new Map<string, Mount>()
  for (const { action, target = '' } of both) {
    const mount = mountOf(rootOf(target), workspace, action === 'fs:read')
    const known = mounts.get(mount.target)
    if (existsSync(mount.source))
      mounts.set(mount.target, { ...mount, readOnly: mount.readOnly && (known?.readOnly ?? true) })
  }
  return [...mounts.values()]
}

const mountOf = (path: string, workspace: string, readOnly: boolean): Mount => ({
  source: path.replace('${workspace}', workspace),
  target: path.replace('${workspace}', '/workspace'),
  readOnly,
})
