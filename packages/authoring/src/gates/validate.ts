import { dirname, join } from 'node:path'
import { TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { checkAssets } from './assets.ts'
import { checkBaseline } from './baseline.ts'
import { checkBlocks } from './blocks.ts'
import { checkChangelog } from './changelog.ts'
import { checkChecksums } from './checksums.ts'
import { checkCompatibility } from './compatibility.ts'
import { checkDerived } from './derived.ts'
import { unlessNone, type Checked, type Gate, type Subject } from './gate.ts'
import { checkLinks } from './links.ts'
import { checkNamedFiles } from './named-files.ts'
import { checkOperations } from './operations.ts'
import { checkOwners } from './owners.ts'
import { checkPolicyLimits } from './policy-limits.ts'
import { checkProbes } from './probes.ts'
import { checkRanges } from './ranges.ts'
import { checkReferences } from './references.ts'
import { checkSchemas } from './schemas.ts'
import { checkSettings } from './settings.ts'
import { checkSnapshot } from './snapshot.ts'
import { checkTree } from './tree.ts'
import { checkWaivers } from './waivers.ts'
import type { Release } from '../contract/releases.ts'
import { readPluginFolder, specOf, type PluginFolder } from '../folder/plugin-folder.ts'
import { readPolicies, type PoliciesReading } from '../policy/policies.ts'

export type GateReport = Checked & { gate: string }

/** The folder as it was checked, what each gate has to say, and all problems together. */
export type Validation = {
  folder: PluginFolder
  spec: PluginSpec | undefined
  gates: GateReport[]
  problems: Problem[]
}

const GATES: Gate[] = [
  { gate: 'baseline', run: checkBaseline },
  { gate: 'tree', run: checkTree },
  { gate: 'assets', run: checkAssets },
  { gate: 'ranges', run: checkRanges },
  { gate: 'files', run: checkNamedFiles },
  { gate: 'schemas', run: checkSchemas },
  { gate: 'operations', run: checkOperations },
  { gate: 'owners', run: checkOwners },
  { gate: 'references', run: checkReferences },
  { gate: 'settings', run: checkSettings },
  { gate: 'changelog', run: checkChangelog },
  { gate: 'links', run: checkLinks },
  { gate: 'blocks', run: checkBlocks },
  { gate: 'compatibility', run: checkCompatibility },
]

/** What can only be told with policies that can be read. */
const GATES_OF_POLICY: Gate[] = [
  { gate: 'policy', run: checkPolicyLimits },
  { gate: 'waivers', run: checkWaivers },
  { gate: 'probes', run: checkProbes },
  { gate: 'snapshot', run: checkSnapshot },
  { gate: 'derived', run: checkDerived },
]

/** Last, since what other gates find is often why a file is not as it was listed. */
const CHECKSUMS: Gate = { gate: 'checksums', run: checkChecksums }

/**
 * Checks a plugin's folder at every gate, by a folder of policies, as of a moment in ms since the epoch: waivers expire.
 * Its contract is held to what of it was released. Nothing of the plugin is run.
 */
export async function validatePlugin(
  disk: Disk,
  root: string,
  policies: string,
  at: number,
  releases: readonly Release[] = [],
): Promise<Validation> {
  if ((await disk.kind(root)) !== 'folder')
    throw new TenonError('PLUGIN_UNKNOWN', `there is no folder ${root}`, {
      hint: "Give the path of a plugin's folder.",
    })
  return validateFolder(await readPluginFolder(disk, root), await readPolicies(disk, policies), { at, releases })
}

/** Checks a plugin's folder, as it was read, at every gate. */
export function validateFolder(
  folder: PluginFolder,
  read: PoliciesReading,
  { at, releases }: Pick<Subject, 'at' | 'releases'>,
): Validation {
  const { spec, problems } = specOf(folder)
  const { policies } = read
  const further = [...GATES, ...(read.problems.length === 0 ? GATES_OF_POLICY : []), CHECKSUMS]
  const gates = [
    told('spec', { checked: 1, problems }),
    told('policies', checkedPolicies(read)),
    ...(spec === undefined
      ? []
      : further.map(({ gate, run }) => told(gate, run({ spec, folder, policies, at, releases })))),
  ]
  return { folder, spec, gates, problems: gates.flatMap((gate) => gate.problems) }
}

function checkedPolicies({ policies: { packs, waivers }, problems }: PoliciesReading): Checked {
  return unlessNone('no pack governs it', { checked: packs.length + waivers.length + problems.length, problems })
}

/** A gate that looked at nothing and does not say why is as good as none. */
function told(gate: string, { problems, ...checked }: Checked): GateReport {
  if (checked.checked > 0 || problems.length > 0 || checked.idle !== undefined) return { gate, ...checked, problems }
  const message = `the gate "${gate}" found nothing to check`
  const hint = 'What it looks at is part of every such plugin.'
  return { gate, ...checked, problems: [{ pointer: '', file: '.', code: 'GATE_IDLE', message, hint }] }
}

/** The policies that govern a plugin lie beside the folder of plugins, at the repository's root. */
export async function policiesFor(disk: Disk, root: string): Promise<string> {
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    const policies = join(folder, 'policies')
    if ((await disk.kind(policies)) === 'folder' || folder === dirname(folder)) return policies
  }
}
