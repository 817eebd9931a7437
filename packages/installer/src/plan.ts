import { TenonError, type WorkspaceDocument } from '@tenon/contract'
import { requirementsOf, resolve, type Chosen, type Lockfile, type ResolveRequest } from '@tenon/resolver'
import type { OfferedRelease, PackageSource } from './source.ts'
import type { Workspace } from './workspace.ts'

export type Change = { id: string; from?: string; to?: string }

/** What an installation would do; `apply` does it. */
export type InstallPlan = {
  /** The generation that the plan was made upon. */
  base: number
  document: WorkspaceDocument
  chosen: Record<string, Chosen & { release: OfferedRelease }>
  changes: Change[]
  warnings: string[]
}

export type PlanOptions = {
  source: PackageSource
  /** Plugins to want from now on, by id with a range. */
  add?: Readonly<Record<string, string>>
  remove?: readonly string[]
  runtime: Readonly<Record<string, string>>
}

/** Resolves what the workspace wants, keeping what is locked where it fits. */
export async function planInstall(
  workspace: Workspace,
  { source, add = {}, remove = [], runtime }: PlanOptions,
): Promise<InstallPlan> {
  const plugins = wantedPlugins(workspace, add, remove)
  const request: ResolveRequest = {
    name: 'tenon.json',
    deps: requirementsOf(plugins),
    optionalDeps: [],
    runtime,
    locked: lockedVersions(workspace.lock, Object.keys(add)),
    lockMode: 'prefer',
  }
  const resolution = await resolve(source, request)
  if (!resolution.ok)
    throw new TenonError('RESOLVE_UNSATISFIABLE', resolution.message, {
      hint: resolution.fixes.length === 0 ? 'No single change would help.' : `Try: ${resolution.fixes.join('; or ')}.`,
      details: { fixes: resolution.fixes },
    })
  const chosen = Object.fromEntries(
    await Promise.all(
      Object.entries(resolution.plugins).map(
        async ([id, one]) => [id, { ...one, release: await offered(source, id, one.version) }] as const,
      ),
    ),
  )
  refuseChangedContent(workspace.lock, chosen)
  return {
    base: workspace.generation.generation,
    document: { ...workspace.document, plugins },
    chosen,
    changes: changesBetween(workspace.generation.plugins, chosen),
    warnings: resolution.warnings,
  }
}

function wantedPlugins(
  workspace: Workspace,
  add: Readonly<Record<string, string>>,
  remove: readonly string[],
): Record<string, string> {
  const plugins = { ...workspace.document.plugins, ...add }
  for (const id of remove) {
    const key = Object.keys(plugins).find((name) => name === id || name.endsWith(`/${id}`))
    if (key === undefined)
      throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not in tenon.json`, {
        hint: 'Run "tenon plugin list" to see what is installed.',
      })
    delete plugins[key]
  }
  return Object.fromEntries(Object.entries(plugins).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const lockedVersions = (lock: Lockfile, except: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(lock.plugins)
      .filter(([id]) => !except.some((name) => name === id || name.endsWith(`/${id}`)))
      .map(([id, { version }]) => [id, version]),
  )

async function offered(source: PackageSource, id: string, version: string): Promise<OfferedRelease> {
  const release = (await source.releases(id)).find((candidate) => candidate.version === version)
  if (release === undefined) throw new TenonError('PLUGIN_UNKNOWN', `${source.url} no longer offers ${id}@${version}`)
  return release
}

/** A version that is locked has the content that the lock says, or the registry was tampered with. */
function refuseChangedContent(lock: Lockfile, chosen: InstallPlan['chosen']): void {
  for (const [id, { version, release }] of Object.entries(chosen)) {
    const locked = lock.plugins[id]
    if (locked === undefined || locked.version !== version || locked.digest === release.digest) continue
    throw new TenonError(
      'BUNDLE_DIGEST_MISMATCH',
      `${id}@${version}: the registry offers ${release.digest}, tenon.lock says ${locked.digest}`,
      {
        hint: "A published version never changes. Ask the registry's operator before you trust it.",
      },
    )
  }
}

function changesBetween(
  before: Readonly<Record<string, { version: string; digest: string }>>,
  after: InstallPlan['chosen'],
): Change[] {
  const ids = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
  return ids.flatMap((id) => {
    const [from, to] = [before[id], after[id]]
    if (from !== undefined && to !== undefined && from.digest === to.release.digest) return []
    return [
      { id, ...(from === undefined ? {} : { from: from.version }), ...(to === undefined ? {} : { to: to.version }) },
    ]
  })
}
