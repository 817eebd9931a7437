import type { JsonObject } from '@tenon/contract'
import type { Node } from '../graph-schema.ts'
import { deepFrozen } from './deep-frozen.ts'
import type { ScanEventData, Tell } from './events.ts'
import type { HookInput } from './inputs.ts'
import { answerFrom } from './answers.ts'
import type { LoadedHook } from './loaded-extension.ts'
import type { HookTrigger } from './manifest-schema.ts'
import type { SettingsByPlugin } from './settings.ts'

/** What hooks may be called at, but for jobs. */
type Announced = Extract<HookTrigger, keyof ScanEventData>

/** Tells an event, then calls the hooks that wait for it, one after the other. */
export type Announce = <Type extends Announced>(type: Type, data: ScanEventData[Type], node?: Node) => Promise<void>

type Hooks = { hooks: readonly LoadedHook[]; settings: SettingsByPlugin; tell: Tell; now: () => number }

export function announcer({ hooks, settings, tell, now }: Hooks): Announce {
  const call = async (hook: LoadedHook, told: HookInput): Promise<void> => {
    const values = settings.get(hook.plugin.id)
    if (values === undefined) return
    const { failure } = await answerFrom(() => hook.run(told, values))
    if (failure !== undefined) tell('extension.error', { extensionId: hook.key, kind: 'hook-error', message: failure })
  }
  return async (type, data, node) => {
    tell(type, data)
    const told = deepFrozen(toldOf(type, data as JsonObject, now(), node))
    for (const hook of hooks) if (waitsFor(hook, told)) await call(hook, told)
  }
}

function toldOf(type: Announced, data: JsonObject, timestamp: number, node: Node | undefined): HookInput {
  const { extractorId, ruleId, actionId } = data
  return {
    event: { type, timestamp, data: structuredClone(data) },
    ...(typeof extractorId === 'string' ? { extractorId } : {}),
    ...(typeof ruleId === 'string' ? { ruleId } : {}),
    ...(typeof actionId === 'string' ? { actionId } : {}),
    ...(node === undefined ? {} : { node }),
  }
}

/** Hooks that ask a model are jobs, never part of a scan. */
const waitsFor = ({ manifest: { mode, triggers, filter = {} } }: LoadedHook, { event }: HookInput): boolean =>
  mode !== 'probabilistic' &&
  triggers.includes(event.type) &&
  Object.entries(filter).every(([key, wanted]) => event.data[key] === wanted)
