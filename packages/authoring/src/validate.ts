import { dirname, join } from 'node:path'
import { TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { deriveFiles, driftOf } from './derive.ts'
import type { Checked, Gate, Subject } from './gate.ts'
import { checkBaseline } from './gates/baseline.ts'
import { checkChangelog } from './gates/changelog.ts'
import { checkLinks } from './gates/links.ts'
import { checkNamedFiles } from './gates/named-files.ts'
import { checkOperations } from './gates/operations.ts'
import { checkOwners } from './gates/owners.ts'
import { checkPolicyLimits } from './gates/policy-limits.ts'
import { checkRanges } from './gates/ranges.ts'
import { checkSchemas } from './gates/schemas.ts'
import { checkSettings } from './gates/settings.ts'
import { checkTree } from './gates/tree.ts'
import { readPluginFolder, specOf, type PluginFolder } from './plugin-folder.ts'
import { readPolicyPacks } from './policy-pack.ts'

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
  { gate: 'ranges', run: checkRanges },
  { gate: 'files', run: checkNamedFiles },
  { gate: 'schemas', run: checkSchemas },
  { gate: 'operations', run: checkOperations },
  { gate: 'owners', run: checkOwners },
  { gate: 'settings', run: checkSettings },
  { gate: 'changelog', run: checkChangelog },
  { gate: 'links', run: checkLinks },
]

/** What can only be told with packs that can be read. */
const GATES_OF_POLICY: Gate[] = [
  { gate: 'policy', run: checkPolicyLimits },
  { gate: 'derived', run: checkDerived },
]

/** The derived files that are there are as the spec implies; those that are not are the baseline's to tell. */
function checkDerived({ spec, packs, folder }: Subject): Checked {
  const isThere = (path: string | undefined): boolean => path !== undefined && folder.text(path) !== undefined
  return {
    checked: deriveFiles(spec, packs, folder).filter(({ path }) => isThere(path)).length,
    problems: driftOf(spec, packs, folder).filter(({ file }) => isThere(file)),
  }
}

/** Checks a plugin's folder at every gate. Nothing of the plugin is run. */
export async function validatePlugin(disk: Disk, root: string, policies: string): Promise<Validation> {
  if ((await disk.kind(root)) !== 'folder')
    throw new TenonError('PLUGIN_UNKNOWN', `there is no folder ${root}`, {
      hint: "Give the path of a plugin's folder.",
    })
  const folder = await readPluginFolder(disk, root)
  const { spec, problems } = specOf(folder)
  const read = await readPolicyPacks(disk, policies)
  const gates: GateReport[] = [
    { gate: 'spec', checked: 1, problems },
    { gate: 'policies', checked: read.packs.length + read.problems.length, problems: read.problems },
  ]
  const further = read.problems.length === 0 ? [...GATES, ...GATES_OF_POLICY] : GATES
  if (spec !== undefined)
    for (const { gate, run } of further) gates.push({ gate, ...run({ spec, folder, packs: read.packs }) })
  return { folder, spec, gates, problems: gates.flatMap((gate) => gate.problems) }
}

/** The policies that govern a plugin lie beside the folder of plugins, at the repository's root. */
export async function policiesFor(disk: Disk, root: string): Promise<string> {
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    const policies = join(folder, 'policies')
    if ((await disk.kind(policies)) === 'folder' || folder === dirname(folder)) return policies
  }
}
