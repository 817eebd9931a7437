import type { PluginSpec } from '@tenon/contract'
import { madeFiles } from '../fences/code-fences.ts'

const DOCUMENTS = ['ledger_contract.json', 'policy_snapshot.json', 'README_PLUGIN.md', 'healthcheck.md']

/** Files that are made where they are missing, all but the manifest that lists them. */
export const generatedFiles = (spec: PluginSpec): string[] => [...DOCUMENTS, ...madeFiles(spec)]
