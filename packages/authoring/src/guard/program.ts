// The guard as a file of its own: "node guard.mjs --base REV --head REV", and what the wrappers beside it import.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nodeDisk, openRepository, writeAside, type Repository } from '@tenon/bundle'
import { asTenonError, ERRORS, messageOf, TenonError, type Problem } from '@tenon/contract'
import { REGISTRY } from '../identity/identity-store.ts'
import { registryText } from '../identity/registry.ts'
import { governedState, sealedAt } from './governed-state.ts'
import { guardChange, guardState, type GuardReport } from './guard.ts'
import { commitOf, guardedRange } from './guarded-range.ts'

const OPTIONS = {
  base: { type: 'string' },
  head: { type: 'string' },
  merged: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/**
 * Does what the words say, in the repository of the working directory, and gives the exit status: the names of guards hold a
 * change to these alone, "state" a commit without a change, "registry" writes the registry; without a name a change is held to all.
 */
export async function run(words: string[]): Promise<number> {
  try {
    const { values, positionals } = readWords(words)
    const repository = await openRepository({ cwd: process.cwd(), env: process.env })
    if (positionals[0] === 'registry') return await writeRegistry(repository)
    const report = onlyOf(await reportOn(repository, values, positionals), positionals)
    process.stdout.write(values.json === true ? `${JSON.stringify(report)}\n` : `${reportText(report)}\n`)
    return report.problems.length === 0 ? 0 : 1
  } catch (thrown) {
    const { code, message, hint } = asTenonError(thrown)
    process.stderr.write(`error ${code}: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`)
    return ERRORS[code].exit
  }
}

function readWords(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (cause) {
    throw new TenonError('USAGE', messageOf(cause), { cause })
  }
}

type Values = { base?: string; head?: string; merged?: boolean }

async function reportOn(repository: Repository, values: Values, names: readonly string[]): Promise<GuardReport> {
  const known = ['immutability', 'structure', 'uniqueness', 'one artifact', 'state']
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TenonError('USAGE', `there is no guard "${unknown}"`, { hint: `Name some of ${known.join(', ')}.` })
  if (names.includes('state')) return guardState(repository, values.head ?? 'HEAD')
  return guardChange(repository, await guardedRange(repository, values))
}

/** Of a report, what the named guards found. */
function onlyOf({ guards, ...report }: GuardReport, names: readonly string[]): GuardReport {
  const wanted = names.filter((name) => name !== 'state')
  const kept = wanted.length === 0 ? guards : guards.filter(({ gate }) => wanted.includes(gate))
  return { ...report, guards: kept, problems: kept.flatMap(({ problems }) => problems) }
}

const reportText = ({ guards, problems }: GuardReport): string =>
  [
    ...guards.map(
      ({ gate, checked, problems: found }) => `${found.length === 0 ? 'ok  ' : 'FAIL'} ${gate} (${checked} checked)`,
    ),
    ...problems.map(problemText),
  ].join('\n')

/** What comes from a change must not steer a terminal. */
const problemText = ({ code, file, line, message, hint }: Problem): string =>
  [`${[file, line ?? []].flat().join(':')} ${code} ${message}`, hint === undefined ? '' : `(${hint})`]
    .join(' ')
    .trimEnd()
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${Number(char.codePointAt(0)).toString(16)}}`)

/** From the ledger that is committed; that of a working tree is the seal's. */
async function writeRegistry(repository: Repository): Promise<number> {
  const state = await governedState(repository, await commitOf(repository, 'HEAD'))
  await writeAside(nodeDisk, join(repository.folder, REGISTRY), registryText(await sealedAt(state)))
  return 0
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2))
