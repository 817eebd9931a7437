import { realpathSync, statSync, type Stats } from 'node:fs'
import { covers, messageOf, TenonError, type Capability } from '@tenon/contract'
import { WORKSPACE_TARGET, type Mount } from '@tenon/sandbox'

/** The files and folders that a plugin sees: what is both asked and granted. The workspace appears as `/workspace`. */
export function fileMounts(asked: readonly Capability[], granted: readonly Capability[], workspace: string): Mount[] {
  const [asks, grants] = [asked.filter(isOfFiles), granted.filter(isOfFiles)]
  const both = [
    ...asks.filter((one) => grants.some((other) => includes(other, one))),
    ...grants.filter((one) => asks.some((other) => includes(other, one))),
  ]
  const isWritable = (one: FileCapability): boolean =>
    both.some((other) => includes(other, { ...one, action: 'fs:write' }))
  const mounts = new Map<string, Mount>()
  for (const one of both) {
    const mount = mountOf(one.target, workspace, !isWritable(one))
    if (mount !== undefined) mounts.set(mount.target, mount)
  }
  return [...mounts.values()]
}

type FileCapability = Capability & { target: string }

const isOfFiles = (one: Capability): one is FileCapability =>
  (one.action === 'fs:read' || one.action === 'fs:write') && one.target !== undefined

const isTree = (target: string): boolean => target.endsWith('/**')
const rootOf = (target: string): string => (isTree(target) ? target.slice(0, -3) || '/' : target)

/** Whether everything that one file capability means is meant by another. */
const includes = (outer: FileCapability, inner: FileCapability): boolean =>
  covers(outer, { action: inner.action, target: rootOf(inner.target) }) &&
  (!isTree(inner.target) || isTree(outer.target))

const WORKSPACE = '${workspace}'

/** Undefined when there is nothing to show. A path is one file; only a tree is a folder with what is in it. */
function mountOf(target: string, workspace: string, readOnly: boolean): Mount | undefined {
  const path = rootOf(target)
  const isOurs = path === WORKSPACE || path.startsWith(`${WORKSPACE}/`)
  // What belongs to a run, such as `${dataset}`, is nowhere for a plugin that answers calls.
  if (!isOurs && !path.startsWith('/')) return undefined
  if (!isOurs) refuseShadowed(path, workspace)
  const below = isOurs ? path.slice(WORKSPACE.length) : path
  const source = isOurs ? workspace + below : path
  const facts = factsOf(source)
  if (facts === undefined || facts.isDirectory() !== isTree(target)) return undefined
  refuseLink(source, isOurs ? realpathSync(workspace) + below : path)
  return { source, target: isOurs ? WORKSPACE_TARGET + below : path, readOnly }
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (cause) {
    throw new TenonError('PERMISSION_DENIED', `${path} cannot be shown: ${messageOf(cause)}`, {
      hint: 'Take the grant back, or mend what it names.',
      cause,
    })
  }
}

/** A link on the way could have been put there by a plugin that may write, and would show what nobody granted. */
function refuseLink(source: string, granted: string): void {
  const real = realpathSync(source)
  if (real !== granted)
    throw new TenonError('PERMISSION_DENIED', `${source} leads to ${real}, which is not what was granted`, {
      hint: 'Grant the path that it leads to.',
    })
}

/** What appears as `/workspace` is the workspace, so a folder of the machine by that name cannot be shown. */
function refuseShadowed(path: string, workspace: string): void {
  if (workspace !== WORKSPACE_TARGET && (path === WORKSPACE_TARGET || path.startsWith(`${WORKSPACE_TARGET}/`)))
    throw new TenonError(
      'PERMISSION_DENIED',
      `${path} cannot be shown, because ${WORKSPACE_TARGET} is the workspace to a plugin`,
      {
        hint: 'Grant it by a path with ${workspace}, or put it elsewhere.',
      },
    )
}
