import { assert, TenonError, type Audit, type World } from '@tenon/contract'
import type { InstalledPlugin, Installations } from './records.ts'

export type AdmissionPorts = { world: World; audit: Audit; installations: Installations }

/** Whether code of an installed plugin may run now, and what speaks against it. */
export type Verdict = { plugin: InstalledPlugin | undefined; refusals: readonly TenonError[] }

/** Undefined for what is not installed here. */
export async function verdictOn({ installations }: AdmissionPorts, id: string): Promise<Verdict | undefined> {
  if (!installations.ids().includes(id)) return undefined
  try {
    const { plugin, findings } = await installations.verify(id)
    return { plugin, refusals: findings }
  } catch (thrown) {
    if (thrown instanceof TenonError) return { plugin: undefined, refusals: [thrown] }
    throw thrown
  }
}

/** Checks a plugin before any of its code runs. Throws why it must not, after that is on disk. */
export async function admit(ports: AdmissionPorts, id: string): Promise<InstalledPlugin> {
  const { plugin, refusals } = (await verdictOn(ports, id)) ?? unknown(id)
  const [refusal] = refusals
  if (refusal !== undefined) {
    await recordRefused(ports, id, refusal)
    throw refusal
  }
  assert(plugin !== undefined, 'what cannot be read is refused')
  return plugin
}

function unknown(id: string): never {
  throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`)
}

const recordRefused = ({ audit, world }: AdmissionPorts, id: string, { code, message, problems }: TenonError) =>
  audit.record({
    ...{ actor: 'host', action: 'plugin.refused', target: id, decision: 'deny' },
    ...{ reason: `${code}: ${message.slice(0, REASON_LENGTH_MAX)}`, traceId: world.newId() },
    details: { files: problems.flatMap(({ file }) => file ?? []) },
  })

/** Names of files are whoever changed them's to choose. */
const REASON_LENGTH_MAX = 512
