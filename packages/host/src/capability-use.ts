import { printCapability, type Audit, type Capability, type Description } from '@tenon/contract'
import { recordingRefusal, type Attempt } from './audited.ts'
import type { Authority } from './authority.ts'

/** How often a process used what it is granted, by capability. */
export type UseCounts = Map<string, number>

/** One use of what is granted; `target` is the plugin whose keys or secrets it is about. */
export type Use = { capability: Capability; target: string; traceId: string }

/** Lets a use through that was asked for and granted, and gives what it opens. A refusal is recorded, of either. */
export type Admit = <T>(use: Use, open: () => T) => Promise<T>

/** The uses of one process. The first of each capability is recorded; all are counted. */
export function admitting(
  { authority, audit }: { authority: Authority; audit: Audit },
  plugin: Description,
  uses: UseCounts,
): Admit {
  return async ({ capability, target, traceId }, open) => {
    const name = printCapability(capability)
    const attempt: Attempt = {
      ...{ actor: `plugin:${plugin.id}`, action: 'capability.use', target },
      ...{ capability: name, traceId },
    }
    const opened = await recordingRefusal(
      audit,
      () => attempt,
      async () => {
        authority.insist(plugin, capability)
        return open()
      },
    )
    const before = uses.get(name) ?? 0
    uses.set(name, before + 1)
    if (before === 0) await recordFirst(audit, attempt)
    return opened
  }
}

/** What a plugin does all the time is recorded when a process first does it; how often it did is, when that ends. */
const recordFirst = (audit: Audit, attempt: Attempt): Promise<void> =>
  audit.record({ ...attempt, decision: 'allow', reason: 'first use by this process' })
