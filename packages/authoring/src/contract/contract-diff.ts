import type { PluginSpec, Problem } from '@tenon/contract'
import {
  compareContracts,
  leastBump,
  leastVersion,
  partsOf,
  type Bump,
  type Change,
  type Contract,
} from '@tenon/compat'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { assertedFor, readAssertions } from './assertions.ts'
import { contractOf } from './plugin-contract.ts'

/** A version of a plugin as it was read, wherever that was. */
export type PluginVersion = { spec: PluginSpec; folder: PluginFolder }

export type ContractDiff = {
  id: string
  from: string
  to: string
  changes: Change[]
  /** How many parts of the older contract the newer one has as they were. */
  unchanged: number
  bump: Bump
  /** The lowest version that may follow the older one. */
  least: string
  /** What is wrong with what people vouch for; it is not counted then. */
  problems: Problem[]
}

/** What changed from one version of a plugin to another. Throws SCHEMA_INVALID where a contract cannot be read. */
export function diffContracts(old: PluginVersion, next: PluginVersion): ContractDiff {
  const [before, after] = [contractOf(old.spec, old.folder), contractOf(next.spec, next.folder)]
  const { assertions, problems } = readAssertions(next.folder)
  const changes = compareContracts(before, after, assertedFor(assertions, before.version, after.version))
  return {
    id: next.spec.id,
    from: before.version,
    to: after.version,
    changes,
    unchanged: unchangedParts(before, changes),
    bump: leastBump(changes),
    least: leastVersion(before.version, changes),
    problems,
  }
}

const unchangedParts = (before: Contract, changes: readonly Change[]): number =>
  partsOf(before).filter((part) => !changes.some(({ where }) => where === part || where.startsWith(`${part}/`))).length

/** A change in one line, with the document that shows it where that is not long. */
export function changeLine({ where, why, witness }: Change): string {
  const document = witness === undefined ? '' : JSON.stringify(witness)
  const shown = document.length > WITNESS_CHARS ? `${document.slice(0, WITNESS_CHARS)}…` : document
  return [where, why, witness === undefined ? '' : `such as ${shown}`].filter((part) => part !== '').join(': ')
}

const WITNESS_CHARS = 120
