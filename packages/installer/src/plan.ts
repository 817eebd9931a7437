import { assert, ownValue, parseReference, TenonError, type WorkspaceDocument } from '@tenon/contract'
import { requirementsOf, resolve, type Chosen, type Lockfile, type ResolveRequest } from '@tenon/resolver'
import type { OfferedRelease, PackageSource } from './source.ts'
import type { Workspace } from './workspace.ts'

export type Change = { id: string; from?: string; to?: string }

/** A plugin as it was chosen: its release, and the range under which it reaches each plugin that it needs. */
export type ChosenRelease = { id: string; release: OfferedRelease; edges: Chosen['edges'] }

/** What an installation would do; `apply` does it. */
export type InstallPlan = {
  /** The generation that the plan was made upon. */
  base: number
  document: WorkspaceDocument
  chosen: ChosenRelease[]
  changes: Change[]
  warnings: string[]
}

export type PlanOptions = {
  source: PackageSource
  /** Plugins to want from now on, by id or `publisher/id` with a range. */
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
  const offers = new Map<string, readonly OfferedRelease[]>()
  const releases = async (id: string): Promise<readonly OfferedRelease[]> => {
    const offered = await source.releases(id)
    offers.set(id, offered)
    return offered
  }
  const request: ResolveRequest = {
    name: 'tenon.json',
    deps: requirementsOf(plugins),
    optionalDeps: [],
    runtime,
    locked: lockedVersions(workspace.lock, Object.keys(add)),
    lockMode: 'prefer',
  }
  const resolution = await resolve({ releases }, request)
  if (!resolution.ok)
    throw new TenonError('RESOLVE_UNSATISFIABLE', resolution.message, {
      hint: resolution.fixes.length === 0 ? 'No single change would help.' : `Try: ${resolution.fixes.join('; or ')}.`,
      details: { fixes: resolution.fixes },
    })
  const chosen = Object.entries(resolution.plugins).map(([id, { version, edges }]): ChosenRelease => {
    const release = offers.get(id)?.find((one) => one.version === version)
    assert(release !== undefined, 'what is chosen was offered')
    return { id, release, edges }
  })
  refuseChangedContent(workspace.lock, chosen)
  return {
    base: workspace.generation.generation,
    document: { ...workspace.document, plugins },
    chosen,
    changes: changesBetween(workspace.generation.plugins, chosen),
    warnings: resolution.warnings,
  }
}

/** Whether a key of `tenon.json`, an id or `publisher/id`, names the same plugin as a reference. */
const namesSame = (key: string, reference: string): boolean => parseReference(key).id === parseReference(reference).id

function wantedPlugins(
  { document }: Workspace,
  add: Readonly<Record<string, string>>,
  remove: readonly string[],
): Record<string, string> {
  const before = Object.entries(document.plugins ?? {})
  const unknown = remove.find((reference) => !before.some(([key]) => namesSame(key, reference)))
  if (unknown !== undefined)
    throw new TenonError('PLUGIN_UNKNOWN', `"${unknown}" is not in tenon.json`, {
      hint: 'Run "tenon plugin list" to see what is installed.',
    })
  // What is wanted from now on replaces what was wanted of the same plugin, under whichever name.
  const replaced = [...remove, ...Object.keys(add)]
  const kept = before.filter(([key]) => !replaced.some((reference) => namesSame(key, reference)))
  return Object.fromEntries([...kept, ...Object.entries(add)].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const lockedVersions = (lock: Lockfile, except: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(lock.plugins)
      .filter(([id]) => !except.some((reference) => namesSame(id, reference)))
      .map(([id, { version }]) => [id, version]),
  )

/** A version that is locked has the content that the lock says, or the registry was tampered with. */
function refuseChangedContent(lock: Lockfile, chosen: readonly ChosenRelease[]): void {
  for (const { id, release } of chosen) {
    const locked = ownValue(lock.plugins, id)
    if (locked === undefined || locked.version !== release.version || locked.digest === release.digest) continue
    throw new TenonError(
      'BUNDLE_DIGEST_MISMATCH',
      `${id}@${release.version}: the registry offers ${release.digest}, tenon.lock says ${locked.digest}`,
      { hint: "A published version never changes. Ask the registry's operator before you trust it." },
    )
  }
}

type Installed = Readonly<Record<string, { version: string; digest: string }>>

function changesBetween(before: Installed, chosen: readonly ChosenRelease[]): Change[] {
  const after = new Map(chosen.map(({ id, release }) => [id, release]))
  const ids = [...new Set([...Object.keys(before), ...after.keys()])].toSorted()
  return ids.flatMap((id) => {
    const [from, to] = [ownValue(before, id), after.get(id)]
    if (from?.digest === to?.digest) return []
    return [
      { id, ...(from === undefined ? {} : { from: from.version }), ...(to === undefined ? {} : { to: to.version }) },
    ]
  })
}
