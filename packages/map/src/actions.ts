import { TenonError, type Json, type JsonObject, type World } from '@tenon/contract'
import type { Node } from './graph-schema.ts'
import { announcer, type Announce } from './kernel/hooks.ts'
import type { ScanEvent, Tell } from './kernel/events.ts'
import type { ExtensionSource } from './kernel/extension.ts'
import { openRegistry, type Registry } from './kernel/registry.ts'
import type { ScanOptions } from './kernel/run-scan.ts'
import { runAction, type CheckedOutcome } from './kernel/run-action.ts'
import { settingsByPlugin, type SettingsByPlugin } from './kernel/settings.ts'
import { identityProblems } from './sidecars/identity.ts'
import { presentNode, type LiveNode, type NodePlaces } from './sidecars/live-node.ts'
import { invalidSidecar, patched } from './sidecars/patch.ts'
import { changed, rewrite, type Edit } from './sidecars/rewrite.ts'
import { keyProblems, type Writer } from './sidecars/written-keys.ts'

export type Invoker = 'cli' | 'ui' | `plugin:${string}`

export type ActionsOptions = {
  places: NodePlaces
  world: World
  extensions: readonly ExtensionSource[]
  options?: Pick<ScanOptions, 'disabled' | 'settings' | 'secrets' | 'onEvent'>
}

export type ActionRequest = {
  /** `<plugin>/<action>`. */
  actionId: string
  node: Node
  input?: Json
  invoker: Invoker
}

export type ActionDone = { report: JsonObject & { ok: boolean }; wrote: boolean }

export type Actions = {
  /**
   * Runs an action on a node as it is now, writes what it asks for, then calls the hooks. All is written or nothing. Throws
   * ACTION_UNKNOWN, ACTION_REFUSED, NODE_UNKNOWN, OPERATION_FAILED, OUTPUT_INVALID, SIDECAR_BUSY, SIDECAR_CHANGED,
   * SIDECAR_INVALID or SIDECAR_UNWRITABLE.
   */
  run(request: ActionRequest): Promise<ActionDone>
}

/** Readies the actions of these extensions. Throws SCAN_FAILED where two plugins claim one root key of sidecars. */
export function openActions({ places, world, extensions, options = {} }: ActionsOptions): Actions {
  const { disabled = {}, settings: configured = {}, secrets = {}, onEvent } = options
  const tell: Tell = (type, data) => onEvent?.({ type, timestamp: world.now(), data } as ScanEvent)
  const registry = openRegistry(extensions, { keys: disabled.keys ?? [], kinds: disabled.kinds ?? [] })
  const settings = settingsByPlugin(extensions, { configured, secrets, env: world.env }, tell)
  const announce = announcer({ hooks: registry.hooks, settings, tell, now: () => world.now() })
  const stage = { world, registry, settings, announce, places }
  return { run: (request) => tried(() => done(stage, request)) }
}

type Stage = { world: World; registry: Registry; settings: SettingsByPlugin; announce: Announce; places: NodePlaces }

const TRIES = 3

/** An action is pure, so it runs again over what somebody else has written meanwhile. */
async function tried(run: () => Promise<ActionDone>, left = TRIES): Promise<ActionDone> {
  try {
    return await run()
  } catch (thrown) {
    if (left > 1 && thrown instanceof TenonError && thrown.code === 'SIDECAR_CHANGED') return tried(run, left - 1)
    throw thrown
  }
}

async function done(stage: Stage, { actionId, node, input = null, invoker }: ActionRequest): Promise<ActionDone> {
  const { world, registry, settings, announce } = stage
  const action = registry.actions.find(({ key }) => key === actionId)
  if (action === undefined) throw unknownAction(actionId, registry)
  const live = await presentNode(stage.places, node)
  const { absolute: nodeAbsolutePath, sidecar } = live
  refuseUnusable(live)
  const given = { input, node: live.node, nodeAbsolutePath, invoker, at: world.now() }
  const { report: checked, writes = [] } = await runAction(action, given, sidecar.absolute, settings)
  const writer = { pluginId: action.plugin.id, keys: registry.annotationKeys }
  const wrote = writes.length > 0 && (await rewrite(sidecar.absolute, world, editOf(live, writer, writes)))
  // An answer is JSON.
  const report = checked as ActionDone['report']
  await announce('action.completed', { actionId, nodePath: node.path, report, wrote }, live.node)
  return { report, wrote }
}

const unknownAction = (actionId: string, { actions }: Registry): TenonError =>
  new TenonError('ACTION_UNKNOWN', `there is no action "${actionId}"`, {
    hint: `There are: ${actions.map(({ key }) => key).join(', ')}.`,
  })

function refuseUnusable({ sidecar: { path, faults } }: LiveNode): void {
  if (faults.length === 0) return
  const problems = faults.map((message) => ({ pointer: '', code: 'SIDECAR_INVALID', message }))
  throw invalidSidecar(path, problems)
}

type Writes = NonNullable<CheckedOutcome['writes']>

/** What was written since the action saw the node it does not know, so it has to be asked again. */
const editOf =
  ({ node, sidecar }: LiveNode, writer: Writer, writes: Writes): Edit =>
  (seen) => {
    if (seen !== sidecar.text) throw changed(sidecar.absolute)
    let text = seen
    for (const { changes } of writes as { changes: JsonObject }[])
      text = patched({
        ...{ path: sidecar.path, before: text, changes },
        check: (before, after) => [...keyProblems(writer, changes, after), ...identityProblems(node, before, after)],
      })
    return text
  }
